# SPDX-License-Identifier: GPL-2.0
# Nothing takes a part of a mapping away or changes it.
exec hostile_vma split
