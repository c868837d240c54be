# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# A reader that keeps up costs the producer no wakeup per event: counted, with bounds of its own and
# with those of libring.
. /tests/lib

keeps_up || fail "wakeups"

ringctl create plain --source load || fail "create"
ringcat plain -q --stats json 2>/tmp/err &
pid=$!
wait_readers plain 1 $pid
ringctl load start plain --cpus 0 --rate 4000 --seconds 3 || fail "load start"
enough() {
	ringctl show plain | awk '$1 == "events" && $2 >= 4000 { enough = 1 } END { exit !enough }'
}
wait_for 60 enough
ringctl load stop plain
kill -TERM $pid
wait $pid || fail "ringcat: $(cat /tmp/err)"
cat /tmp/err
[ "$(value wakeups /tmp/err)" -gt 0 ] || fail "did not sleep"
[ $(($(value wakeups /tmp/err) * 2)) -lt "$(value reported /tmp/err)" ] || fail "a wakeup for each event or two"
