# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# The kernel log: each line with its level, time and text; what it drops before it was read counts.
. /tests/lib

echo "<4>before" >/dev/kmsg
ringctl create log --source log --size 4M || fail "create"
ringcat -o json --from oldest log >/tmp/said 2>/tmp/err &
ringcat=$!
wait_readers log 1 $ringcat

long=$(printf '%900s' "" | tr ' ' x)
echo "<3>known error \"quoted\" \\ back" >/dev/kmsg
echo "<14>known info of a user" >/dev/kmsg
echo "<191>known debug of local7" >/dev/kmsg
printf '<4>known first\nknown second\n' >/dev/kmsg
echo "<5>[    1.000000] known liar" >/dev/kmsg
echo "<5>known long $long end" >/dev/kmsg
echo 9 >/proc/sysrq-trigger	# the kernel itself says something
echo "<6>known last" >/dev/kmsg
wait_for 20 grep -q "known last" /tmp/said

# has LEVEL FACILITY TEXT: once, with the time that the log has for it
has() {
	n=$(grep -Fc "\"text\":\"$3\"" /tmp/said)
	[ "$n" = 1 ] || { cat /tmp/said; fail "$n lines: $3"; }
	line=$(grep -F "\"text\":\"$3\"" /tmp/said)
	echo "$line" | grep -q "\"event\":\"line\",\"fields\":{\"level\":$1,\"facility\":$2,\"written\"" ||
		fail "not level $1, facility $2: $line"
}
# written TEXT GREP: the same time as in dmesg
written() {
	time=$(dmesg | grep -F "$2" | sed -n '1s/^\[ *\([0-9]*\)\.\([0-9]*\)\].*/\1\2000/p')
	grep -F "$1" /tmp/said | grep -q "\"written\":$time,\"text\"" || fail "not written at $time: $1"
}
has 3 1 'known error \"quoted\" \\ back'
has 6 1 "known info of a user"
has 7 23 "known debug of local7"
has 4 1 "known first"
has 4 1 "known second"
has 5 1 "[    1.000000] known liar"
has 5 1 "known long $long end"
has 6 1 "known last"
written "known info" "known info"
written "known second" "known first"
written "known liar" "known liar"
has 6 0 "sysrq: Loglevel set to 9"
dmesg -n 8
grep -q before /tmp/said && fail "older than the reader"
kill -TERM $ringcat
wait $ringcat || fail "ringcat: $(cat /tmp/err)"
grep -q "lost 0 " /tmp/err || fail "lost: $(cat /tmp/err)"
ringctl remove log || fail "remove"

# Nobody else runs while both CPUs write more than the log can hold
dmesg -n 7			# the flood is not for the console
ringctl create log --source log --size 4M || fail "create"
before=$(logflood seq)
ringctl set log record=always || fail "record"
logflood 600 || fail "logflood"
echo "<7>known end" >/dev/kmsg
ended() {
	ringcat --snapshot -o json log >/tmp/said 2>/tmp/err && grep -q "known end" /tmp/said
}
wait_for 20 ended
ringctl set log record=reading || fail "record"
dmesg -n 8
after=$(logflood seq)
lines=$(grep -c '"event":"line"' /tmp/said)
flood=$(grep -c '"text":"flood [01] [0-9]* \.*"' /tmp/said)
ringctl show log >/tmp/shown
lost=$(sed -n 's/^refused .* \([0-9]*\) busy,.*/\1/p' /tmp/shown)
echo "$((after - before)) messages, $lines lines, $flood of the flood, lost: $lost"
[ "$flood" -gt 0 ] && [ "$flood" -lt 1200 ] || fail "no loss"
[ $((lines + lost)) = $((after - before)) ] || fail "messages"
[ $((flood + lost)) -ge 1200 ] || fail "loss is not exact"
ringctl remove log || fail "remove"
