/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kernel/ring.c needs from its surroundings, in user space: liburcu's
 * primitives, or the compiler's under the thread sanitizer, which sees nothing
 * in inline assembly.
 *
 * PORT_STEP() comes before every access to memory that others write; a test
 * may define it to run something else there.
 */
#ifndef TESTS_RING_PORT_H
#define TESTS_RING_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <linux/kring.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#ifndef PORT_STEP
#define PORT_STEP()	((void)0)
#endif

#ifndef __SANITIZE_THREAD__

#include <urcu/compiler.h>
#include <urcu/system.h>
#include <urcu/uatomic.h>

#define PORT_LOAD(x)	CMM_LOAD_SHARED(x)
#define PORT_STORE(x, v)	CMM_STORE_SHARED(x, v)

#ifdef uatomic_load		/* liburcu 0.15 */
#define PORT_LOAD_ACQUIRE(p)	uatomic_load(p, CMM_ACQUIRE)
#define PORT_STORE_RELEASE(p, v)	uatomic_store(p, v, CMM_RELEASE)
#else
#ifdef __x86_64__		/* only stores may be seen after later loads */
#define port_half_barrier()	cmm_barrier()
#else
#define port_half_barrier()	cmm_smp_mb()
#endif
#define PORT_LOAD_ACQUIRE(p)					\
({								\
	__typeof__(*(p)) port_value = CMM_LOAD_SHARED(*(p));	\
	port_half_barrier();					\
	port_value;						\
})
#define PORT_STORE_RELEASE(p, v)				\
do {								\
	port_half_barrier();					\
	CMM_STORE_SHARED(*(p), v);				\
} while (0)
#endif

#define PORT_CMPXCHG(p, old, new)	uatomic_cmpxchg(p, old, new)
#ifdef PORT_SIMULATED		/* tests/sched: urcu/ is its own */
#define PORT_CMPXCHG_LOCAL(p, old, new)	cmpxchg_relaxed(p, old, new)
#elif defined(__x86_64__)	/* not locked, as in the kernel */
#define PORT_CMPXCHG_LOCAL(p, old, new)				\
({								\
	__typeof__(*(p)) port_seen;				\
								\
	__asm__ __volatile__("cmpxchgq %2, %1"			\
			     : "=a"(port_seen), "+m"(*(p))	\
			     : "r"(new), "0"(old)		\
			     : "memory", "cc");			\
	port_seen;						\
})
#else
#define PORT_CMPXCHG_LOCAL(p, old, new)	uatomic_cmpxchg(p, old, new)
#endif
#define PORT_XCHG(p, v)	uatomic_xchg(p, v)
#define PORT_ADD(p, n)	uatomic_add(p, n)
/* As in the kernel: mfence takes several times as long */
#if defined(__x86_64__) && !defined(PORT_SIMULATED)
#define PORT_MB()	__asm__ __volatile__("lock; addl $0,-4(%%rsp)" ::: "memory", "cc")
#else
#define PORT_MB()	cmm_smp_mb()
#endif
#define PORT_RMB()	cmm_smp_rmb()

#else

/*
 * The sanitizer knows acquire and release, but no fences: a full barrier is
 * a read-modify-write of one variable. That orders all who have full barriers
 * among themselves, and nobody else: what is only ordered by a load-acquire
 * and a store-release is checked in full.
 */
static inline void port_fence(void)
{
	static u64 fence;

	__atomic_fetch_add(&fence, 1, __ATOMIC_SEQ_CST);
}

/*
 * The only 32 bits that ring.c reads so are the size of a record that may be
 * gone and written over: it finds out later, and throws the size away.
 */
__attribute__((no_sanitize("thread"), noinline, unused))
static void port_peek(void *to, const volatile void *from)
{
	*(u32 *)to = *(const volatile u32 *)from;
}

#define PORT_LOAD(x)							\
({									\
	__typeof__((x) + 0) port_value;					\
									\
	if (sizeof(x) == 4)						\
		port_peek(&port_value, &(x));				\
	else								\
		port_value = __atomic_load_n(&(x), __ATOMIC_RELAXED);	\
	port_value;							\
})
#define PORT_STORE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define PORT_LOAD_ACQUIRE(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define PORT_STORE_RELEASE(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define PORT_CMPXCHG(p, old, new)				\
({								\
	__typeof__(*(p)) port_old = (old);			\
								\
	port_fence();						\
	__atomic_compare_exchange_n(p, &port_old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);	\
	port_fence();						\
	port_old;						\
})
#define PORT_CMPXCHG_LOCAL(p, old, new)				\
({								\
	__typeof__(*(p)) port_old = (old);			\
								\
	__atomic_compare_exchange_n(p, &port_old, new, false,	\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);	\
	port_old;						\
})
#define PORT_XCHG(p, v)						\
({								\
	__typeof__(*(p)) port_old;				\
								\
	port_fence();						\
	port_old = __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);	\
	port_fence();						\
	port_old;						\
})
#define PORT_ADD(p, n)	((void)__atomic_fetch_add(p, n, __ATOMIC_RELAXED))
#define PORT_MB()	port_fence()
#define PORT_RMB()	port_fence()

#endif

#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif
#ifndef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#endif
#define noinline	__attribute__((__noinline__))

#define READ_ONCE(x)		({ PORT_STEP(); PORT_LOAD(x); })
#define WRITE_ONCE(x, v)	do { PORT_STEP(); PORT_STORE(x, v); } while (0)
#define smp_load_acquire(p)	({ PORT_STEP(); PORT_LOAD_ACQUIRE(p); })
#define smp_store_release(p, v)	do { PORT_STEP(); PORT_STORE_RELEASE(p, v); } while (0)
#define cmpxchg(p, old, new)	({ PORT_STEP(); PORT_CMPXCHG(p, old, new); })
#define cmpxchg_local(p, old, new)	({ PORT_STEP(); PORT_CMPXCHG_LOCAL(p, old, new); })
#define xchg(p, v)		({ PORT_STEP(); PORT_XCHG(p, v); })
#define barrier()		__asm__ __volatile__("" ::: "memory")
#define smp_mb()		PORT_MB()
#define smp_rmb()		PORT_RMB()

static inline void kring_count(u64 *counter, u64 n)
{
	PORT_STEP();
	PORT_ADD(counter, n);
}

/* May be called in a signal handler too */
static inline u64 kring_clock(u32 clock)
{
	struct timespec now;

	PORT_STEP();
	if (clock == KRING_CLOCK_NONE)
		return 0;
	clock_gettime(clock == KRING_CLOCK_MONOTONIC ? CLOCK_MONOTONIC :
		      clock == KRING_CLOCK_BOOTTIME ? CLOCK_BOOTTIME : CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

#endif /* TESTS_RING_PORT_H */
