// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is handed out, one at a time or many: from a batch that is filled when
 * nothing is left of it. Its readers are told when somebody asks where they are,
 * or looks for more: then what was not handed out goes back to them.
 */
#include <errno.h>
#include "internal.h"
#include "order.h"

/* What is the same in all events */
void ring_batch_prepare(struct ring_batch *batch)
{
	int i;

	for (i = 0; i < RING_BATCH_MAX; i++) {
		batch->records[i].kind = RING_EVENT;
		batch->records[i].flags = 0;
		batch->records[i].overwritten = 0;
		batch->records[i].refused = 0;
	}
}

static void take_one(struct ring *ring, struct ring_reader *r, const struct ring_record *record)
{
	/* A reader's items are in front of what goes straight */
	if (r->peeked) {
		r->peeked--;
	} else {
		r->at.pos += KRING_RECORD_BYTES((uint64_t)record->size);
		r->at.seq++;
	}
	ring->events += record->kind == RING_EVENT;
	ring->bytes += record->size;
	ring->overwritten += record->overwritten;
	ring->refused += record->refused;
}

static void take_all(struct ring *ring)
{
	const struct ring_batch *batch = &ring->batch;
	uint32_t i;

	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];

		r->peeked = 0;
		if (r->straight) {
			r->at.pos = r->ahead.pos;
			r->at.seq = r->ahead.seq;
		}
	}
	ring->events += batch->events;
	ring->bytes += batch->bytes;
	ring->overwritten += batch->overwritten;
	ring->refused += batch->refused;
}

/* The readers learn what was handed out */
void ring_take(struct ring *ring)
{
	struct ring_batch *batch = &ring->batch;
	int i;

	if (!batch->taken && batch->first && batch->first == batch->nr)
		take_all(ring);
	else
		for (i = batch->taken; i < batch->first; i++)
			take_one(ring, ring->by_index[batch->records[i].ring], &batch->records[i]);
	batch->taken = batch->first;
}

void ring_unpeek(struct ring *ring)
{
	struct ring_batch *batch = &ring->batch;
	uint32_t i;

	ring_take(ring);
	if (batch->first < batch->nr) {
		ring->turn = ring->by_index[batch->records[batch->first].ring];
		for (i = 0; i < ring->nr; i++) {
			struct ring_reader *r = &ring->readers[i];

			r->first -= r->peeked;
			r->peeked = 0;
			if (r->straight && r->ahead.pos != r->at.pos) {
				r->ahead.pos = r->at.pos;
				r->ahead.seq = r->at.seq;
				r->time = r->bound;	/* until somebody looks there */
			}
			ring_reader_retime(r);
		}
		ring_rebuild(ring);
	}
	if (batch->overwritten || batch->refused)
		ring_batch_prepare(batch);
	batch->first = 0;
	batch->nr = 0;
	batch->taken = 0;
	batch->events = 0;
	batch->bytes = 0;
	batch->overwritten = 0;
	batch->refused = 0;
}

/* A new batch. Returns how many, or what ring_next() returns */
static int fill(struct ring *ring, int max)
{
	struct ring_batch *batch = &ring->batch;
	int ret;

	do {
		ret = ring_look(ring);
		if (ret != 1)
			return ret;
		ret = ring_gather(ring, max);
		if (ret < 0 && !batch->nr)
			return ret;
	} while (!batch->nr);
	return batch->nr;
}

int ring_peek(struct ring *ring, const struct ring_record **records, int max)
{
	int ret;

	if (max < 1)
		return -EINVAL;
	if (max > RING_BATCH_MAX)
		max = RING_BATCH_MAX;
	ret = fill(ring, max);
	ring->batch.ours = false;
	*records = ring->batch.records;
	return ret;
}

int ring_advance(struct ring *ring, int n)
{
	struct ring_batch *batch = &ring->batch;

	if (n < 0 || n > (batch->ours ? 0 : batch->nr - batch->first))
		return -EINVAL;
	batch->first += n;
	return ring_release(ring);
}

static inline bool is_stale(const struct ring_reader *r)
{
	return ring_load(r->guard) > r->given;
}

/* One record is handed out. Returns 1, or as ring_next() */
static inline __attribute__((always_inline))
int next(struct ring *ring, const struct ring_record **record)
{
	struct ring_batch *batch = &ring->batch;
	int ret;

	/* What was revoked since is not handed out */
	if (batch->first == batch->nr ||
	    caa_unlikely(is_stale(ring->by_index[batch->records[batch->first].ring]))) {
		ret = fill(ring, RING_BATCH_MAX);
		if (ret < 1)
			return ret;
	}
	batch->ours = true;
	*record = &batch->records[batch->first++];
	return 1;
}

int ring_next(struct ring *ring, struct ring_record *out)
{
	const struct ring_record *record;
	int ret = next(ring, &record);

	if (ret == 1)
		*out = *record;
	return ret;
}

int ring_consume(struct ring *ring, ring_fn fn, void *ctx, int budget)
{
	const struct ring_record *record;
	int n, ret;

	if (budget < 1)
		return -EINVAL;
	for (n = 0; n < budget; n++) {
		ret = next(ring, &record);
		if (ret != 1)
			return n ? n : ret;
		ret = fn(record, ctx);
		if (ret < 0)
			return ret;
		if (ret)
			return n + 1;
	}
	return n;
}
