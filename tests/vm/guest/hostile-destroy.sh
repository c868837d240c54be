# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# soak: 1
# Channels removed under full load, with wakeups, timers and expiries pending; then the module.
. /tests/lib

hostile_destroy "${SOAK_SECONDS:-3}" $$ || fail "destroy"
rmmod kring || fail "rmmod at once"
