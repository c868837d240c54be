# SPDX-License-Identifier: GPL-2.0
# Mappings by the ten thousand: counters that many programs can raise come back to where they were.
exec hostile_count 4 3000
