/* SPDX-License-Identifier: GPL-2.0 */
/* Where kernels differ. No other file asks for a version. */
#ifndef KRING_COMPAT_H
#define KRING_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define may_split split
#endif

#endif /* KRING_COMPAT_H */
