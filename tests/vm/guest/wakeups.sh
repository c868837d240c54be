# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# Sleepers: no wakeup is lost, with epoll of both kinds; watermark and latency bound are honoured.
. /tests/lib

insmod /modules/kring_example.ko || fail "insmod"
for how in bounds level edge; do
	wakeups $how || fail "$how"
done
