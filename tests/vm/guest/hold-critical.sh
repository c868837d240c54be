# SPDX-License-Identifier: GPL-2.0
# While a hold stands, events that are not critical fill no more than their share of the ring.
exec hold_critical
