/* SPDX-License-Identifier: GPL-2.0 */
/* Which executions there are; see explore.c. */
#ifndef TESTS_SCHED_EXPLORE_H
#define TESTS_SCHED_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum explore_mode {
	EXPLORE_NOTHING,	/* one after the other, memory always new */
	EXPLORE_RANDOM,
	EXPLORE_PCT,
	EXPLORE_ALL,
	EXPLORE_REPLAY,		/* of EXPLORE_ALL */
};

/* What EXPLORE_ALL may do in one execution, besides switching where it must */
struct explore_bounds {
	int preemptions;
	int stale;		/* loads of something old */
};

void explore_mode(enum explore_mode mode, const struct explore_bounds *bounds);
void explore_seed(uint64_t seed);
/* The next of all executions; false: that was the last */
bool explore_next(void);
void explore_print(FILE *to);			/* this one */
bool explore_parse(const char *choices);	/* EXPLORE_REPLAY: as printed */

#endif /* TESTS_SCHED_EXPLORE_H */
