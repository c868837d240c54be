# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# No byte that nobody wrote on purpose, no address of the kernel: in new pages, records and answers.
. /tests/lib

hostile_leak pages || fail "pages"
hostile_leak answers || fail "answers"

ringctl remove task || fail "remove"
sources="task sched syscall log"
[ ! -d /sys/kernel/debug/kprobes ] || sources="$sources net file"
for source in $sources; do
	ringctl create $source --source $source --size 8M --record-always || fail "create $source"
done
ringctl create user --source user --mode global --size 64K --record-always || fail "create user"
# What each of them reports: processes that end in several ways, names long and short, all that is sent
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	sh -c "exit $i"
	sh -c "kill -$i \$\$"
	echo "<$i>line number $i $(printf "%$((i * 7))s" x)" >/dev/kmsg
	printf "%$((i * 3))s" $i >/dev/kring/user
	printf "%$((15007 - i))s" $i >/dev/kring/user
	src-net udp 127.0.0.1 $((i * 10)) 7 >/tmp/none
	src-net tcp ::1 1000 $i >/tmp/none
	src-net refused 127.0.0.1 >/tmp/none
done
mkdir -p /tmp/a/bb/ccc && echo x >/tmp/a/bb/ccc/d && mv /tmp/a/bb/ccc/d /tmp/a/e && rm -r /tmp/a || fail "files"
src-file long || fail "long"
for source in $sources; do
	hostile_leak records $source || fail "$source"
done
# Where records lie over earlier ones, of other sizes
hostile_leak records user >/tmp/said || fail "user: $(cat /tmp/said)"
grep -q "went round" /tmp/said || fail "user: hardly written to"
