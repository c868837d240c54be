/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark's surroundings of kernel/ring.c: those of the unit tests, with the
 * CPU's time stamp counter for KRING_CLOCK_LOCAL, which user space has not. The peer
 * that is measured beside it is given the same one.
 */
#ifndef TESTS_BENCH_RING_PORT_H
#define TESTS_BENCH_RING_PORT_H

#define kring_clock	unit_clock
#include "../../unit/port/ring_port.h"
#undef kring_clock

static inline u64 kring_clock(u32 clock)
{
	return clock == KRING_CLOCK_LOCAL ? __builtin_ia32_rdtsc() : unit_clock(clock);
}

#endif /* TESTS_BENCH_RING_PORT_H */
