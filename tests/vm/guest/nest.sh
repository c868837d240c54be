# SPDX-License-Identifier: GPL-2.0
# needs: nmi
# timeout: 120
# A thread, a softirq, hard interrupts and NMIs write into one ring, each into the middle of the
# others' reservations; what comes out is whole, complete and in order.
. /tests/lib

for mode in 1 2; do
	insmod /modules/kring_nest.ko mode=$mode || fail "insmod"
	ringcat nest --verify -q 2>/tmp/said &
	pid=$!
	wait_readers nest 1
	nmi start
	sleep 8
	nmi stop
	kill -TERM $pid
	wait $pid || fail "ringcat: $(cat /tmp/said)"
	cat /tmp/said
	for context in task softirq hardirq nmi; do
		grep -q "producer 0 $context" /tmp/said || fail "nothing from $context"
	done
	nested=$(cat /sys/module/kring_nest/parameters/nested)
	echo "found another's reservation open (task,softirq,hardirq,nmi): $nested"
	echo "$nested" | grep -Eq '^0,[1-9][0-9]*,[1-9][0-9]*,[1-9][0-9]*$' || fail "no nesting"
	rmmod kring_nest || fail "rmmod"
done
