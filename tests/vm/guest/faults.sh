# SPDX-License-Identifier: GPL-2.0
# needs: faults
# timeout: 600
# Every allocation and every copy that a call makes fails in turn: the call says so, leaves everything
# as it was, and succeeds when made again.
. /tests/lib
faults_on
faults || fail "calls"
rmmod kring || fail "rmmod"
faults /modules/kring.ko || fail "insmod"
