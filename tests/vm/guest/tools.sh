# SPDX-License-Identifier: GPL-2.0
# The tools on a loaded module: what they are refused, they say, with what is allowed.
. /tests/lib

refuse "64K to 1G|65536" ringctl create x --source load --size 32K
refuse "power of two" ringctl create x --source load --size 100000
refuse "unknown: task.* or load" ringctl create x --source nothing
stalls() {
	awk '/^allocstall/ { n += $2 } END { print n }' /proc/vmstat
}
before=$(stalls)
refuse "not enough memory" ringctl create x --source load --size 1G
[ "$(stalls)" = "$before" ] || fail "memory was taken from everybody else first"
refuse "percpu.*global" ringctl create x --source load --mode both
refuse "letters, digits" ringctl create a/b --source load
refuse "no channel|not exist" ringctl remove nothing
refuse "no channel|not exist" ringctl show nothing
refuse "not by load" ringctl load start task
refuse "24 to 4096" ringctl load start task --bytes 23
refuse "record=reading or record=always" ringctl set task record=sometimes
refuse "load generator" ringcat --verify task
refuse "no channel" ringcat nothing
refuse "cannot be written" ringcat --hold --state /nothing/state task
refuse "not a channel|ENOTTY|nappropriate ioctl" ringcat /dev/null
refuse "not a channel|annot|ermission|nvalid|nappropriate" ringcat /dev/kring/control

ringctl create mine --source load --mode global --size 64K --record-always || fail "create"
refuse "exists" ringctl create mine --source load
ringctl list | grep -Eq "^mine +load +global +1 +64K +always +0 " || fail "list: $(ringctl list)"
ringctl show mine | grep -q 65536 || ringctl show mine | grep -q 64K || fail "show"
ringctl show task | grep -q comm || fail "show has no schema"
refuse "global|CPU" ringcat --cpu 0 mine
refuse "online" ringctl load start mine --cpus 63
ringctl load start mine --cpus 1 --rate 1000 --bytes 128 || fail "load start"
ringcat mine -n 500 --verify -q 2>/tmp/err || fail "verify: $(cat /tmp/err)"
grep -q "producer 1 task" /tmp/err || fail "not from CPU 1: $(cat /tmp/err)"
ringctl load stop mine || fail "load stop"
ringctl remove mine || fail "remove"
[ ! -e /dev/kring/mine ] || fail "still there"

# Who is not root may list, and read what the file's mode allows
as_nobody ringcat --list | grep -q "^task" || fail "nobody cannot list"
refuse "ermission" as_nobody ringcat --snapshot task
refuse "ermission" as_nobody ringctl create x --source load
chmod 644 /dev/kring/task
as_nobody ringcat --snapshot -q task || fail "nobody cannot read with mode 644"

rmmod kring || fail "rmmod"
refuse "modprobe kring" ringctl list
refuse "modprobe kring" ringcat task
