# SPDX-License-Identifier: GPL-2.0
# ringcat ends cleanly on INT and TERM, at once on a second one even when its reader is stuck, and
# at the end of a stream without events.
. /tests/lib

for signal in INT TERM; do
	ringcat task >/dev/null 2>/tmp/err &
	pid=$!
	wait_readers task 1 $pid
	kill -$signal $pid
	wait $pid || fail "$signal: exit status $?"
	grep -q "^ringcat: [0-9]* events, .* lost 0 (0 overwritten, 0 refused), 0 discarded" /tmp/err ||
		fail "$signal: $(cat /tmp/err)"
done

ringctl create flood --source load || fail "create"
mkfifo /tmp/pipe
# shellcheck disable=SC2217	# it keeps the pipe open
sleep 1000 </tmp/pipe &
sleeper=$!
ringcat flood >/tmp/pipe 2>/tmp/err &
pid=$!
wait_readers flood 1 $pid
ringctl load start flood --rate 10000 || fail "load start"
sleep 2
kill -INT $pid
usleep 300000
kill -0 $pid 2>/dev/null || fail "not stuck: $(cat /tmp/err)"
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "exit status $? after a second INT"
kill $sleeper
ringctl remove flood || fail "remove"

start=$(cut -d. -f1 /proc/uptime)
ringctl create idle --source load || fail "create"
ringcat --seconds 1.5 idle 2>/tmp/err || fail "--seconds: $(cat /tmp/err)"
[ $(($(cut -d. -f1 /proc/uptime) - start)) -ge 1 ] || fail "--seconds 1.5 ended early"
ringcat --verify -q --seconds 0.5 idle 2>/tmp/err
status=$?
[ $status = 3 ] || fail "nothing was verified, but the exit status was $status"
grep -q "verify: FAILED" /tmp/err || fail "$(cat /tmp/err)"
