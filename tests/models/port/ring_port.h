/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel/ring.c needs from its surroundings, for CBMC: plain accesses in
 * program order. After each write that others would see, written() looks at it.
 */
#ifndef TESTS_MODELS_RING_PORT_H
#define TESTS_MODELS_RING_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

static void written(void);

#define likely(x)		(x)
#define unlikely(x)		(x)
#define __always_inline		inline
#define noinline

#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, v)	((x) = (v))
#define smp_load_acquire(p)	(*(p))
#define smp_store_release(p, v)	do { *(p) = (v); written(); } while (0)
#define barrier()		((void)0)
#define smp_mb()		((void)0)
#define smp_rmb()		((void)0)

#define cmpxchg(p, old, new)				\
({							\
	__typeof__(*(p)) port_seen;			\
							\
	port_seen = *(p);				\
	if (port_seen == (old)) {			\
		*(p) = (new);				\
		written();				\
	}						\
	port_seen;					\
})

#define cmpxchg_local(p, old, new)	cmpxchg(p, old, new)

#define xchg(p, v)					\
({							\
	__typeof__(*(p)) port_seen;			\
							\
	port_seen = *(p);				\
	*(p) = (v);					\
	port_seen;					\
})

static inline void kring_count(u64 *counter, u64 n)
{
	*counter += n;
}

u64 nondet_u64(void);

static inline u64 kring_clock(u32 clock)
{
	(void)clock;
	return nondet_u64();
}

#endif /* TESTS_MODELS_RING_PORT_H */
