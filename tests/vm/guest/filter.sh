# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# Filters: each field, negated, several of them: what passes is exactly what should.
. /tests/lib

filter --refusals || fail "refusals"

cgroups=/tmp/cgroups
mkdir $cgroups
mount -t cgroup2 cgroup2 $cgroups || fail "mount"
mkdir -p $cgroups/upper/lower $cgroups/other || fail "mkdir"
mkfifo /tmp/ann.go /tmp/bob.go
chmod 644 /tmp/*.go

# passes CONDITION... -- EVENT...: the events of two processes, and of all that goes on beside them,
# that the filter lets pass; "EVENT:WHO", sorted.
passes() {
	rm -f /tmp/*.ready /tmp/*.ids
	filter --actor ann 1001 $cgroups/upper/lower/cgroup.procs &
	ann=$!
	filter --actor bob 1002 $cgroups/other/cgroup.procs &
	bob=$!
	wait_for 20 test -e /tmp/ann.ready
	wait_for 20 test -e /tmp/bob.ready
	ringctl create filtered --source task --size 256K || fail "create"
	conditions=
	while [ "$1" != -- ]; do
		conditions="$conditions $(eval "echo $1")"
		shift
	done
	shift
	# shellcheck disable=SC2086
	filter filtered $conditions || fail "filter$conditions"
	ringctl set filtered record=always || fail "record"
	# No byte into a fifo whose reader may be gone
	: >/tmp/ann.go
	: >/tmp/bob.go
	wait $ann || fail "ann"
	wait $bob || fail "bob"
	ringcat --snapshot -o json filtered >/tmp/said 2>/tmp/err || fail "ringcat: $(cat /tmp/err)"
	ringctl remove filtered || fail "remove"
	cat /tmp/ann.ids /tmp/bob.ids >/tmp/ids
	sed -n 's/.*"event":"\([a-z]*\)".*"pid":\([0-9]*\),"tgid".*/\1 \2/p' /tmp/said |
		awk 'BEGIN { while ((getline line <"/tmp/ids") > 0) { split(line, w, " "); who[w[1]] = w[2] } }
			{ print $1 ":" ($2 in who ? who[$2] : "someone") }' | sort | tr '\n' ' ' >/tmp/passed
	[ "$(cat /tmp/passed)" = "${*:+$* }" ] || {
		cat /tmp/said
		fail "filter$conditions: passed: $(cat /tmp/passed), expected: $*"
	}
	echo "$conditions: $(cat /tmp/passed)"
}

# shellcheck disable=SC2034,SC2086
all_ann="exit:ann exit:ann-child exit:ann-thread fork:ann-child fork:ann-thread"
all_bob="exit:bob exit:bob-child exit:bob-thread fork:bob-child fork:bob-thread"
all="exit:ann exit:ann-child exit:ann-thread exit:bob exit:bob-child exit:bob-thread \
fork:ann-child fork:ann-thread fork:bob-child fork:bob-thread"
upper=$(stat -c %i $cgroups/upper)
lower=$(stat -c %i $cgroups/upper/lower)
other=$(stat -c %i $cgroups/other)

# A fork passes if the parent or the child does
passes 'pid=$ann' -- exit:ann fork:ann-child fork:ann-thread
passes 'tgid=$ann' -- exit:ann exit:ann-thread fork:ann-child fork:ann-thread
passes uid=1001 -- $all_ann
passes comm=bob -- $all_bob
passes cgroup=$lower -- $all_ann
passes cgroup=$upper -- $all_ann
passes cgroup=$other -- $all_bob

# Of one field any, of several each
passes 'pid=$ann' 'pid=$bob' -- exit:ann exit:bob fork:ann-child fork:ann-thread fork:bob-child fork:bob-thread
passes comm=ann comm=bob -- $all
passes comm=ann comm=bob uid=1002 -- $all_bob
passes comm=ann uid=1002 --
passes comm=an --
passes uid=1003 --
passes cgroup=$lower cgroup=$other 'tgid=$bob' -- exit:bob exit:bob-thread fork:bob-child fork:bob-thread

# Negated: none
passes uid!=0 -- $all
passes uid!=0 uid!=1001 -- $all_bob
passes comm=ann comm!=ann --
passes comm=ann comm=bob comm!=ann -- $all_bob
passes 'pid!=$ann' uid=1001 -- exit:ann-child exit:ann-thread fork:ann-child fork:ann-thread
passes 'tgid!=$ann' uid=1001 -- exit:ann-child fork:ann-child
passes cgroup!=$upper uid!=0 -- $all_bob
passes cgroup!=1 --

# Without a filter all pass, the tools of this script too
ringctl create filtered --source task --record-always || fail "create"
filter filtered comm=nobody || fail "set"
/bin/busybox true
ringcat --snapshot -o json filtered >/tmp/said
before=$(grep -c '"event":"exec".*"busybox"' /tmp/said)
filter filtered || fail "clear"
/bin/busybox true
ringcat --snapshot -o json filtered | grep '"event":"exec".*"busybox"' >/tmp/said
[ "$(wc -l </tmp/said)" = $((before + 1)) ] || fail "no event without a filter"
umount $cgroups
