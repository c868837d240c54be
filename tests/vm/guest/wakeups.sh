# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# soak: 0
# Sleepers: no wakeup is lost, with epoll of both kinds; watermark and latency bound are honoured.
. /tests/lib

insmod /modules/kring_example.ko || fail "insmod"
rounds=$((10000 / ${SLOW:-1}))
[ -z "${SOAK_SECONDS:-}" ] || rounds=500000		# of each kind
wakeups bounds || fail "bounds"
wakeups sound || fail "sound"
for how in level edge; do
	wakeups $how $rounds || fail "$how"
done
