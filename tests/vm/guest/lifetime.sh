# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# Nothing is freed early: channels removed while they are open and mapped, sleepers, and the module.
. /tests/lib

lifetime || fail "lifetime"

lifetime map task >/tmp/said &
pid=$!
wait_for 10 grep -q mapped /tmp/said
refuse "Resource temporarily unavailable|in use" rmmod kring
kill -9 $pid
wait $pid
rmmod kring || fail "rmmod after the last unmap"
