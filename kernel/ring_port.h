/* SPDX-License-Identifier: GPL-2.0 */
/* What ring.c needs from its surroundings: the kernel's own. */
#ifndef KRING_RING_PORT_H
#define KRING_RING_PORT_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/kring.h>
#include <linux/ktime.h>
#include <linux/sched/clock.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

/* Adds to a counter that several producers share */
static inline void kring_count(u64 *counter, u64 n)
{
	atomic64_add(n, (atomic64_t *)counter);
}

/* ns of KRING_CLOCK_*; from any context */
static inline u64 kring_clock(u32 clock)
{
	switch (clock) {
	case KRING_CLOCK_MONOTONIC:
		return ktime_get_mono_fast_ns();
	case KRING_CLOCK_BOOTTIME:
		return ktime_get_boot_fast_ns();
	case KRING_CLOCK_LOCAL:
		return local_clock();
	default:
		return 0;
	}
}

#endif /* KRING_RING_PORT_H */
