# SPDX-License-Identifier: GPL-2.0
# A mapping is moved as a whole or not at all: not larger, smaller, twice, or with its old place kept.
exec hostile_vma mremap
