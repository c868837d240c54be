# SPDX-License-Identifier: GPL-2.0
# A channel's clock: each is told, stamps its times, and is printed and merged as it can be; others are refused.
. /tests/lib

# uptime_ns: CLOCK_BOOTTIME, and CLOCK_MONOTONIC as well in a machine that never slept
uptime_ns() {
	awk '{ printf "%.0f\n", $1 * 1000000000 }' /proc/uptime
}

for clock in mono boot local none; do
	echo "== $clock"
	ringctl create c --source load --clock $clock --size 64K || fail "create"
	[ "$(ringctl show c | awk '$1 == "clock" { print $2 }')" = $clock ] || fail "show: $(ringctl show c)"

	before=$(uptime_ns)
	consumer c --hold
	holder=$pid
	consumer c
	observer=$pid
	ringcat -n 200 -o json c >/tmp/json 2>/tmp/err &
	json=$!
	ringcat -n 200 c >/tmp/text 2>/tmp/err &
	text=$!
	wait_readers c 4 $holder $observer $json $text
	ringctl load start c --cpus 0-1 --rate 2000 --seconds 1 || fail "load start"
	wait $json || fail "json: $(cat /tmp/err)"
	wait $text || fail "text: $(cat /tmp/err)"
	after=$(uptime_ns)
	sleep 1
	ringctl load stop c || fail "load stop"
	# --verify looks at the merged stream's times too where there is such
	close_sums c $holder $observer

	if [ $clock = none ]; then
		[ "$(grep -c '"time":null,"cpu":[01],' /tmp/json)" = 200 ] || fail "json: $(head -n 3 /tmp/json)"
		[ "$(grep -Ec '^\[[01]\] load ' /tmp/text)" = 200 ] || fail "text: $(head -n 3 /tmp/text)"
	else
		[ "$(grep -Ec '^[0-9]+\.[0-9]{9} \[[01]\] load ' /tmp/text)" = 200 ] || fail "text: $(head -n 3 /tmp/text)"
		sed 's/.*"time":\([0-9]*\),.*/\1/' /tmp/json >/tmp/times
		[ "$(wc -l </tmp/times)" = 200 ] || fail "json: $(head -n 3 /tmp/json)"
		# The scheduler's clock begins within a second of the boot; /proc/uptime has hundredths
		[ $clock = local ] && slack=1000000000 || slack=10000000
		awk -v low="$before" -v high="$after" -v slack=$slack '
			$1 < low - slack || $1 > high + slack { print "not of now: " $1; bad = 1 }
			END { exit bad }' /tmp/times || fail "from $before to $after"
		if [ $clock = local ]; then
			for cpu in 0 1; do
				grep "\"cpu\":$cpu," /tmp/json | sed 's/.*"time":\([0-9]*\),.*/\1/' >/tmp/times
				sort -n -c /tmp/times || fail "goes back on CPU $cpu"
			done
		else
			sort -n -c /tmp/times || fail "not sorted by time"
		fi
	fi

	ringctl remove c || fail "remove"
done

rmmod kring || fail "rmmod"
