/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Put in front of all C of the plain kernel and its modules: what orders memory between CPUs as
 * arch/x86 has it, which holds for a user-mode kernel as well. Its own asm/barrier.h makes an
 * mfence of each acquire and release, 25 ns, where a stock kernel has no instruction at all.
 */
#ifndef UML_PLAIN_H
#define UML_PLAIN_H

#define __smp_mb()	asm volatile("lock addl $0,-4(%%rsp)" ::: "memory", "cc")
#define __smp_rmb()	barrier()
#define __smp_wmb()	barrier()
#define __smp_mb__before_atomic()	do { } while (0)
#define __smp_mb__after_atomic()	do { } while (0)
#define __smp_store_mb(var, value)	((void)xchg(&(var), value))

#define __smp_store_release(p, v)					\
do {									\
	compiletime_assert_atomic_type(*p);				\
	barrier();							\
	WRITE_ONCE(*p, v);						\
} while (0)

#define __smp_load_acquire(p)						\
({									\
	typeof(*p) ___p1 = READ_ONCE(*p);				\
	compiletime_assert_atomic_type(*p);				\
	barrier();							\
	___p1;								\
})

#endif /* UML_PLAIN_H */
