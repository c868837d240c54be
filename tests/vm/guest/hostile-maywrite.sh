# SPDX-License-Identifier: GPL-2.0
# A mapping cannot be made writable or executable, at once or later.
exec hostile_vma maywrite
