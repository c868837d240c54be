// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many records at once. What is peeked at was taken from its readers, and their
 * items are as they were but for `first`, until somebody looks for more: then
 * what was not taken from here goes back to them.
 */
#include <errno.h>
#include <stdlib.h>
#include "internal.h"
#include "order.h"
#include "straight.h"

#define BATCH_MAX	128

struct ring_batch {
	int first;		/* ring->peeked from here on are still next */
	struct ring_record records[BATCH_MAX];
	struct ring_reader *readers[BATCH_MAX];	/* that they are from */
	struct ring_reader *straight;	/* or all from this one, as they lie */
	const struct ring_reader *prepared;	/* the records are for its events */
	uint64_t end, bytes;	/* straight: their end, and the payloads of those that are next */
};

void ring_unpeek(struct ring *ring)
{
	struct ring_batch *batch = ring->batch;
	uint32_t i;

	if (!ring->peeked)
		return;
	if (batch->straight) {
		ring->peeked = 0;	/* its cursor is at the first of them */
		return;
	}
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

static void prepare(struct ring_batch *batch, const struct ring_reader *r)
{
	int i;

	if (batch->prepared == r)
		return;
	for (i = 0; i < BATCH_MAX; i++)
		ring_prepare_event(r, &batch->records[i]);
	batch->prepared = r;
}

static bool others_ready(const struct ring *ring)
{
	uint32_t i;

	for (i = 0; i < ring->nr; i++)
		if (&ring->readers[i] != ring->turn && ring_reader_ready(&ring->readers[i]))
			return true;
	return false;
}

/*
 * Fill in simple records that lie from `at` to `end`, in one piece: the data are
 * mapped twice. Returns how many; leaves batch->end and batch->bytes.
 */
static __attribute__((noinline))
int look_straight(struct ring_batch *batch, const struct ring_reader *r, int max)
{
	const unsigned char *from = r->data + (r->at.pos & r->mask), *at = from;
	const unsigned char *end = at + (r->whole - r->at.pos);
	struct ring_record *out = batch->records, *last = out + max;
	uint64_t seq = r->at.seq - r->start, bytes = 0, total = KRING_RECORD_BYTES(0);
	uint32_t start = r->start, size = 0;	/* of which total is the length */

	for (; out < last && at < end; out++) {
		struct kring_record record = ring_load_header(at);

		/* Most are as long as the last: the CPU need not wait to know where the next is */
		if (caa_unlikely(record.size != size)) {
			size = record.size;
			total = KRING_RECORD_BYTES((uint64_t)size);
			asm volatile("" : "+r"(total));
		}
		if (caa_unlikely(!ring_is_simple(&record, seq + start, total, end - at)))
			break;
		ring_fill_event(&record, at, seq, out);
		bytes += size;
		at += total;
		seq++;
	}
	batch->end = r->at.pos + (at - from);
	batch->bytes = bytes;
	return out - batch->records;
}

/* Records as they lie in the ring whose turn it is; 0: not simple, or too few of them */
static int peek_straight(struct ring *ring, int max)
{
	struct ring_batch *batch = ring->batch;
	struct ring_reader *r = ring->turn;
	int n;

	prepare(batch, r);
	n = look_straight(batch, r, max);
	cmm_smp_rmb();		/* C: what was read is whole if tail was not past it */
	if (ring_load(&r->meta->tail) > r->given || (n < max && others_ready(ring)))
		return 0;
	batch->straight = r;
	return n;
}

/* As many items as there are. 0 or an error */
static int peek_items(struct ring *ring, int max)
{
	struct ring_batch *batch = ring->batch;
	int ret;

	batch->straight = NULL;
	batch->prepared = NULL;
	while (ring->peeked < max &&
	       (ring_reader_ready(ring->turn) || ring_pick(ring))) {
		struct ring_reader *r = ring->turn;

		if (ring_reader_straight(r))
			ret = ring_simplify(ring);
		else
			ret = ring_pop(ring, &batch->records[ring->peeked]);
		if (ret < 0)
			return ret;
		if (!ret)
			continue;	/* a hold was revoked: all went back */
		batch->readers[ring->peeked++] = r;
		r->peeked++;
	}
	return 0;
}

int ring_peek(struct ring *ring, const struct ring_record **records, int max)
{
	int ret;

	if (max < 1)
		return -EINVAL;
	if (!ring->batch)
		ring->batch = calloc(1, sizeof(*ring->batch));
	if (!ring->batch)
		return -ENOMEM;
	if (max > BATCH_MAX)
		max = BATCH_MAX;
	do {
		ret = ring_look(ring);
		if (ret != 1)
			return ret;
		ring->batch->first = 0;
		if (ring_reader_straight(ring->turn))
			ring->peeked = peek_straight(ring, max);
		if (!ring->peeked)
			ret = peek_items(ring, max);
		if (ret < 0)
			return ret;
	} while (!ring->peeked);
	*records = ring->batch->records;
	return ring->peeked;
}

static void take_straight(struct ring *ring, int n)
{
	struct ring_batch *batch = ring->batch;
	struct ring_reader *r = batch->straight;
	uint64_t bytes = batch->bytes, end = batch->end;
	int i;

	if (n < ring->peeked) {
		bytes = 0;
		end = r->at.pos;
		for (i = 0; i < n; i++) {
			uint64_t size = batch->records[batch->first + i].size;

			bytes += size;
			end += KRING_RECORD_BYTES(size);
		}
	}
	r->at.pos = end;
	r->at.seq += n;
	ring->events += n;
	ring->bytes += bytes;
	batch->bytes -= bytes;
	batch->first += n;
	ring->peeked -= n;
}

static void take_items(struct ring *ring, int n)
{
	struct ring_batch *batch = ring->batch;
	const struct ring_record *record;

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
}

int ring_advance(struct ring *ring, int n)
{
	if (n < 0 || n > ring->peeked)
		return -EINVAL;
	if (n && ring->batch->straight)
		take_straight(ring, n);
	else
		take_items(ring, n);
	return ring_release(ring);
}
