# SPDX-License-Identifier: GPL-2.0
# Another module can report events: the one of Documentation/producer.md.
. /tests/lib

insmod /modules/kring_example.ko || fail "insmod"
refuse "in use|Resource temporarily unavailable" rmmod kring
ringcat -n 3 --from oldest example >/tmp/said 2>/tmp/err &
pid=$!
wait_readers example 1
for value in 42 -7 0x10; do
	echo $value >/sys/module/kring_example/parameters/value
done
wait $pid || fail "ringcat: $(cat /tmp/err)"
cat /tmp/said
grep -Eq "^[0-9]+\.[0-9]{9} \[[01]\] value pid=$$ value=42$" /tmp/said || fail "42"
grep -q "value=-7$" /tmp/said || fail "-7"
grep -q "value=16$" /tmp/said || fail "0x10"
grep -q "^ringcat: 3 events, 24 bytes in .* s; lost 0 " /tmp/err || fail "closing line: $(cat /tmp/err)"

# The producer's module may go while somebody reads: the reader comes to the end
ringcat -q example 2>/tmp/err &
pid=$!
wait_readers example 1
rmmod kring_example || fail "rmmod"
wait $pid || fail "ringcat at the end of the channel: $(cat /tmp/err)"
rmmod kring || fail "rmmod kring"
