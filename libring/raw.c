// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many records at once, where they lie: nothing is made of each. */
#include <errno.h>
#include "internal.h"
#include "straight.h"

/* Up to that time, if by time */
static inline __attribute__((always_inline))
void walk(struct ring_run *run, uint64_t until, bool by_time)
{
	while (ring_run_look(run, by_time) && !(by_time && run->time > until))
		ring_run_step(run);
}

int ring_next_raw(struct ring *ring, struct ring_raw *raw)
{
	struct ring_reader *r;
	struct ring_run run;
	int ret;

	do {
		ret = ring_look(ring);
		if (ret != 1)
			return ret;
		r = ring->turn;
		if (r->first < r->ready)
			return -ENOMSG;
		ring_run_begin(&run, r);
		raw->seq = run.seq;
		raw->at = run.at;
		if (ring->by_time)
			walk(&run, ring->until, true);
		else
			walk(&run, RING_NEVER, false);
		if (ring_run_is_revoked(&run)) {
			ret = ring_revoke_turn(ring);
			if (ret)
				return ret;
			raw->nr = 0;
			continue;
		}
		raw->nr = ring_run_end(&run, &ring->events, &ring->bytes);
		r->at.pos = r->ahead.pos;
		r->at.seq = r->ahead.seq;
		ring_turn_ends(ring);
	} while (!raw->nr);
	raw->end = run.at;
	raw->ring = run.index;
	/* Until the first one's is known */
	raw->last = (const char *)raw->at - 1;
	raw->size = 0;
	return 1;
}
