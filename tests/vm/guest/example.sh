# SPDX-License-Identifier: GPL-2.0
# Another module can report events: the one of Documentation/producer.md.
. /tests/lib

insmod /modules/kring_example.ko || fail "insmod"
refuse "in use|Resource temporarily unavailable" rmmod kring
refuse "belongs to another module" ringctl remove example
ringcat -n 3 --from oldest example >/tmp/said 2>/tmp/err &
pid=$!
wait_readers example 1 $pid
for value in 42 -7 0x10; do
	echo $value >/sys/module/kring_example/parameters/value
done
wait $pid || fail "ringcat: $(cat /tmp/err)"
cat /tmp/said
grep -Eq "^[0-9]+\.[0-9]{9} \[[01]\] value pid=$$ value=42$" /tmp/said || fail "42"
grep -q "value=-7$" /tmp/said || fail "-7"
grep -q "value=16$" /tmp/said || fail "0x10"
grep -q "^ringcat: 3 events, 24 bytes in .* s; lost 0 " /tmp/err || fail "closing line: $(cat /tmp/err)"

# What a program writes; an event of a critical type; one that nobody could report
ringcat -n 2 example >/tmp/said 2>/tmp/err &
pid=$!
wait_readers example 1 $pid
refuse "out of range|too large" sh -c 'echo 99999999999 >/sys/module/kring_example/parameters/value'
if printf xyz >/dev/kring/example; then
	fail "a write of 3 bytes was not refused"
fi
printf '\052\0\0\0' >/dev/kring/example
printf '\377\377\377\377' >/dev/kring/example
wait $pid || fail "ringcat: $(cat /tmp/err)"
cat /tmp/said
grep -Eq " value pid=[0-9]+ value=42$" /tmp/said || fail "written"
grep -Eq " alarm pid=[0-9]+ value=-1$" /tmp/said || fail "alarm"
grep -q "; lost 1 (0 overwritten, 1 refused)" /tmp/err || fail "missed: $(cat /tmp/err)"

# The producer's module may go while somebody reads: the reader comes to the end
ringcat -q example 2>/tmp/err &
pid=$!
wait_readers example 1 $pid
rmmod kring_example || fail "rmmod"
wait $pid || fail "ringcat at the end of the channel: $(cat /tmp/err)"
rmmod kring || fail "rmmod kring"
