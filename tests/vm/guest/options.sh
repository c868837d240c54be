# SPDX-License-Identifier: GPL-2.0
# Wrong options and arguments: exit status 2, and a message that says what is allowed.
. /tests/lib

# wrong TEXT COMMAND...
wrong() {
	refuse "$@"
	shift
	"$@" >/dev/null 2>&1
	[ $? = 2 ] || fail "exit status $? of: $*"
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
wrong "extra argument" ringcat task load
wrong "extra argument" ringcat --list task
wrong "allowed: list, show, create" ringctl
wrong "allowed: list, show, create" ringctl nothing
wrong "missing argument" ringctl show
wrong "extra argument" ringctl list task
wrong "source" ringctl create x
wrong "power of two" ringctl create x --source load --size 1T
wrong "percpu.*global" ringctl create x --source load --mode any
wrong "stop or start|start or stop" ringctl load
wrong "stop or start|start or stop" ringctl load pause
wrong "24 to 4096|multiple of 8" ringctl load start --bytes 25
wrong "0 to 1000000000" ringctl load start --rate x
wrong "record=" ringctl set task
wrong "record=" ringctl set task size=1

for tool in ringcat ringctl; do
	$tool -h >/tmp/said || fail "$tool -h"
	grep -q "Exit codes" /tmp/said || fail "$tool -h has no exit codes"
	$tool -V | grep -q "^module: ABI 1$" || fail "$tool -V: $($tool -V)"
done
