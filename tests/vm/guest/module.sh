# SPDX-License-Identifier: GPL-2.0
# The module loads, leaves nothing behind when it goes, and loads again; many times.
. /tests/lib

i=0
while [ $i -lt 10 ]; do
	[ -c /dev/kring/control ] || fail "no /dev/kring/control"
	rmmod kring || fail "rmmod"
	[ ! -e /dev/kring ] || fail "/dev/kring is still there: $(ls -R /dev/kring)"
	insmod /modules/kring.ko || fail "insmod"
	i=$((i + 1))
done
