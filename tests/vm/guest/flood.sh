# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# soak: 2
# The load flat out on 2 CPUs for 30 s or SOAK_SECONDS, per CPU and in one ring; three observers, one
# slow, one stopped for 5 s: the arithmetic of each closes, all is whole and in order.
. /tests/lib

seconds=${SOAK_SECONDS:-30}
[ "$seconds" -ge 30 ] || seconds=30

# A reader that takes 64 KiB fifty times a second
slowly() {
	while head -c 65536 >/tmp/taken && [ -s /tmp/taken ]; do
		usleep 20000
	done
}

for mode in percpu global; do
	ringctl create flood --source load --mode $mode || fail "create"
	mkfifo /tmp/pipe
	slowly </tmp/pipe &
	ringcat flood --verify -q 2>/tmp/fast &
	fast=$!
	ringcat flood --verify >/tmp/pipe 2>/tmp/slow &
	slow=$!
	ringcat flood --verify -q --stats json 2>/tmp/stopped &
	stopped=$!
	wait_readers flood 3 $fast $slow $stopped
	ringctl load start flood --cpus 0-1 --seconds "$seconds" || fail "load start"
	sleep 10
	kill -STOP $stopped
	sleep 5
	kill -CONT $stopped
	sleep $((seconds - 12))
	kill -TERM $fast $slow $stopped
	for who in fast slow stopped; do
		eval "wait \$$who" || fail "$mode, $who: $(cat /tmp/$who)"
		echo "== $mode, $who:"
		cat /tmp/$who
		grep -q "verify: ok" /tmp/$who || fail "$mode, $who"
	done
	grep -q '"overwritten":0,' /tmp/stopped && fail "$mode: nothing lost in 5 s of standstill"
	ringctl show flood
	ringctl remove flood || fail "remove"
	rm -f /tmp/pipe
done
