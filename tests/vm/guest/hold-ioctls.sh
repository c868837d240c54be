# SPDX-License-Identifier: GPL-2.0
# Holds: what is refused and how, limits, names, positions, and what is told about them.
exec hold_ioctls
