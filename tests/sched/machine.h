/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the machine share; see sim.h. */
#ifndef TESTS_SCHED_MACHINE_H
#define TESTS_SCHED_MACHINE_H

#include "sim.h"

/* memory.c */
void memory_begin(void);
void memory_end(void);
void memory_cpu_begin(int cpu);
void memory_settle(int cpu);	/* a plain store becomes a message */
void memory_join_all(int cpu);	/* that CPU sees what all have seen */
bool memory_is_shared(const volatile void *at);
void memory_forbid(const volatile void *at, size_t bytes);	/* until the next execution */
const char *memory_name(const volatile void *at);

/* plain.c */
void plain_load(const volatile void *from, size_t bytes);
void plain_store(volatile void *to, size_t bytes);

/* fiber.c */
void fiber_step(bool marked);	/* before each access */
extern int fiber_now;		/* -1: outside */
extern uint64_t fiber_tick;
uint32_t fiber_steps(int cpu);

/* explore.c: which of n; 0 is what would happen anyway */
struct choice_of_cpu {
	int cpus[SIM_CPUS];
	int nr;
	bool may_stay;		/* cpus[0] is the one that runs */
};

void explore_begin(void);
int explore_cpu(const struct choice_of_cpu *choice, bool marked);
bool explore_interrupt(int cpu, bool marked);
int explore_load(int visible);	/* how many stores back */
int explore_other(int n);	/* something else */
void explore_yield(int cpu);
bool explore_plain_steps(void);

extern bool tracing;
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An execution was left in its midst */
void fiber_abort(void);

#endif /* TESTS_SCHED_MACHINE_H */
