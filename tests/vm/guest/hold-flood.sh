# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# soak: 3
# Two holders and two observers on one ring, the load flat out on 2 CPUs, a third holder stopped in
# mid-stream until events are refused, then killed: holders lose nothing that was accepted, all agree on
# what was refused, the sums of all close. Then the ring of a dead holder: it is free for the others again.
. /tests/lib

same_refused() {
	before=$(refused free)
	usleep 1000000
	[ "$(refused free)" = "$before" ]
}
refuses() {
	[ "$(refused "$1")" -gt "$2" ]
}

for mode in percpu global; do
	ringctl create flood --source load --mode $mode --size 256K || fail "create"
	holders='' observers=''
	for _ in 1 2; do
		consumer flood --hold
		holders="$holders $pid"
		consumer flood
		observers="$observers $pid"
	done
	consumer flood --hold
	# shellcheck disable=SC2086
	wait_readers flood 5 $holders $observers $pid
	ringctl load start flood --cpus 0-1 --bytes "${SOAK_BYTES:-64}" || fail "load start"
	sleep $((${SOAK_SECONDS:-8} / 2))
	kill -STOP $pid
	wait_for 60 refuses flood 0
	kill -KILL $pid
	wait $pid
	sleep $((${SOAK_SECONDS:-8} / 2))
	ringctl load stop flood || fail "load stop"
	close_sums flood "$holders" "$observers"
	for who in $holders $observers; do
		grep -h '"stats"' "/tmp/err.$who" | tail -n 1
	done
	ringctl show flood | grep -E "^(events|overwritten|refused)"
	ringctl remove flood || fail "remove"
done

# One holder reads at once, the other stands still; then it is killed
ringctl create free --source load --size 64K --mode global || fail "create"
ringcat free --hold -q 2>/dev/null &
fast=$!
ringcat free --hold -q 2>/dev/null &
stands=$!
wait_readers free 2 $fast $stands
ringctl load start free --cpus 0 --rate 1000 || fail "load start"
kill -STOP $stands
wait_for 30 refuses free 100
kill -KILL $stands
wait $stands
wait_for 60 same_refused
kill -TERM $fast
wait $fast || fail "the other holder: exit status $?"
