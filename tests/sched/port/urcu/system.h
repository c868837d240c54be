/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of liburcu (0.15) that the code under test uses, on the machine of
 * ../../sim.h. As in the kernel, a compare-and-swap that fails orders nothing.
 */
#ifndef TESTS_SCHED_URCU_SYSTEM_H
#define TESTS_SCHED_URCU_SYSTEM_H

#include "../../sim.h"

#define CMM_RELAXED	SIM_RELAXED
#define CMM_ACQUIRE	SIM_ACQUIRE
#define CMM_RELEASE	SIM_RELEASE

/*
 * A pointer is loaded to load what it points to, which every machine does in this
 * order: the address is needed.
 */
#define SIM_LOAD_ORDER(x) \
	(__builtin_classify_type((x)) == 5 ? SIM_ACQUIRE : SIM_RELAXED)

#define CMM_LOAD_SHARED(x)	((__typeof__((x)))sim_load(&(x), sizeof(x), SIM_LOAD_ORDER(x)))
#define CMM_STORE_SHARED(x, v)	sim_store(&(x), sizeof(x), (uint64_t)(v), SIM_RELAXED)

#define uatomic_load(p, order)	((__typeof__(*(p)))sim_load(p, sizeof(*(p)), order))
#define uatomic_store(p, v, order)	sim_store(p, sizeof(*(p)), (uint64_t)(v), order)
#define uatomic_xchg_mo(p, v, order)	\
	((__typeof__(*(p)))sim_xchg(p, sizeof(*(p)), (uint64_t)(v), order))
#define uatomic_cmpxchg_mo(p, old, new, order)	\
	((__typeof__(*(p)))sim_cmpxchg(p, sizeof(*(p)), (uint64_t)(old), (uint64_t)(new), order))
#define uatomic_xchg(p, v)	uatomic_xchg_mo(p, v, SIM_FULL)
#define uatomic_cmpxchg(p, old, new)	uatomic_cmpxchg_mo(p, old, new, SIM_FULL)
#define uatomic_add(p, n)	sim_add(p, sizeof(*(p)), n)

#define cmm_smp_mb()		sim_fence(SIM_FULL)
#define cmm_smp_rmb()		sim_fence(SIM_ACQUIRE)
#define cmm_smp_wmb()		sim_fence(SIM_RELEASE)
#define cmm_barrier()		((void)0)
#define caa_cpu_relax()		sim_relax()
#define caa_likely(x)		(x)
#define caa_unlikely(x)		(x)

/* What mutants of the kernel's side use, see tests/mutate */
#define cmpxchg_relaxed(p, old, new)	uatomic_cmpxchg_mo(p, old, new, SIM_RELAXED)
#define cmpxchg_release(p, old, new)	uatomic_cmpxchg_mo(p, old, new, SIM_RELEASE)
#define xchg_relaxed(p, v)		uatomic_xchg_mo(p, v, SIM_RELAXED)
#define xchg_release(p, v)		uatomic_xchg_mo(p, v, SIM_RELEASE)

#endif /* TESTS_SCHED_URCU_SYSTEM_H */
