# SPDX-License-Identifier: GPL-2.0
# needs: faults
# timeout: 120
# Allocations and copies fail at random while threads map, hold and unmap what others make and remove;
# then everything works as before, and nothing is left.
. /tests/lib
faults_on
for kind in failslab fail_page_alloc fail_usercopy; do
	echo Y >/sys/kernel/debug/$kind/task-filter
	echo -1 >/sys/kernel/debug/$kind/times
	echo 1 >/sys/kernel/debug/$kind/interval
	echo 2 >/sys/kernel/debug/$kind/probability
done
storm 20 || fail "storm"
for kind in failslab fail_page_alloc fail_usercopy; do
	echo 0 >/sys/kernel/debug/$kind/probability
done
for channel in $(ringctl list | awk '/^storm/ { print $1 }'); do
	ringctl remove "$channel" || fail "remove"
done
ringctl create storm --source load || fail "create"
ringctl load start storm --rate 1000 || fail "load start"
ringcat storm --hold -n 100 --verify -q || fail "ringcat"
rmmod kring || fail "rmmod"
