# SPDX-License-Identifier: GPL-2.0
# timeout: 120
# soak: 1
# Arguments that change while the kernel reads them: it decides on what it then uses.
exec hostile_fetch "${SOAK_SECONDS:-3}"
