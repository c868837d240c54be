// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's CPUs: fibers, one of which runs. They are kept from one execution
 * to the next; those that were left in the middle of something are made anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include "machine.h"

#define STACK		(256u << 10)
#define STEPS_MAX	200000		/* in one execution: it goes round in circles */

struct interrupt {
	sim_fn fn;
	void *arg;
};

struct fiber {
	const char *name;
	sim_fn body;
	void *arg;
	struct interrupt interrupts[SIM_INTERRUPTS];
	int nr_interrupts, interrupted;	/* how often so far */
	int irqs_off;
	bool (*until)(void *arg);	/* it waits */
	void *until_arg;
	bool done, made;
	uint32_t steps;
	jmp_buf state;
};

static struct fiber fibers[SIM_CPUS];
static int nr_fibers;
static _Alignas(16) char stacks[SIM_CPUS][STACK];
static jmp_buf outside;
static ucontext_t maker;

int fiber_now = -1;
uint64_t fiber_tick;
bool tracing;

int sim_self(void)
{
	return fiber_now;
}

uint32_t fiber_steps(int cpu)
{
	return fibers[cpu].steps;
}

void trace(const char *format, ...)
{
	va_list args;

	if (!tracing)
		return;
	fprintf(stderr, "%5llu %*s", (unsigned long long)fiber_tick, 2 + 12 * (fiber_now + 1),
		fiber_now < 0 ? "" : fibers[fiber_now].name);
	fputs("  ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void sim_note(const char *format, ...)
{
	char text[256];
	va_list args;

	if (!tracing)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	trace("# %s", text);
}

int sim_cpu(const char *name, sim_fn body, void *arg)
{
	struct fiber *f = &fibers[nr_fibers];

	if (nr_fibers == SIM_CPUS)
		sim_fail("too many CPUs");
	f->name = name;
	f->body = body;
	f->arg = arg;
	f->nr_interrupts = f->interrupted = f->irqs_off = 0;
	f->until = NULL;
	f->done = false;
	f->steps = 0;
	return nr_fibers++;
}

void sim_interrupt(int cpu, sim_fn fn, void *arg)
{
	struct fiber *f = &fibers[cpu];

	if (f->nr_interrupts == SIM_INTERRUPTS)
		sim_fail("too many interrupts");
	f->interrupts[f->nr_interrupts++] = (struct interrupt) { fn, arg };
}

static void run_to(jmp_buf from, jmp_buf to)
{
	if (!_setjmp(from))
		_longjmp(to, 1);
}

static void choices(struct choice_of_cpu *choice, bool may_stay)
{
	int i;

	choice->nr = 0;
	choice->may_stay = may_stay;
	if (may_stay)
		choice->cpus[choice->nr++] = fiber_now;
	for (i = 0; i < nr_fibers; i++) {
		struct fiber *f = &fibers[i];

		if (i != fiber_now && !f->done && (!f->until || f->until(f->until_arg)))
			choice->cpus[choice->nr++] = i;
	}
}

static void go_to(int cpu)
{
	struct fiber *from = fiber_now < 0 ? NULL : &fibers[fiber_now];

	if (cpu == fiber_now)
		return;
	fiber_now = cpu;
	run_to(from ? from->state : outside, cpu < 0 ? outside : fibers[cpu].state);
}

/* Somebody else's turn; false if there is nobody */
static bool leave(void)
{
	struct choice_of_cpu choice;

	choices(&choice, false);
	if (!choice.nr)
		return false;
	go_to(choice.nr == 1 ? choice.cpus[0] : explore_cpu(&choice, true));
	return true;
}

static void interrupt(struct fiber *f)
{
	struct interrupt *irq = &f->interrupts[f->interrupted++];

	trace("-- interrupt");
	irq->fn(irq->arg);
	memory_settle(fiber_now);
	trace("-- end of interrupt");
}

void fiber_step(bool marked)
{
	struct fiber *f = &fibers[fiber_now];
	struct choice_of_cpu choice;

	memory_settle(fiber_now);
	if (++fiber_tick == STEPS_MAX)
		sim_fail("it does not end");
	f->steps++;
	if (!marked && !explore_plain_steps())
		return;
	if (!f->irqs_off && f->interrupted < f->nr_interrupts &&
	    explore_interrupt(fiber_now, marked))
		interrupt(f);
	choices(&choice, true);
	if (choice.nr > 1)
		go_to(explore_cpu(&choice, marked));
}

void sim_wait(bool (*until)(void *arg), void *arg)
{
	struct fiber *f = &fibers[fiber_now];

	memory_settle(fiber_now);
	while (!until(arg)) {
		f->until = until;
		f->until_arg = arg;
		trace("waits");
		if (!leave())
			go_to(-1);
		f->until = NULL;
	}
}

void sim_relax(void)
{
	if (fiber_now < 0)
		return;
	memory_settle(fiber_now);
	fiber_tick++;
	explore_yield(fiber_now);
	leave();
}

void sim_irqs_off(void)
{
	fibers[fiber_now].irqs_off++;
}

void sim_irqs_on(void)
{
	fibers[fiber_now].irqs_off--;
}

/* The first entry comes from maker and goes back there, the others from anywhere */
static void live(int cpu)
{
	struct fiber *f = &fibers[cpu];

	if (!_setjmp(f->state))
		swapcontext(&(ucontext_t) { 0 }, &maker);
	for (;;) {
		f->body(f->arg);
		while (f->interrupted < f->nr_interrupts)
			interrupt(f);
		memory_settle(cpu);
		trace("done");
		f->done = true;
		if (!leave())
			go_to(-1);
	}
}

static void make(int cpu)
{
	static ucontext_t context;

	getcontext(&context);
	context.uc_stack.ss_sp = stacks[cpu];
	context.uc_stack.ss_size = STACK;
	context.uc_link = NULL;
	makecontext(&context, (void (*)(void))live, 1, cpu);
	swapcontext(&maker, &context);
	fibers[cpu].made = true;
}

bool sim_run(void)
{
	struct choice_of_cpu choice;
	bool all = true;
	int i;

	memory_begin();
	fiber_tick = 1;
	for (i = 0; i < nr_fibers; i++) {
		memory_cpu_begin(i);
		if (!fibers[i].made)
			make(i);
	}
	explore_begin();
	choices(&choice, false);
	go_to(explore_cpu(&choice, true));
	for (i = 0; i < nr_fibers; i++) {
		/* It stands somewhere on its stack */
		if (!fibers[i].done)
			all = fibers[i].made = false;
	}
	memory_end();
	nr_fibers = 0;
	return all;
}

bool sim_stuck(int cpu)
{
	return !fibers[cpu].done;
}

void fiber_abort(void)
{
	int i;

	for (i = 0; i < SIM_CPUS; i++)
		fibers[i].made = false;
	nr_fibers = 0;
	fiber_now = -1;
}
