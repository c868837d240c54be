# SPDX-License-Identifier: GPL-2.0
# The limits of holds that ringctl sets, and who holds, as ringctl shows it; states from run to run.
. /tests/lib

# shows NAME LINE...: ringctl show has each of the lines
shows() {
	name=$1
	shift
	ringctl show "$name" >/tmp/shown || fail "show"
	for line; do
		grep -Eq "^$line$" /tmp/shown || fail "no line '$line': $(cat /tmp/shown)"
	done
}
holds() {
	ringctl list | awk -v name="$1" '$1 == name { print $NF }'
}
has_holds() {
	[ "$(holds "$1")" = "$2" ]
}

ringctl create plain --source load --size 64K || fail "create"
shows plain "holds +0, on a ring at most 8" "lag limit +none" "keep limit +none" "critical +0% of each ring" \
	"rings +2 of 2" "event +critical, type 2, 24 bytes, critical:"
ringctl create mine --source load --size 64K --holders 1 --lag 32K --keep 1.5 --critical-share 25 || fail "create"
shows mine "holds +0, on a ring at most 1" "lag limit +32K" "keep limit +1.5 s" "critical +25% of each ring"
ringctl set mine record=always --keep none --lag none --holders 2 || fail "set"
shows mine "holds +0, on a ring at most 2" "lag limit +none" "keep limit +none" "critical +25% of each ring" \
	"record +always"
ringctl set mine --critical-share 0 || fail "set"
shows mine "critical +0% of each ring" "holds +0, on a ring at most 2" "record +always"

# What cannot be set is not half done
refuse "ag" ringctl create other --source load --size 64K --lag 128K
[ ! -e /dev/kring/other ] || fail "left behind"
refuse "keep|day" ringctl set mine --keep 86401

# Holds: who, where, how long
ringctl set mine --keep 60 || fail "set"
ringcat mine --hold --name agent --keep 20 --from oldest >/dev/null 2>/tmp/err &
pid=$!
wait_for 20 has_holds mine 1
shows mine "holds +1, on a ring at most 2" "hold +agent of ringcat \(pid $pid\): 2 rings, 0 revoked, lags .*, keep 20 s"
refuse "agent|name|busy" ringcat mine --hold --name agent --keep 20 -n 1
kill -9 $pid
wait $pid
wait_for 20 ringctl set mine --holders 1
shows mine "holds +1, on a ring at most 1" "hold +agent of ringcat \(gone\): 2 rings, 0 revoked, lags .*, keep 20 s"
refuse "hold" ringcat mine --hold -n 1
ringcat mine --hold --name agent --from oldest --seconds 1 2>/tmp/err || fail "the kept hold: $(cat /tmp/err)"
wait_for 20 has_holds mine 0

# From run to run: each event once, and the state is behind the last one printed. The ring has room for all.
ringctl create long --source load --size 1M --record-always || fail "create"
ringcat long --hold --state /tmp/state -q --seconds 0.5 2>/tmp/err || fail "state: $(cat /tmp/err)"
ringctl load start long --rate 2000 --cpus 0 --seconds 1 || fail "load"
for n in 100 7 250; do
	ringcat long --hold --state /tmp/state -o json -n $n --verify >>/tmp/all 2>/tmp/err ||
		fail "from the state: $(cat /tmp/err)"
	[ ! -e /tmp/state.tmp ] || fail "state.tmp is left"
done
grep -v '"kind":"event"' /tmp/all && fail "lost"
sed 's/.*"counter":\([0-9]*\).*/\1/' /tmp/all | awk '$1 != NR - 1 { exit 1 }' || fail "not each event once"
[ "$(wc -l </tmp/all)" = 357 ] || fail "$(wc -l </tmp/all) lines"
refuse "state" ringcat plain --hold --state /tmp/state -n 1
echo nonsense >/tmp/nonsense
refuse "state" ringcat long --hold --state /tmp/nonsense -n 1
# Where not all was written, the state stays as it was
cp /tmp/state /tmp/before
refuse "not saved" sh -c 'ringcat long --hold --state /tmp/state --seconds 3 >/dev/full'
cmp /tmp/state /tmp/before || fail "saved although not all was written"

# The same with a hold that is kept, and the load going on: nothing is missed, nothing comes twice
ringctl set mine --holders 2 || fail "set"
ringctl load stop long
again() {
	ringcat mine --hold --name again --keep 60 --state /tmp/again -o json --where event=load "$@" >>/tmp/again.all 2>/tmp/err ||
		fail "again: $(cat /tmp/err)"
	grep -q "lost 0 .* 0 filtered" /tmp/err || fail "again: $(cat /tmp/err)"
}
again --seconds 0.1
ringctl load start mine --rate 100 --cpus 1 || fail "load"
for n in 1 2 3 4 5; do
	again --seconds 0.3
	again -n 3
	again --from oldest --busy-us 1000 &
	pid=$!
	wait_readers mine 1
	# shellcheck disable=SC2046
	wait_for 20 asleep $(pidof ringcat)
	# shellcheck disable=SC2046	# as above: as many as there are
	kill -TERM $(pidof ringcat)
	wait $pid || exit 1
done
ringctl load stop mine || fail "load stop"
again --snapshot
sed 's/.*"counter":\([0-9]*\).*/\1/' /tmp/again.all | awk '$1 != NR - 1 { exit 1 }' || fail "again: not each event once"
events=$(ringctl list | awk '$1 == "mine" { print $8 }')
[ "$(wc -l </tmp/again.all)" = "$events" ] || fail "again: $(wc -l </tmp/again.all) of $events events"

# Who lags further than is allowed is told so, once, and goes on as an observer
ringctl create lagging --source load --size 64K --lag 16K || fail "create"
ringcat lagging --hold --where event=critical >/tmp/said.text 2>/tmp/err.text &
text=$!
ringcat lagging --hold --where event=critical -o json >/tmp/said.json 2>/tmp/err.json &
json=$!
wait_for 20 has_holds lagging 2
usleep 500000
kill -STOP $text $json
ringctl load start lagging --cpus 1 || fail "load"
revoked() {
	ringctl show lagging | grep -q "^revoked  *2 holds$"
}
wait_for 20 revoked
ringctl load stop lagging || fail "load stop"
shows lagging "hold +without a name of ringcat \(pid $text\): 1 rings, 1 revoked, lags .*, keep none"
kill -CONT $text $json
wait_for 20 grep -q LOST /tmp/said.text
wait_for 20 grep -q lost /tmp/said.json
kill -TERM $text $json
wait $text || fail "text: $(cat /tmp/err.text)"
wait $json || fail "json: $(cat /tmp/err.json)"
[ "$(grep -c 'LOST .* (the hold was revoked)$' /tmp/said.text)" = 1 ] || fail "$(cat /tmp/said.text)"
[ "$(grep -c '"kind":"lost".*,"revoked":true}$' /tmp/said.json)" = 1 ] || fail "$(cat /tmp/said.json)"
