# SPDX-License-Identifier: GPL-2.0
# The module does not go while a file of it is open, and goes when it is closed.
. /tests/lib

exec 3</dev/kring/control || fail "cannot open /dev/kring/control"
refuse "Resource temporarily unavailable|in use" rmmod kring
exec 3<&-
rmmod kring || fail "rmmod after close"
