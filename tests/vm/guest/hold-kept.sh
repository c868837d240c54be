# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# A kept hold outlives its file, records on, is taken over by name, expires; the module goes with one.
. /tests/lib

hold_kept || fail "hold_kept"
hold_kept leave || fail "leave"
ringctl list | grep -q "^left .* 1 " || fail "nothing was left: $(ringctl list)"
rmmod kring || fail "the module does not go while a hold is kept"
