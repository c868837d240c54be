// SPDX-License-Identifier: GPL-2.0
/*
 * Grace periods. A section that begins while somebody waits either sees what the
 * waiting CPU did before, or is waited for too: both happen. All that begin later
 * see it. What was done in sections that ended earlier is seen behind it.
 */
#include "machine.h"
#include "grace.h"

static int depth[SIM_CPUS];
static bool waited_for[SIM_CPUS];
static bool waiting;
static struct sim_view *before, *ended;

void grace_begin(void)
{
	int i;

	for (i = 0; i < SIM_CPUS; i++) {
		depth[i] = 0;
		waited_for[i] = false;
	}
	waiting = false;
	before = ended = NULL;
}

void section_begin(void)
{
	int cpu = sim_self();

	if (cpu < 0 || depth[cpu]++)
		return;
	if (waiting && explore_other(2))
		waited_for[cpu] = true;
	else if (before)
		sim_view_take(before);
}

void section_end(void)
{
	int cpu = sim_self();

	if (cpu < 0 || --depth[cpu])
		return;
	if (!ended)
		ended = sim_view_new();
	sim_view_put(ended);
	waited_for[cpu] = false;
}

static bool all_left(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < SIM_CPUS; i++)
		if (waited_for[i])
			return false;
	return true;
}

void grace_period(void)
{
	int i;

	sim_fence(SIM_FULL);
	before = sim_view_new();
	sim_view_put(before);
	waiting = true;
	for (i = 0; i < SIM_CPUS; i++)
		waited_for[i] = depth[i] && i != sim_self();
	sim_note("grace period");
	sim_wait(all_left, NULL);
	waiting = false;
	if (ended)
		sim_view_take(ended);
	sim_fence(SIM_FULL);
}
