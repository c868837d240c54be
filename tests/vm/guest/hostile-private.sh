# SPDX-License-Identifier: GPL-2.0
# No private mapping, so no copy on write, whatever the file was opened for.
exec hostile_vma private
