# SPDX-License-Identifier: GPL-2.0
# Wrong options and arguments: exit status 2, and a message that says what is allowed.
. /tests/lib

# wrong TEXT COMMAND...
wrong() {
	refuse "$@"
	shift
	"$@" >/dev/null 2>&1
	status=$?
	[ $status = 2 ] || fail "exit status $status of: $*"
}
wrong "no channel given" ringcat
wrong "allowed: -o text" ringcat --nothing task
wrong "text or json" ringcat -o xml task
wrong "a number from 1" ringcat -n 0 task
wrong "a number from 1" ringcat -n 1x task
wrong "a number from 1" ringcat -n 99999999999999999999 task
wrong "newest or oldest" ringcat --from start task
wrong "0-3,5" ringcat --cpu 1- task
wrong "0-3,5" ringcat --cpu 3-1 task
wrong "econds" ringcat --seconds 0 task
wrong "econds" ringcat --seconds -1 task
wrong "text or json" ringcat --stats xml task
wrong "operators: = != <= >= < > ~" ringcat --where pid task
wrong "no event has a field 'no'.*event, cpu, .*comm" ringcat --where no=1 task
wrong "no event is called 'no'.*fork.*exec" ringcat --where event=no task
wrong "a number" ringcat --where pid=x task
wrong "cannot be compared by ~" ringcat --where cpu~1 task
wrong "a number, or a signal like SIGKILL" ringcat --where signal=KILL task
wrong "name needs --hold" ringcat --name x task
wrong "keep needs --hold" ringcat --keep 1 task
wrong "keep needs --name" ringcat --hold --keep 1 task
wrong "econds" ringcat --hold --name x --keep 0 task
wrong "1 to 31 characters" ringcat --hold --name "" task
wrong "state needs --hold" ringcat --state /tmp/state task
wrong "1 to 1000000" ringcat --busy-us 0 task
wrong "extra argument" ringcat task load
wrong "extra argument" ringcat --list task
wrong "allowed: list, show, create" ringctl
wrong "allowed: list, show, create" ringctl nothing
wrong "missing argument" ringctl show
wrong "extra argument" ringctl list task
wrong "source" ringctl create x
wrong "power of two" ringctl create x --source load --size 1T
wrong "percpu.*global" ringctl create x --source load --mode any
wrong "mono or boot or local or none" ringctl create x --source load --clock real
wrong "stop or start|start or stop" ringctl load
wrong "stop or start|start or stop" ringctl load pause
wrong "24 to 4096|multiple of 8" ringctl load start --bytes 25
wrong "0 to 1000000000" ringctl load start --rate x
wrong "record=" ringctl set task
wrong "record=" ringctl set task size=1
wrong "allowed options: --source" ringctl create x --source
wrong "allowed options: --holders" ringctl set task --size 64K
wrong "0 to 8" ringctl set task --holders 9
wrong "bytes from 1 to 1G" ringctl set task --lag 0
wrong "bytes from 1 to 1G" ringctl create x --source load --lag 2G
wrong "econds" ringctl set task --keep never
wrong "0 to 75" ringctl set task --critical-share 76
wrong "1 to 4294967295" ringctl load start --critical 0
wrong "missing argument" ringctl filter
wrong "pid, tgid, uid, comm or cgroup" ringctl filter task pid
wrong "pid, tgid, uid, comm or cgroup" ringctl filter task name=1
wrong "pid, tgid, uid, comm or cgroup" ringctl filter task pid=1 none
wrong "a number from 0" ringctl filter task pid=one
wrong "1 to 15 bytes" ringctl filter task comm=1234567890123456
wrong "a user that is there" ringctl filter task uid=nobody-at-all
wrong "No such file" ringctl filter task cgroup=/nothing
wrong "a directory of cgroup v2" ringctl filter task cgroup=/tmp
wrong "extra argument" ringctl filter task pid=1 pid=2 pid=3 pid=4 pid=5 pid=6 pid=7 pid=8 pid=9 \
	pid=10 pid=11 pid=12 pid=13 pid=14 pid=15 pid=16 pid=17

for tool in ringcat ringctl; do
	$tool -h >/tmp/said || fail "$tool -h"
	grep -q "Exit codes" /tmp/said || fail "$tool -h has no exit codes"
	$tool -V | grep -q "^module: ABI 2$" || fail "$tool -V: $($tool -V)"
done
