// SPDX-License-Identifier: GPL-2.0
/*
 * What happens next. At random: each execution draws how often CPUs are switched
 * and how often loads find something old, so that many kinds come. With
 * priorities (Burckhardt and others, "A randomized scheduler with probabilistic
 * guarantees of finding bugs", 2010): the highest runs, and a few times in an
 * execution the one that runs becomes the lowest. Or all, up to a number of
 * preemptions and of old loads: interrupts come everywhere at no charge. An
 * execution is the list of its choices, or the seed that they were drawn from.
 */
#include <stdlib.h>
#include <string.h>
#include "explore.h"
#include "machine.h"

#define CHOICES		8192
#define CHANGES		4

static enum explore_mode mode;
static struct explore_bounds bounds, left;

static uint64_t state;
static unsigned int switch_one_in, stale_of_16, oldest_of_4;
static int priority[SIM_CPUS], lowest;
static uint64_t change_at[CHANGES];
static uint32_t interrupt_at[SIM_CPUS][SIM_INTERRUPTS];
static int interrupts[SIM_CPUS];
static uint32_t usual_steps[SIM_CPUS], usual_sum;	/* of EXPLORE_NOTHING */

static struct { uint8_t taken, of; } choices[CHOICES];
static int nr_choices, at_choice;

static uint64_t draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static unsigned int below(unsigned int n)
{
	return (draw() >> 32) * n >> 32;
}

void explore_mode(enum explore_mode m, const struct explore_bounds *b)
{
	int i;

	if (mode == EXPLORE_NOTHING && m != EXPLORE_NOTHING)
		for (usual_sum = i = 0; i < SIM_CPUS; i++) {
			usual_steps[i] = fiber_steps(i);
			usual_sum += usual_steps[i];
		}
	mode = m;
	bounds = *b;
	nr_choices = 0;
}

void explore_seed(uint64_t seed)
{
	state = seed * 0xd1342543de82ef95ULL + 1;
}

static void draw_execution(void)
{
	static const unsigned int one_in[] = { 2, 3, 6, 12, 30, 60 };
	static const unsigned int stale[] = { 0, 1, 2, 4, 8, 16 };
	int i, n, changes;

	switch_one_in = one_in[below(6)];
	stale_of_16 = stale[below(6)];
	oldest_of_4 = below(5);
	for (i = 0; i < SIM_CPUS; i++) {
		n = below(i + 1);
		priority[i] = priority[n];
		priority[n] = i + 1;
	}
	lowest = 0;
	changes = below(CHANGES + 1);
	for (i = 0; i < CHANGES; i++)
		change_at[i] = i < changes ? 1 + below(usual_sum + usual_sum / 4 + 1) : 0;
	for (i = 0; i < SIM_CPUS; i++)
		for (n = 0; n < SIM_INTERRUPTS; n++)
			interrupt_at[i][n] = below(usual_steps[i] + 1);
}

void explore_begin(void)
{
	memset(interrupts, 0, sizeof(interrupts));
	left = bounds;
	at_choice = 0;
	if (mode == EXPLORE_RANDOM || mode == EXPLORE_PCT)
		draw_execution();
}

static int choose(int n)
{
	if (at_choice == CHOICES)
		sim_fail("too many choices");
	if (at_choice == nr_choices) {
		if (mode == EXPLORE_REPLAY) {
			at_choice++;
			nr_choices++;
			return 0;
		}
		choices[nr_choices].taken = 0;
		choices[nr_choices++].of = n;
	}
	return choices[at_choice++].taken;
}

bool explore_next(void)
{
	nr_choices = at_choice;
	while (nr_choices && choices[nr_choices - 1].taken + 1 >= choices[nr_choices - 1].of)
		nr_choices--;
	if (!nr_choices)
		return false;
	choices[nr_choices - 1].taken++;
	return true;
}

void explore_print(FILE *to)
{
	const char *comma = "";
	int i;

	for (i = 0; i < at_choice; i++)
		if (choices[i].taken) {
			fprintf(to, "%s%d:%d", comma, i, choices[i].taken);
			comma = ",";
		}
	if (!*comma)
		fputs("0:0", to);
}

bool explore_parse(const char *text)
{
	unsigned long at, taken;
	char *end;

	memset(choices, 0, sizeof(choices));
	nr_choices = 0;
	do {
		at = strtoul(text, &end, 10);
		if (end == text || *end != ':' || at >= CHOICES)
			return false;
		text = end + 1;
		taken = strtoul(text, &end, 10);
		if (end == text || taken > 255)
			return false;
		choices[at].taken = taken;
		if (nr_choices <= (int)at)
			nr_choices = at + 1;
		text = end + 1;
	} while (*end == ',');
	return !*end;
}

static int highest(const struct choice_of_cpu *choice)
{
	int i, best = 0;

	for (i = 1; i < choice->nr; i++)
		if (priority[choice->cpus[i]] > priority[choice->cpus[best]])
			best = i;
	return best;
}

int explore_cpu(const struct choice_of_cpu *choice, bool marked)
{
	int i = 0;

	switch (mode) {
	case EXPLORE_NOTHING:
		break;
	case EXPLORE_RANDOM:
		if (!choice->may_stay)
			i = below(choice->nr);
		else if (!below(switch_one_in))
			i = 1 + below(choice->nr - 1);
		break;
	case EXPLORE_PCT:
		for (i = 0; i < CHANGES; i++)
			if (change_at[i] == fiber_tick && fiber_now >= 0)
				priority[fiber_now] = --lowest;
		i = highest(choice);
		break;
	default:
		if (!choice->may_stay) {
			i = choose(choice->nr);
		} else if (marked && left.preemptions) {
			i = choose(choice->nr);
			left.preemptions -= !!i;
		}
	}
	return choice->cpus[i];
}

void explore_yield(int cpu)
{
	priority[cpu] = --lowest;
}

bool explore_interrupt(int cpu, bool marked)
{
	bool now = false;

	switch (mode) {
	case EXPLORE_NOTHING:
		return false;
	case EXPLORE_RANDOM:
	case EXPLORE_PCT:
		now = fiber_steps(cpu) >= interrupt_at[cpu][interrupts[cpu]];
		break;
	default:
		now = marked && choose(2);
	}
	interrupts[cpu] += now;
	return now;
}

int explore_load(int visible)
{
	int i = 0;

	switch (mode) {
	case EXPLORE_NOTHING:
		break;
	case EXPLORE_RANDOM:
	case EXPLORE_PCT:
		if (below(16) < stale_of_16)
			i = below(4) < oldest_of_4 ? visible - 1 : (int)below(visible);
		break;
	default:
		if (left.stale) {
			i = choose(visible);
			left.stale -= !!i;
		}
	}
	return i;
}

int explore_other(int n)
{
	switch (mode) {
	case EXPLORE_NOTHING:
		return 0;
	case EXPLORE_RANDOM:
	case EXPLORE_PCT:
		return below(n);
	default:
		return choose(n);
	}
}

bool explore_plain_steps(void)
{
	return mode == EXPLORE_RANDOM || mode == EXPLORE_PCT;
}
