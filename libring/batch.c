// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many records at once. What is peeked at was taken from its readers, and their
 * items are as they were but for `first`, until somebody looks for more: then
 * what was not taken from here goes back to them.
 */
#include <errno.h>
#include <stdlib.h>
#include "internal.h"

#define BATCH_MAX	128

struct ring_batch {
	int first;		/* ring->peeked from here on are still next */
	struct ring_record records[BATCH_MAX];
	struct ring_reader *readers[BATCH_MAX];	/* that they are from */
};

void ring_unpeek(struct ring *ring)
{
	struct ring_batch *batch = ring->batch;
	uint32_t i;

	if (!ring->peeked)
		return;
	ring->turn = batch->readers[batch->first];
	ring->peeked = 0;
	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];

		r->first -= r->peeked;
		r->peeked = 0;
		ring_reader_retime(r);
	}
	ring_rebuild(ring);
}

int ring_peek(struct ring *ring, const struct ring_record **records, int max)
{
	struct ring_batch *batch = ring->batch;
	int ret;

	if (max < 1)
		return -EINVAL;
	if (!batch)
		batch = malloc(sizeof(*batch));
	if (!batch)
		return -ENOMEM;
	ring->batch = batch;
	ret = ring_look(ring);
	if (ret != 1)
		return ret;
	if (max > BATCH_MAX)
		max = BATCH_MAX;
	batch->first = 0;
	while (ring->peeked < max &&
	       (ring_reader_ready(ring->turn) || ring_pick(ring))) {
		struct ring_reader *r = ring->turn;

		ret = ring_pop(ring, &batch->records[ring->peeked]);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;	/* a hold was revoked: all went back */
		batch->readers[ring->peeked++] = r;
		r->peeked++;
	}
	*records = batch->records;
	return ring->peeked;
}

int ring_advance(struct ring *ring, int n)
{
	struct ring_batch *batch = ring->batch;
	const struct ring_record *record;

	if (n < 0 || n > ring->peeked)
		return -EINVAL;
	for (; n; n--) {
		record = &batch->records[batch->first];
		if (record->kind == RING_EVENT) {
			ring->events++;
			ring->bytes += record->size;
		}
		ring->overwritten += record->overwritten;
		ring->refused += record->refused;
		batch->readers[batch->first++]->peeked--;
		ring->peeked--;
	}
	return ring_release(ring);
}
