# SPDX-License-Identifier: GPL-2.0
# Pages of a ring that the kernel refers to stay what they are when the mapping, the channel and the
# module are gone; nothing is written to a ring through them.
. /tests/lib

[ -b /dev/ram0 ] || insmod /modules/brd.ko rd_nr=1 rd_size=1024 || fail "no block device"
hostile_pin direct /dev/ram0 || fail "O_DIRECT"
hostile_pin uring /dev/ram0 || fail "io_uring"

for way in pipe socket; do
	mkfifo /tmp/go.$way
	hostile_pin $way </tmp/go.$way >/tmp/said.$way 2>&1 &
	pid=$!
	exec 3>/tmp/go.$way
	wait_for 20 grep -q pinned /tmp/said.$way
	rmmod kring || fail "rmmod, pinned by a $way"
	insmod /modules/kring.ko || fail "insmod"
	ringctl create other --source load --size 256K --record-always || fail "create"
	ringctl load start other --seconds 0.2 || fail "load"
	usleep 200000
	echo go >&3
	wait $pid || fail "$way: $(cat /tmp/said.$way)"
	exec 3>&-
	ringctl remove other || fail "remove"
done
