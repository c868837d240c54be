# SPDX-License-Identifier: GPL-2.0
# A holder that lags further than the channel's owner allows is revoked; others lose nothing by it.
. /tests/lib

hold_revoke || fail "exact"
hold_revoke flood || fail "flood"
