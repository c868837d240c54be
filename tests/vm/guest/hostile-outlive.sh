# SPDX-License-Identifier: GPL-2.0
# Who got a descriptor reads on when the channel and all others are gone; the module stays as long as
# one is mapped, or on its way.
. /tests/lib

hostile_fork outlive || fail "outlive"
hostile_fork flight || fail "flight"
lifetime map task >/tmp/said &
pid=$!
wait_for 10 grep -q mapped /tmp/said
refuse "Resource temporarily unavailable|in use" rmmod kring
kill -9 $pid
wait $pid
rmmod kring || fail "rmmod after the last unmap"
