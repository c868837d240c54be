# SPDX-License-Identifier: GPL-2.0
# needs: kprobes
# timeout: 180
# The source net: connections and dropped packets show with the values that the programs know.
. /tests/lib

ringctl create net --source net || fail "create"
ringcat -o json --from oldest net >/tmp/said 2>/tmp/err &
cat=$!
wait_open $cat net

# of EVENT PID PROTOCOL ADDRESS LOCAL_PORT REMOTE_PORT PATTERN...
of() {
	event=$1 who=$2 protocol=$3 address=$4 local=$5 remote=$6
	shift 6
	shows /tmp/said "$event $protocol $address" "\"event\":\"$event\"" "\"pid\":$who,\"tgid\":$who," \
		"\"uid\":0,\"comm\":\"src-net\"" "\"protocol\":\"$protocol\"" \
		"\"local\":\"$address\",\"local_port\":$local,\"remote\":\"$address\",\"remote_port\":${remote}[,}]" "$@"
}

for address in 127.0.0.1 ::1 ::ffff:127.0.0.1; do
	show=${address#::ffff:}
	eval "$(src-net tcp $address 100000 3210 || echo exit 1)"
	of connect $client tcp $show $client_port $server_port '"result":0'
	of accept $server tcp $show $server_port $client_port
	of close $client tcp $show $client_port $server_port '"sent":100000,"received":3210,"complete":true,"duration":[1-9]'
	of close $server tcp $show $server_port $client_port '"sent":3210,"received":100000,"complete":true,"duration":[1-9]'

	eval "$(src-net refused $address || echo exit 1)"
	of connect $client tcp $show '[0-9]+' $server_port '"result":-111'

	eval "$(src-net udp $address 1234 777 || echo exit 1)"
	of connect $client udp $show $client_port $server_port '"result":0'
	of close $client udp $show $client_port $server_port '"sent":1234,"received":777,"complete":true,"duration":[1-9]'

	eval "$(src-net udp-again $address || echo exit 1)"
	of connect $client udp $show $client_port $server_port '"result":0'
	of close $client udp $show $client_port $server_port '"sent":0,"received":0,"complete":true'

	eval "$(src-net unheard $address || echo exit 1)"
	shows /tmp/said "drop $address" '"event":"drop"' '"protocol":"udp"' '"reason":"NO_SOCKET"' \
		"\"source\":\"$show\",\"source_port\":$client_port,\"destination\":\"$show\",\"destination_port\":$server_port," \
		'"location":"__udp[46]_lib_rcv"' '"length":13,'
done
[ "$(grep -c '"event":"accept"' /tmp/said)" = 3 ] || fail "accepts: $(grep -c '"event":"accept"' /tmp/said), not 3"
[ "$(grep -c '"event":"connect"' /tmp/said)" = 12 ] || fail "connects: $(grep -c '"event":"connect"' /tmp/said), not 12"
[ "$(grep -c '"event":"close"' /tmp/said)" = 12 ] || fail "closes: $(grep -c '"event":"close"' /tmp/said), not 12"

# A filter is asked about who connects or accepts. A packet belongs to nobody: it meets no condition.
ringctl filter net comm=nobody || fail "filter"
src-net tcp 127.0.0.1 1 1 >/tmp/none || fail "tcp"
eval "$(src-net unheard 127.0.0.1 || echo exit 1)"
excluded=$server_port
ringctl filter net comm!=nobody || fail "filter"
eval "$(src-net unheard 127.0.0.1 || echo exit 1)"
shows /tmp/said "drop, with a negated filter" '"event":"drop"' "\"destination_port\":$server_port,"
grep "\"destination_port\":$excluded," /tmp/said && fail "a packet met a condition"
ringctl filter net none || fail "filter"
[ "$(grep -c '"event":"connect"' /tmp/said)" = 12 ] || fail "a connection that the filter excludes"
[ "$(grep -c '"event":"close"' /tmp/said)" = 12 ] || fail "the close of one that the filter excludes"

grep -E '0x[0-9a-f]{8}|ffff[89a-f][0-9a-f]{11}' /tmp/said && fail "an address of the kernel"
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"

# Older than the reader: nobody knows who, but the socket's owner, and no bytes of UDP
as_nobody src-net held 127.0.0.1 >/tmp/held &
wait_for 20 grep -q server_port /tmp/held
eval "$(cat /tmp/held)"
ringcat -o json --from oldest net >/tmp/said 2>/tmp/err &
cat=$!
wait_open $cat net
kill $client
shows /tmp/said "close of an older socket" '"event":"close"' \
	'"pid":0,"tgid":0,"ppid":0,"uid":65534,"comm":"","cgroup":1,' "\"local_port\":$client_port,.*\"remote_port\":$server_port," \
	'"sent":0,"received":0,"complete":false,"duration":0'
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"

# Attached and detached while connections come and go; two channels at once
ringctl create more --source net || fail "create"
src-net many 1000000 &
many=$!
ringcat -q more 2>/tmp/err &
cat=$!
wait_open $cat more
count=50
while [ $count -gt 0 ]; do
	ringcat -q -n 20 net 2>/tmp/err2 || fail "ringcat: $(cat /tmp/err2)"
	count=$((count - 1))
done
kill -0 $many || fail "the connections ended"
kill $many
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"
ringctl remove net || fail "remove"
ringctl remove more || fail "remove"
rmmod kring || fail "rmmod"
