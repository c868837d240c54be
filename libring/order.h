/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ordered accesses to pages that the kernel writes. The letters at their
 * users are those of Documentation/memory-ordering.md.
 */
#ifndef LIBRING_ORDER_H
#define LIBRING_ORDER_H

#include <stdint.h>
#include <linux/kring.h>
#include <linux/types.h>
#include <urcu/arch.h>
#include <urcu/system.h>
#include <urcu/uatomic.h>

_Static_assert(sizeof(long) == 8, "positions are loaded 64 bits at once");

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RING_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define RING_TSAN 1
#endif

/* The thread sanitizer sees builtins, not liburcu's volatile and assembly. */
static inline uint64_t ring_load(const __u64 *word)
{
#ifdef RING_TSAN
	return __atomic_load_n(word, __ATOMIC_RELAXED);
#else
	return CMM_LOAD_SHARED(*word);
#endif
}

static inline uint64_t ring_load_acquire(const __u64 *word)
{
#if defined(RING_TSAN)
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#elif defined(uatomic_load)		/* liburcu 0.15 */
	return uatomic_load(word, CMM_ACQUIRE);
#else
	uint64_t value = CMM_LOAD_SHARED(*word);

	cmm_smp_rmb();		/* A: readers store to nothing shared */
	return value;
#endif
}

static inline void ring_store(__u64 *word, uint64_t value)
{
#ifdef RING_TSAN
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
#else
	CMM_STORE_SHARED(*word, value);
#endif
}

/* Nothing of this thread, reads included, is seen after it. */
static inline void ring_store_release(__u64 *word, uint64_t value)
{
#if defined(RING_TSAN)
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
#elif defined(uatomic_store)		/* liburcu 0.15 */
	uatomic_store(word, value, CMM_RELEASE);
#else
#ifdef __x86_64__
	cmm_barrier();		/* D: only stores may be seen after later loads */
#else
	cmm_smp_mb();		/* D: a write barrier lets earlier reads pass */
#endif
	CMM_STORE_SHARED(*word, value);
#endif
}

/* How many rings there are. Mapping a new one orders what is read there. */
static inline uint32_t ring_load_32(const __u32 *word)
{
#ifdef RING_TSAN
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
#else
	return CMM_LOAD_SHARED(*word);
#endif
}

/*
 * A record's header that a producer may be writing over: an observer's, or one
 * whose hold was revoked. A look at tail tells.
 */
#ifdef RING_TSAN
__attribute__((no_sanitize("thread"), __noinline__, unused)) static
#else
static inline
#endif
struct kring_record ring_load_header(const void *at)
{
	const struct kring_record *record = at;

	return *record;
}

/* Its first eight bytes, at once */
#ifdef RING_TSAN
__attribute__((no_sanitize("thread"), __noinline__, unused)) static
#else
static inline
#endif
uint64_t ring_load_word(const void *at)
{
	return *(const volatile uint64_t *)at;
}

#endif /* LIBRING_ORDER_H */
