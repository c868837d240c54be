# SPDX-License-Identifier: GPL-2.0
# timeout: 200
# soak: 0
# Observers attach to an agent's ring and detach from it under load, hundreds of times: the agent's
# stream is untouched. Most of them are a small program, some are ringcat.
. /tests/lib

times=$((500 / ${SLOW:-1})) tools=5
[ -z "${SOAK_SECONDS:-}" ] || tools=100

# attach_all: while the agent is at work
attach_all() {
	consumer agent --hold
	agent=$pid
	wait_readers agent 1 $agent
	ringctl load start agent --cpus 0-1 --bytes "${SOAK_BYTES:-64}" "$@" || fail "load start"
	i=0
	while [ $i -lt $tools ]; do
		i=$((i + 1))
		attach agent $((times / tools)) || fail "attach"
		ringcat agent --from oldest -n $i --verify -q 2>/tmp/err || fail "ringcat: $(cat /tmp/err)"
		ringcat agent >/dev/null 2>&1 &
		wait_readers agent 2
		kill -KILL $!
		wait $!
	done
	wait_readers agent 1
	ringctl load stop agent || fail "load stop"
	close_sums agent "$agent" ""
	cat "/tmp/err.$agent"
}

# Room for some 20 s: that nothing is refused is not a matter of luck
ringctl create agent --source load --size 2M || fail "create"
attach_all --rate 1000
grep -q '"overwritten":0,"refused":0,' "/tmp/err.$agent" || fail "not untouched"
ringctl remove agent || fail "remove"

# Flat out: without the hold, much would be overwritten
ringctl create agent --source load --size 256K || fail "create"
attach_all
# Laps of the ring; an agent that keeps up need not have had any refused
[ "$(ringctl list | awk '$1 == "agent" { print $8 }')" -gt 50000 ] || fail "hardly a flood"
