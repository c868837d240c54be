# SPDX-License-Identifier: GPL-2.0
# timeout: 300
# Switches and wakeups have the right values, and reading them does not feed on itself.
. /tests/lib

# record COMMAND...: what the scheduler did with "wakes"; lines of it go to /tmp/said.
record() {
	ringctl create sched --source sched --size 8M || fail "create"
	filter sched comm=wakes || fail "filter"
	ringctl set sched record=always || fail "record"
	"$@" || fail "$*"
	ringctl set sched record=reading || fail "record"
	ringctl show sched | grep -q "overwritten *0$" || fail "too much"
	ringcat --snapshot -o json sched >/tmp/said 2>/tmp/err || fail "ringcat: $(cat /tmp/err)"
	ringctl remove sched || fail "remove"
	[ -s /tmp/said ] || fail "nothing"
}

# lines PATTERN...: how many have all of them
lines() {
	cp /tmp/said /tmp/left
	for pattern; do
		grep -E -- "$pattern" /tmp/left >/tmp/next
		mv /tmp/next /tmp/left
	done
	wc -l </tmp/left
}

record wakes count 200 >/tmp/known
read -r waker woken switches </tmp/known
n=$(lines '"event":"wakeup"' "\"pid\":$woken,\"tgid\":$woken,\"ppid\":$waker,\"uid\":0,\"comm\":\"wakes\",\"cgroup\":1,\"waker\":$waker,\"target_cpu\":1")
[ "$n" = 200 ] || fail "200 wakeups of $woken by $waker on CPU 1, $n reported"
n=$(lines '"event":"wakeup"' "\"pid\":$woken," "\"waker\":$waker,\"target_cpu\":0")
[ "$n" = 1 ] || fail "1 wakeup of the new process by its parent, $n reported"
# By the kernel's count; the last one, when it is dead, may be in that or not
n=$(lines '"event":"switch"' "\"prev_pid\":$woken,\"prev_tgid\":$woken,\"prev_comm\":\"wakes\",\"prev_state\":\"[^RZX]\"")
dead=$(lines "\"prev_pid\":$woken," '"prev_state":"[ZX]"')
echo "$woken gave up its CPU $switches times by the kernel's count, reported: $n, dead: $dead"
[ "$n" = "$switches" ] || [ $((n + 1)) = "$switches" ] || fail "switches"
[ "$dead" = 1 ] || fail "it died $dead times"
in=$(lines '"event":"switch"' "\"next_pid\":$woken,\"next_tgid\":$woken,\"next_uid\":0,\"next_comm\":\"(sh|wakes)\",\"next_cgroup\":1")
out=$(lines '"event":"switch"' "\"prev_pid\":$woken,")
[ "$in" = "$out" ] || fail "it came $in times and went $out times"
[ "$(lines "\"prev_pid\":$woken," '"cpu":1')" -ge 190 ] || fail "not on CPU 1"
unknown=$(lines "\"next_pid\":$woken," '"latency":0[,}]')
[ "$unknown" = 0 ] || fail "$unknown latencies are unknown"

record wakes latency >/tmp/known
read -r woken low high low2 high2 </tmp/known
sed -n "s/.*\"next_pid\":$woken,.*\"latency\":\([0-9]*\)[,}].*/\1/p" /tmp/said >/tmp/latencies
cat /tmp/known
sort -n /tmp/latencies | tail -3
awk -v low="$low" -v high="$high" -v low2="$low2" -v high2="$high2" '
	!woken && $1 >= low && $1 <= high { woken = 1; next }
	$1 >= low2 && $1 <= high2 { preempted = 1 }
	END { exit !(woken && preempted) }' /tmp/latencies || fail "latency"
[ "$(lines "\"prev_pid\":$woken," '"prev_state":"R"')" -ge 1 ] || fail "never preempted"

# A reader that every event wakes makes events by going to sleep; by being woken it makes none.
# Another channel sees that too.
ringctl create watch --source sched --size 8M || fail "create"
ringctl create sched --source sched || fail "create"
filter watch comm=reader || fail "filter"
ringctl set watch record=always || fail "record"
cp /bin/wakes /tmp/reader
(while :; do :; done) &
/tmp/reader reader sched 5 >/tmp/woken &
reader=$!
wait_readers sched 1
ringcat -o json sched >/tmp/said 2>/tmp/err &
ringcat=$!
wait $reader || fail "reader"
kill -TERM $ringcat
wait $ringcat || fail "ringcat: $(cat /tmp/err)"
ringcat --snapshot -o json watch >/tmp/watched || fail "ringcat watch"
own=$(lines '"event":"wakeup"' "\"pid\":$reader," '"waker":0,')
slept=$(lines '"event":"switch"' "\"prev_pid\":$reader," '"prev_state":"S"')
seen=$(grep '"event":"wakeup"' /tmp/watched | grep "\"pid\":$reader," | grep -c '"waker":0,')
echo "woken $(cat /tmp/woken) times, slept $slept times, of its wakeups it sees $own, another channel $seen"
[ "$(cat /tmp/woken)" -ge 100 ] && [ "$slept" -ge 50 ] && [ "$seen" -ge 50 ] || fail "not woken"
[ "$own" = 0 ] || fail "its own wakeup"
