# SPDX-License-Identifier: GPL-2.0
# needs: faults
# timeout: 900
# Every allocation and every copy that a call makes fails in turn: the call says so, leaves everything
# as it was, and succeeds when made again.
. /tests/lib
faults_on
# Hundreds of times a module or a channel goes: that RCU has its time each time is shown elsewhere
echo 1 >/sys/kernel/rcu_expedited
faults || fail "calls"
rmmod kring || fail "rmmod"
faults /modules/kring.ko || fail "insmod"
echo 0 >/sys/kernel/rcu_expedited
