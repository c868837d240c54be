# SPDX-License-Identifier: GPL-2.0
# timeout: 400
# soak: 0
# An agent that is restarted again and again under load, with a kept hold and a state: no event is
# missing but what the kernel refused, and none is there twice.
. /tests/lib

restarts=$((100 / ${SLOW:-1}))
[ -z "${SOAK_SECONDS:-}" ] || restarts=1000
agent="ringcat agent --hold --name agent --keep 60 --state /tmp/state --verify --stats json -o json"

# What the agent said, as "PRODUCER COUNTER", added to all that was said before
add() {
	sed -n 's/.*"kind":"event".*"counter":\([0-9]*\).*"producer":\([0-9]*\).*/\2 \1/p' /tmp/said >>/tmp/events
}
all_there() {
	$agent --seconds 1 >/tmp/said 2>/tmp/err || [ "$(value reported /tmp/err)" = 0 ] ||
		fail "the last one: $(cat /tmp/err)"
	add
	[ "$(value left /tmp/err)" = 0 ]
}

# So small that what nobody held would be overwritten at once
ringctl create agent --source load --size 128K --keep 60 || fail "create"
$agent -n 1 --from oldest >/tmp/said 2>/tmp/err &
pid=$!
wait_readers agent 1
ringctl load start agent --cpus 0-1 --bytes "${SOAK_BYTES:-64}" || fail "load start"
wait $pid || fail "the first one: $(cat /tmp/err)"
add
i=0
while [ $i -lt $restarts ]; do
	i=$((i + 1))
	if [ $((i % 8)) = 0 ]; then
		# Ended by a signal, wherever it is; what the last one said is not what it says
		rm /tmp/said
		$agent >/tmp/said 2>/tmp/err &
		pid=$!
		wait_for 20 test -s /tmp/said
		kill -TERM $pid
		wait $pid
	else
		$agent -n $((i * 7 % 97 + 1)) >/tmp/said 2>/tmp/err
	fi || fail "restart $i: exit status $?: $(cat /tmp/err)"
	add
	[ "$(value overwritten /tmp/err)" = 0 ] || fail "restart $i: held, yet overwritten: $(cat /tmp/err)"
	# Nobody is there, and it is recorded
	[ $((i % 10)) != 0 ] || [ "$(readers agent)" = 1 ] || fail "restart $i: $(ringctl show agent)"
done
ringctl load stop agent || fail "load stop"
wait_for 60 all_there
reported=$(ringctl show agent | awk '$1 == "events" { print $2 }')
awk -v reported="$reported" -v refused="$(refused agent)" '
	$2 < next_of[$1] + 0 { print "twice, or out of order: producer " $1 ", event " $2; bad = 1; exit }
	{ next_of[$1] = $2 + 1; events++ }
	END {
		print events + 0 " events, " refused " refused, of " reported
		exit bad || events + refused != reported
	}' /tmp/events || fail "missing or twice"
[ "$(wc -l </tmp/events)" -gt $((restarts * 40)) ] || fail "hardly any load"
