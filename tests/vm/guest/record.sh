# SPDX-License-Identifier: GPL-2.0
# A channel records while somebody reads, or always; a snapshot shows what it has.
. /tests/lib

events() {
	ringctl list | awk '$1 == "task" { print $8 }'
}
churn() {
	for i in 1 2 3 4 5; do
		/bin/busybox true "$1" "$i"
	done
}

churn before
[ "$(events)" = 0 ] || fail "recorded while nobody read"
ringctl set task record=always || fail "set"
churn always
recorded=$(events)
[ "$recorded" -ge 10 ] || fail "does not record always: $recorded"
ringcat --snapshot task >/tmp/said 2>/tmp/err || fail "snapshot: $(cat /tmp/err)"
[ "$(grep -c 'args=\[.*true always [1-5]\]' /tmp/said)" = 5 ] || fail "snapshot: $(cat /tmp/said)"
grep -q before /tmp/said && fail "there is what was not recorded"
ringcat --snapshot --cpu 0 -q --stats json task 2>/tmp/cpu0 || fail "--cpu 0"
ringcat --snapshot --cpu 1 -q --stats json task 2>/tmp/cpu1 || fail "--cpu 1"
ringctl set task record=reading || fail "set back"
recorded=$(events)
churn after
[ "$(events)" = "$recorded" ] || fail "records although nobody reads"
ringcat --snapshot task | grep -q after && fail "recorded although nobody read"
ringcat --snapshot -n 3 task >/tmp/three 2>/tmp/err || fail "-n"
[ "$(wc -l </tmp/three)" = 3 ] || fail "-n 3 gave $(wc -l </tmp/three)"
ringcat --snapshot -n 3 task | cmp - /tmp/three || fail "two snapshots differ"

# The head of a stream, quietly
ringcat --from oldest task 2>/tmp/err | head -2 >/tmp/head
[ "$(wc -l </tmp/head)" = 2 ] || fail "head"
wait_readers task 0
grep -Eiq "pipe|error" /tmp/err && fail "not quiet: $(cat /tmp/err)"

# Signals: USR1 reports and goes on, TERM ends
ringcat -q task 2>/tmp/err &
pid=$!
wait_readers task 1 $pid
churn now
kill -USR1 $pid
wait_for 10 grep -q "events" /tmp/err
kill -0 $pid || fail "USR1 ended it"
kill -INT $pid
wait $pid || fail "INT: exit status $?"
[ "$(grep -c "^ringcat: [0-9]* events, " /tmp/err)" = 2 ] || fail "statistics: $(cat /tmp/err)"
