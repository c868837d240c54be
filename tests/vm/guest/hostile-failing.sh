# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# soak: 1
# Mappings that fail beside mappings that do not, with the channel going away: nothing is left of any.
exec hostile_failing "${SOAK_SECONDS:-2}" $$
