/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel/ring.c needs from its surroundings, in user space, at the price
 * that the kernel pays on x86: its full barrier is a locked addition to the
 * stack, liburcu's is mfence, which costs several times as much.
 */
#ifndef TESTS_BENCH_RING_PORT_H
#define TESTS_BENCH_RING_PORT_H

#include "../../unit/port/ring_port.h"

#ifdef __x86_64__
#undef smp_mb
#define smp_mb()	asm volatile("lock addl $0, -4(%%rsp)" ::: "memory", "cc")
#endif

#endif /* TESTS_BENCH_RING_PORT_H */
