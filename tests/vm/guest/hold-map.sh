# SPDX-License-Identifier: GPL-2.0
# timeout: 180
# The cursors of a hold: how they may be mapped, that each has its own, and how long they last.
exec hold_map
