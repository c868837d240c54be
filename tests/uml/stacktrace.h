/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Comes first in user-mode Linux's stacktrace.c, see tests/uml/kernel. The checkers take a trace
 * of the stack at every allocation, and of each word there it is asked whether it points into
 * code. Most point nowhere, and that no module has them is only known under RCU's lock: with
 * lockdep, and interrupts that are masked by the host, four system calls. They were four fifths
 * of all the time.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sizes.h>

/* Modules lie where vmalloc() begins; the whole of its area is most of all addresses */
#define __kernel_text_address(word)						\
	((core_kernel_text(word) || (word) - VMALLOC_START < SZ_4G) &&		\
	 __kernel_text_address(word))
