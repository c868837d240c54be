# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# soak: 3
# Positions and sequence numbers that begin just below every boundary that code could care about, each
# by itself and both at once: what runs over them gives the same results as what begins at 0.
. /tests/lib

events() {
	ringctl show s | awk '$1 == "events" { print $2 }'
}
past_all() {
	start_past s "$1" "$2" >/dev/null
}

# over POSITION SEQUENCE MODE: rings that begin 40000 bytes and 400 events before these, or at 0
over() {
	echo "== position $1, sequence $2, $3"
	rmmod kring || fail "rmmod"
	insmod /modules/kring_start.ko start_pos=$(($1 ? $1 - 40000 : 0)) start_seq=$(($2 ? $2 - 400 : 0)) ||
		fail "insmod"
	ringctl create s --source load --size 64K --mode "$3" --record-always || fail "create"

	# A holder ends before the boundary: at most 50 events are there, and twice 100 more
	while [ "$(events)" -lt 50 ]; do
		ringctl load start s --cpus 0-1 --rate 5000 --seconds 0.02 || fail "load start"
		usleep 20000
		ringctl load stop s || fail "load stop"
	done
	ringcat s --hold --state /tmp/state --from oldest -n 30 -q 2>/tmp/err || fail "$(cat /tmp/err)"

	before=$(events) holders='' observers=''
	for _ in 1 2; do
		consumer s --hold
		holders="$holders $pid"
		consumer s
		observers="$observers $pid"
	done
	# shellcheck disable=SC2086
	wait_readers s 4 $holders $observers
	ringctl load start s --cpus 0-1 --bytes "${SOAK_BYTES:-64}" || fail "load start"
	sleep $((${SOAK_SECONDS:-0} / 10 + 1))
	wait_for 60 past_all "$1" "$2"
	ringctl load stop s || fail "load stop"
	close_sums s "$holders" "$observers" "$before"
	start_past s "$1" "$2" stopped || fail "start_past"

	# What went over the boundary without it: it knows how much, to the event
	ringcat s --hold --state /tmp/state --snapshot -q --verify --stats json 2>/tmp/err || fail "$(cat /tmp/err)"
	[ "$(($(value events /tmp/err) + $(value overwritten /tmp/err) + $(value refused /tmp/err) + 30))" = \
		"$(events)" ] || fail "of $(events), 30 before: $(cat /tmp/err)"
	[ "$(value left /tmp/err)" = 0 ] || fail "left: $(cat /tmp/err)"
	[ "$(value overwritten /tmp/err)" -gt 0 ] || fail "hardly over it: $(cat /tmp/err)"
	rm /tmp/state
	ringctl remove s || fail "remove"
}

mode=global
for position in 0 2147483648 4294967296 34359738368 68719476736; do		# 2^31, 2^32, 2^35, 2^36
	for sequence in 0 2147483648 4294967296; do
		[ $mode = global ] && mode=percpu || mode=global
		over $position $sequence $mode
	done
done
