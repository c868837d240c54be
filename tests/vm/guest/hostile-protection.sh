# SPDX-License-Identifier: GPL-2.0
# A store into any page of a ring is a SIGSEGV; the kernel's on the program's behalf, EFAULT.
exec hostile_vma protection
