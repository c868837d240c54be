# SPDX-License-Identifier: GPL-2.0
# What ringctl filter keeps out of a channel, and what ringcat --where leaves out of what came.
. /tests/lib

# is LINE...: the filter is these conditions
is() {
	ringctl filter task >/tmp/filter || fail "filter"
	printf '%s\n' "$@" | cmp -s - /tmp/filter || fail "the filter is $(cat /tmp/filter), not: $*"
	for line; do
		ringctl show task | grep -q "^filter  *$line$" || fail "show has no: $line"
	done
}
# tasks NAME: what a process with that name reports
tasks() {
	for i in 1 2 3; do
		"/tmp/$1" $i
	done
}
for name in chosen other "a b"; do
	echo '#!/bin/true' >"/tmp/$name" && chmod 755 "/tmp/$name" || fail "chmod"
done

ringcat task --where comm=chosen --where event=exec -n 2 --stats json >/tmp/said 2>/tmp/err &
pid=$!
wait_readers task 1 $pid
tasks other
tasks chosen
wait $pid || fail "--where: $(cat /tmp/err)"
[ "$(grep -c 'exec .*comm=chosen .*args=\[/bin/true /tmp/chosen [12]\]' /tmp/said)" = 2 ] || fail "--where: $(cat /tmp/said)"
[ "$(wc -l </tmp/said)" = 2 ] || fail "-n 2 gave $(cat /tmp/said)"
events=$(sed 's/.*"events":\([0-9]*\).*/\1/' /tmp/err)
filtered=$(sed 's/.*"filtered":\([0-9]*\).*/\1/' /tmp/err)
[ "$filtered" -ge 9 ] || fail "filtered: $(cat /tmp/err)"
[ "$events" = $((filtered + 2)) ] || fail "sum: $(cat /tmp/err)"
grep -q '"overwritten":0,"refused":0' /tmp/err || fail "lost: $(cat /tmp/err)"
ringcat task -q --snapshot 2>&1 | grep -q ", 0 filtered$" || fail "filtered without a condition"

is none
mkdir /tmp/groups && mount -t cgroup2 none /tmp/groups && mkdir /tmp/groups/mine || fail "cgroup2"
ringctl filter task comm=chosen 'comm!=a b' uid=root 'uid!=nobody' 'tgid!=1' pid!=0 cgroup=/tmp/groups || fail "set"
is comm=chosen 'comm!=a b' uid=0 uid!=65534 tgid!=1 pid!=0 "cgroup=$(stat -c %i /tmp/groups)"
refuse "no channel" ringctl filter nothing pid=1
refuse "ermission" as_nobody ringctl filter task pid=1

ringctl filter task comm=chosen comm=other || fail "set"
ringcat task -o json >/tmp/said 2>/tmp/err &
pid=$!
wait_readers task 1 $pid
tasks "a b"
tasks other
tasks chosen
wait_for 10 grep -q '"args":\["/bin/true","/tmp/chosen","3"\]' /tmp/said
ringctl filter task none || fail "none"
is none
tasks "a b"
wait_for 10 grep -q '"args":\["/bin/true","/tmp/a b","3"\]' /tmp/said
kill -TERM $pid
wait $pid || fail "ringcat: $(cat /tmp/err)"
# Up to the last one that was chosen, there is nothing else
sed '/"args":\["\/bin\/true","\/tmp\/chosen","3"\]/q' /tmp/said >/tmp/first
grep -vq '"comm":"\(chosen\|other\)"' /tmp/first && fail "came through: $(grep -v '"comm":"\(chosen\|other\)"' /tmp/first)"
for name in other chosen; do
	for i in 1 2 3; do
		grep '"event":"exec"' /tmp/first | grep -q "\"args\":\[\"/bin/true\",\"/tmp/$name\",\"$i\"\]" || fail "missing: $name $i"
	done
done
umount /tmp/groups || fail "umount"
