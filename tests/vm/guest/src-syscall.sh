# SPDX-License-Identifier: GPL-2.0
# needs: compat32
# timeout: 120
# System calls with known arguments and results; each one comes in and goes out.
. /tests/lib

ringctl create syscall --source syscall --size 2M || fail "create"
filter syscall comm=calls || fail "filter"
ringctl set syscall record=always || fail "record"
calls >/tmp/known || fail "calls: $(cat /tmp/known)"
ls / >/tmp/others		# the filter does not let it pass
ringctl set syscall record=reading || fail "record"
ringctl show syscall | grep -q "overwritten *0$" || fail "too much"
ringcat --snapshot -o json syscall >/tmp/said 2>/tmp/err || fail "ringcat: $(cat /tmp/err)"
read -r pid ppid child low high </tmp/known
who="\"pid\":$pid,\"tgid\":$pid,\"ppid\":$ppid,\"uid\":0,\"comm\":\"calls\",\"cgroup\":1"
its="\"pid\":$child,\"tgid\":$child,\"ppid\":$pid,\"uid\":0,\"comm\":\"calls\",\"cgroup\":1"

# has TIMES EVENT WHO NUMBER REST: lines of that event, and of what follows its number. A system
# call's number may be shown by its name: NUMBER is a regular expression.
has() {
	n=$(grep -Ec "\"event\":\"$2\",\"fields\":\{$3,\"nr\":\"?($4)\"?,$5" /tmp/said)
	[ "$n" = "$1" ] || {
		grep "\"event\":\"$2\"" /tmp/said | grep -v '"nr":"*\(102\|getuid\)"*,'
		fail "$n lines, not $1, of: $*"
	}
}
# args A B C D E F
args() {
	printf '"arg0":%s,"arg1":%s,"arg2":%s,"arg3":%s,"arg4":%s,"arg5":%s}' "$@"
}
any='[0-9]*'
took='"duration":[1-9][0-9]*}'

has 1 enter "$who" '110|getppid' "$(args 1 18446744073709551615 1311768467463790320 4 5 6)"
has 2 exit "$who" '110|getppid' "\"ret\":$ppid,$took"
for i in 0 7 99; do
	has 1 enter "$who" '102|getuid' "$(args $i "$any" "$any" "$any" "$any" "$any")"
done
has 100 enter "$who" '102|getuid' ''
has 100 exit "$who" '102|getuid' "\"ret\":0,$took"
has 1 enter "$who" '80|chdir' "$(args "$any" 78 "$any" "$any" "$any" "$any")"
has 1 exit "$who" '80|chdir' "\"ret\":-2,$took"
has 1 enter "$who" '3|close' "$(args 77 "$any" "$any" "$any" "$any" "$any")"
has 1 exit "$who" '3|close' "\"ret\":-9,$took"
has 1 enter "$who" 999 "$(args 77 78 "$any" "$any" "$any" "$any")"
has 1 exit "$who" 999 "\"ret\":-38,$took"
has 1 enter "$who" '8|lseek' "$(args 1 9141386507638288912 9 "$any" "$any" "$any")"
has 1 exit "$who" '8|lseek' "\"ret\":-22,$took"

# 20 is getpid for 32-bit calls, and writev for the others
has 1 enter_compat "$who" 20 "$(args 11 12 13 81 209 "$any")"
has 1 exit_compat "$who" 20 "\"ret\":$pid,$took"
has 0 enter "$who" '20|writev' ''

slept=$(sed -En "s/.*\"event\":\"exit\".*\"pid\":$pid,.*\"nr\":(35|\"nanosleep\"),\"ret\":0,\"duration\":([0-9]*)}.*/\2/p" /tmp/said)
echo "slept $slept ns: $low to $high"
[ "$slept" -ge "$low" ] && [ "$slept" -le "$high" ] || fail "duration"

# A new process comes out of a call that it did not go into
has 1 enter "$who" '57|fork' ''
has 1 exit "$who" '57|fork' "\"ret\":$child,$took"
has 0 enter "$its" '57|fork' ''
has 1 exit "$its" '57|fork' '"ret":0,"duration":0}'
has 1 enter "$its" '231|exit_group' "$(args 9 "$any" "$any" "$any" "$any" "$any")"
has 0 exit "$its" '231|exit_group' ''

# What goes in comes out, but for the two that end, the execve that went in as sh, and the fork
enter=$(grep -Ec '"event":"enter(_compat)?"' /tmp/said)
exit=$(grep -Ec '"event":"exit(_compat)?"' /tmp/said)
[ "$enter" = "$exit" ] || fail "$enter in, $exit out"
has 0 enter "$who" '59|execve' ''
has 1 exit "$who" '59|execve' '"ret":0,"duration":0}'
grep -Ev "$who|$its" /tmp/said && fail "somebody else's"
ringctl remove syscall || fail "remove"

# The call that ends a process never comes out: nothing of it is taken for the next one with its pid
ringctl create syscall --source syscall --size 2M || fail "create"
filter syscall comm=calls comm=sh || fail "filter"
ringctl set syscall record=always || fail "record"
calls >/tmp/known || fail "calls"
read -r pid rest </tmp/known
echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
calls >/tmp/known || fail "calls"
read -r again rest </tmp/known
[ "$pid" = "$again" ] || fail "pid $again, not $pid: $rest"
ringcat --snapshot -o json syscall >/tmp/said || fail "ringcat"
grep -E "\"event\":\"exit\".*\"pid\":$pid,.*\"comm\":\"sh\",.*\"nr\":\"?(56|57|58|435|clone|fork|vfork|clone3)\"?,\"ret\":0," /tmp/said >/tmp/births
[ "$(grep -c '"duration":0}' /tmp/births)" = 2 ] || fail "born: $(cat /tmp/births)"
