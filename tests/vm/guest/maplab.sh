# SPDX-License-Identifier: GPL-2.0
# Six ways to map kernel memory: what programs can do with each is as Documentation/mapping.md says.
# To see the tables, and what each way costs: tests/vm/run --live this file
insmod /modules/kring_maplab.ko || exit 1
[ -b /dev/ram0 ] || insmod /modules/brd.ko rd_nr=1 rd_size=1024 || exit 1
status=0
for program in maplab_pages maplab_access maplab_cost; do
	$program || status=1
	echo
done
exit $status
