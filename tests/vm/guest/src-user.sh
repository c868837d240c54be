# SPDX-License-Identifier: GPL-2.0
# The source user: what programs write shows, with who they are; write() as the contract has it.
. /tests/lib

ringctl create user --source user --mode global --size 64K || fail "create"
src-user || fail "src-user"
[ ! -e /dev/kring/user ] || fail "not removed"

ringctl create user --source user || fail "create"
chmod 622 /dev/kring/user
ringcat -o json --from oldest user >/tmp/said 2>/tmp/err &
cat=$!
wait_open $cat user
echo "hello from the shell" >/dev/kring/user
as_nobody sh -c 'printf "\303\244 \"quoted\"\n\001" >/dev/kring/user; echo $$' >/tmp/nobody
refuse "ermission" as_nobody sh -c 'read x </dev/kring/user'
shows /tmp/said "root's" '"event":"message"' "\"pid\":$$,\"tgid\":$$,\"ppid\":[0-9]*,\"uid\":0,\"comm\":\"sh\",\"cgroup\":1," \
	'"text":"hello from the shell\\u000a"'
nobody=$(cat /tmp/nobody)
shows /tmp/said "nobody's" '"event":"message"' "\"pid\":$nobody,\"tgid\":$nobody,\"ppid\":[0-9]*,\"uid\":65534,\"comm\":\"sh\",\"cgroup\":1," \
	'"text":"ä \\"quoted\\"\\u000a\\u0001"'
ringctl filter user uid!=65534 || fail "filter"
as_nobody sh -c 'echo excluded >/dev/kring/user' || fail "a writer that is filtered is told"
ringctl filter user none || fail "filter"
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"
[ "$(wc -l </tmp/said)" = 2 ] || fail "more than two events: $(cat /tmp/said)"
ringctl remove user || fail "remove"

ringctl create user --source user --mode global --size 64K || fail "create"
src-user full || fail "src-user full"
ringctl remove user || fail "remove"
rmmod kring || fail "rmmod"
