/* SPDX-License-Identifier: GPL-2.0 */
/* What programs have in common, and those of sleepers.c */
#ifndef TESTS_SCHED_PROGRAMS_H
#define TESTS_SCHED_PROGRAMS_H

#include "world.h"

#define SIZE	256u
#define POS	((1ULL << 36) - 384)
#define SEQ	(~0u - 3)

#define SMALL	{ BYTES_SMALL, 0, false }
#define LARGE	{ BYTES_LARGE, 0, false }
#define GONE	{ BYTES_SMALL, 0, true }

/* An execution: before its CPUs are there; then all of it, to the end */
void begin(void);
void run(void);

void wake(void);
void light_set_up(void);
void light(void);
void page_set_up(void);
void page(void);
void arm(void);
void arm_early(void);

#endif /* TESTS_SCHED_PROGRAMS_H */
