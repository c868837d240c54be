# SPDX-License-Identifier: GPL-2.0
# timeout: 240
# soak: 2
# Any calls in any order on the module's files, while the load runs and somebody verifies it.
. /tests/lib

ringctl create steady --source load --size 256K || fail "create"
consumer steady
verifies=$pid
wait_readers steady 1
ringctl load start steady --bytes 64 --rate 5000 || fail "load start"
# The seed is always the same, but in a soak; of each process it is printed
fuzz_calls "${SOAK_SECONDS:-8}" "$([ -z "${SOAK_SECONDS:-}" ] && echo 1 || date +%s)" || fail "fuzz_calls"
ringctl load stop steady || fail "load stop"
has_readers steady 1 || fail "files stay open: $(ringctl list)"
ringctl show steady | grep -q "^holds *0," || fail "holds stay: $(ringctl show steady)"
wait_for 60 all_read $verifies
kill -TERM $verifies
wait $verifies || fail "the reader: $(cat /tmp/err.$verifies)"
grep -q "verify: ok" /tmp/err.$verifies || fail "the reader: $(cat /tmp/err.$verifies)"
ringctl remove steady || fail "remove"
[ "$(ringctl list | grep -c load)" = 0 ] || fail "channels stay: $(ringctl list)"
