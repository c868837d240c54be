# SPDX-License-Identifier: GPL-2.0
# Process events have the right values: what the script does is what ringcat shows.
. /tests/lib

ringcat -o json --from oldest task >/tmp/said 2>/tmp/err &
pid=$!
wait_readers task 1 $!

sh -c 'exit 7' &
exited=$!
wait $exited
sleep 100 &
killed=$!
usleep 200000
kill -SEGV $killed
wait $killed
/bin/busybox echo "two words" '"quoted"' '' >/dev/null
as_nobody /bin/busybox true
long=$(printf '%3000s' '' | tr ' ' x)
/bin/busybox true "$long"
wait_for 10 grep -q '"args_cut":true' /tmp/said
kill -TERM $pid
wait $pid || fail "ringcat: $(cat /tmp/err)"

# has WHAT PATTERN...: one line has all of them
has() {
	what=$1
	shift
	cp /tmp/said /tmp/left
	for pattern; do
		grep -E -- "$pattern" /tmp/left >/tmp/next
		mv /tmp/next /tmp/left
	done
	[ -s /tmp/left ] || { cut -c1-400 /tmp/said; fail "no line for: $what"; }
}
has fork '"event":"fork"' "\"pid\":$exited,\"tgid\":$exited,\"ppid\":$$,\"uid\":0" "\"parent\":$$"
has exec '"event":"exec"' "\"pid\":$exited," '"file":"/proc/self/exe"' '"args":\["sh","-c","exit 7"\],"args_cut":false'
has exit '"event":"exit"' "\"pid\":$exited," '"code":7,"signal":0,"core":false'
has kill '"event":"exit"' "\"pid\":$killed," '"code":0,"signal":11'
has args '"file":"/bin/busybox","file_cut":false' '"args":\["/bin/busybox","echo","two words","\\"quoted\\"",""\]'
has uid '"event":"exec"' '"uid":65534,' '"args":\["/bin/busybox","true"\]'
has cut '"args":\["/bin/busybox","true","x*"\],"args_cut":true'
has cgroup '"cgroup":1,'
grep -v '^{"kind":"event","time":[0-9]*,"cpu":[01],.*}$' /tmp/said && fail "that is no event"

# In the order of time
sed 's/.*"time":\([0-9]*\),.*/\1/' /tmp/said >/tmp/times
sort -n /tmp/times | cmp - /tmp/times || fail "out of order"
[ "$(wc -l </tmp/said)" -gt 15 ] || fail "few events"
