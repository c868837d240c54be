# SPDX-License-Identifier: GPL-2.0
# needs: kprobes
# timeout: 180
# The source file: what is opened, removed and renamed shows with its whole path and its result.
. /tests/lib

ringctl create file --source file || fail "create"
ringcat -o json --from oldest file >/tmp/said 2>/tmp/err &
cat=$!
wait_open $cat file

mkdir -p /tmp/one/two || fail "mkdir"
chmod 700 /tmp/one
cd /tmp/one || fail "cd"
echo hello >/tmp/one/absolute
echo hello >two/relative
echo hello >>./two/../two/relative
/bin/busybox cat two/none 2>/tmp/none
/bin/busybox mv two/relative two/moved
/bin/busybox unlink two/moved
/bin/busybox rmdir two
/bin/busybox rmdir two 2>/tmp/none
as_nobody /bin/busybox cat /tmp/one/absolute 2>/tmp/none && fail "nobody may read it"
as_nobody /bin/busybox unlink /tmp/one/absolute 2>/tmp/none && fail "nobody may unlink it"
src-file at /tmp/one old new || fail "at"
src-file bad || fail "bad"
src-file long || fail "long"
cd / || fail "cd"
/bin/busybox cat tmp/one/absolute >/tmp/none

# has EVENT COMM UID PATTERN...
has() {
	event=$1 comm=$2 uid=$3
	shift 3
	shows /tmp/said "$event by $comm: $*" "\"event\":\"$event\"" "\"uid\":$uid,\"comm\":\"$comm\"" "$@"
}
has open sh 0 "\"pid\":$$,\"tgid\":$$," '"path":"/tmp/one/absolute","path_cut":false,"flags":33345,"mode":438,"result":0'
has open sh 0 '"path":"/tmp/one/two/relative","path_cut":false,"flags":33345,"mode":438,"result":0'
has open sh 0 '"path":"/tmp/one/two/relative","path_cut":false,"flags":33857,"mode":438,"result":0'
has open busybox 0 '"path":"/tmp/one/two/none","path_cut":false,"flags":32768,"mode":0,"result":-2'
has open busybox 0 '"path":"/tmp/one/absolute".*"result":0'
has rename busybox 0 '"from":"/tmp/one/two/relative","from_cut":false,"to":"/tmp/one/two/moved","to_cut":false,"flags":0,"result":0'
has unlink busybox 0 '"path":"/tmp/one/two/moved","path_cut":false,"directory":false,"result":0'
has unlink busybox 0 '"path":"/tmp/one/two","path_cut":false,"directory":true,"result":0'
has unlink busybox 0 '"path":"/tmp/one/two","path_cut":false,"directory":true,"result":-2'
has open busybox 65534 '"path":"/tmp/one/absolute","path_cut":false,"flags":32768,"mode":0,"result":-13'
has unlink busybox 65534 '"path":"/tmp/one/absolute","path_cut":false,"directory":false,"result":-13'
has open src-file 0 '"path":"/tmp/one","path_cut":false,"flags":[0-9]*,"mode":0,"result":0'
has open src-file 0 '"path":"/tmp/one/old","path_cut":false,"flags":32961,"mode":416,"result":0'
has rename src-file 0 '"from":"/tmp/one/old".*"to":"/tmp/one/new".*"flags":1,"result":0'
has rename src-file 0 '"from":"/tmp/one/old".*"to":"/tmp/one/new".*"flags":1,"result":-2'
has unlink src-file 0 '"path":"/tmp/one/new","path_cut":false,"directory":false,"result":0'
has unlink src-file 0 '"path":"","path_cut":false,"directory":false,"result":-14'
has unlink src-file 0 '"path":"below","path_cut":false,"directory":false,"result":-9'
has open src-file 0 '"path":"(/\.){1000}","path_cut":true,"flags":[0-9]*,"mode":0,"result":-21'

ringctl filter file uid=65534 || fail "filter"
/bin/busybox rmdir /excluded 2>/tmp/none
as_nobody /bin/busybox rmdir /included 2>/tmp/none
has unlink busybox 65534 '"path":"/included"'
ringctl filter file none || fail "filter"
grep '"/excluded"' /tmp/said && fail "the filter let it pass"

# Calls that wait between their two probes are no obstacle to the end; those for
# which there is no room are counted
mkfifo /tmp/fifo
src-file wait /tmp/fifo 2200 &
waiting=$!
blocked() {
	[ "$(grep -c src-file /proc/[0-9]*/comm | grep -c :1)" -gt 2200 ]
}
wait_for 100 blocked
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"
refused=$(ringctl list | awk '$1 == "file" { print $10 }')
[ "$refused" -ge $((2200 - 2048)) ] || fail "of 2200 calls with 2048 places $refused were missed"
: >/tmp/fifo
wait $waiting || fail "wait"

# Attached and detached while files come and go; two channels at once
ringctl create more --source file || fail "create"
(while :; do echo >/tmp/one/busy; /bin/busybox mv /tmp/one/busy /tmp/one/new; rm /tmp/one/new; done) &
busy=$!
ringcat -q more 2>/tmp/err &
cat=$!
wait_open $cat more
count=50
while [ $count -gt 0 ]; do
	ringcat -q -n 20 file 2>/tmp/err2 || fail "ringcat: $(cat /tmp/err2)"
	count=$((count - 1))
done
kill -0 $busy || fail "the load ended"
kill $busy
kill -TERM $cat
wait $cat || fail "ringcat: $(cat /tmp/err)"
ringctl remove file || fail "remove"
ringctl remove more || fail "remove"
rmmod kring || fail "rmmod"
