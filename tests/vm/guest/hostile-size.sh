# SPDX-License-Identifier: GPL-2.0
# Every page as a beginning and every number of pages: a ring or its metadata page, nothing else.
exec hostile_vma size
