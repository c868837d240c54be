/* SPDX-License-Identifier: GPL-2.0 */
/* Readers of the world's rings: libring itself. */
#ifndef TESTS_SCHED_READER_H
#define TESTS_SCHED_READER_H

#include <ring_port.h>

struct reader {
	const char *name;
	u32 order;		/* enum ring_order */
	u32 from;		/* enum ring_from */
	u32 flags;		/* RING_HOLD */
	int looks;		/* before it waits for the producers' end */
	bool revocable;		/* there is a lag limit */
	bool attaches;		/* first, by kernel/hold.c, and drops at the end */
	bool leaves;		/* does not wait for the producers' end */
	bool keeps;		/* releases when there is nothing more */
};

int reader_cpu(const struct reader *reader);

#endif /* TESTS_SCHED_READER_H */
