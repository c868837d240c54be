# SPDX-License-Identifier: GPL-2.0
# A mapping that is inherited, or was not to be, is counted right; who ends first does not matter.
exec hostile_fork fork
