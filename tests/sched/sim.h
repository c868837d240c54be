/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine on which lock-free code runs one step at a time. Its CPUs are fibers
 * (fiber.c), switched at any access to shared memory; its memory (memory.c) may
 * show each of them the stores of the others late. What happens next is decided
 * in explore.c: at random from a seed, or all of it up to a bound.
 *
 * Outside of sim_run() its memory is memory like any other.
 */
#ifndef TESTS_SCHED_SIM_H
#define TESTS_SCHED_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_CPUS	6
#define SIM_INTERRUPTS	2

typedef void (*sim_fn)(void *arg);

/* memory.c: the shared memory, which a program lays out once */
void *sim_alloc(size_t bytes, const char *name);
/* The `bytes` behind are the same memory once more */
void sim_alias(void *memory, size_t bytes);
/* Nobody stores there any more: not worth a step */
void sim_constant(const void *memory, size_t bytes);
void sim_name(const void *memory, size_t bytes, const char *name);
void sim_save(void);		/* what each sim_run() begins with */

enum sim_order {
	SIM_RELAXED,
	SIM_ACQUIRE,
	SIM_RELEASE,
	SIM_ACQ_REL,
	SIM_FULL,		/* as the kernel's: a full barrier before and behind */
};

uint64_t sim_load(const volatile void *from, size_t size, enum sim_order order);
void sim_store(volatile void *to, size_t size, uint64_t value, enum sim_order order);
uint64_t sim_cmpxchg(volatile void *at, size_t size, uint64_t old, uint64_t value,
		     enum sim_order order);
uint64_t sim_xchg(volatile void *at, size_t size, uint64_t value, enum sim_order order);
void sim_add(volatile void *at, size_t size, uint64_t value);
void sim_fence(enum sim_order order);
uint64_t sim_clock(void);
/* What is there when all stores have arrived; no access of anybody */
uint64_t sim_newest(const volatile void *at);

/* What this CPU has seen, to hand to another by means that are not memory */
struct sim_view;
struct sim_view *sim_view_new(void);
void sim_view_put(struct sim_view *view);	/* all that is behind goes there, too */
void sim_view_take(const struct sim_view *view);

/* fiber.c */
/* For the next sim_run(); returns the number of the CPU */
int sim_cpu(const char *name, sim_fn body, void *arg);
/* fn interrupts that CPU once, anywhere, or in an interrupt that came earlier */
void sim_interrupt(int cpu, sim_fn fn, void *arg);
/* One execution. False: somebody waits for ever (see sim_stuck()) */
bool sim_run(void);
bool sim_stuck(int cpu);
int sim_self(void);		/* the CPU this runs on, -1 outside */
void sim_wait(bool (*until)(void *arg), void *arg);
void sim_relax(void);		/* others first: this one spins */
/* No interrupts between, as under a spinlock that they take too */
void sim_irqs_off(void);
void sim_irqs_on(void);

/* What is wrong; does not return */
void sim_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2), noreturn));
#define sim_check(condition, ...)		\
do {						\
	if (!(condition))			\
		sim_fail(__VA_ARGS__);		\
} while (0)
/* A line of the trace, if there is one */
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* TESTS_SCHED_SIM_H */
