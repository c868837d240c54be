// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The rings merged: whose turn it is, and its next item handed out.
 *
 * Every reader has a time before which nothing will come from it: that of its
 * first ready item or, if it has none, a bound. Readers are kept in a heap by
 * that time. If the first has an item, nothing earlier can come from anywhere;
 * if it has only a bound, all readers without an item look again.
 */
#include <errno.h>
#include "internal.h"
#include "order.h"

#define TRIES	200	/* looks at rings whose producers are not finished */

static bool before(const struct ring_reader *a, const struct ring_reader *b)
{
	return a->time != b->time ? a->time < b->time : a->index < b->index;
}

static void sift_down(struct ring *ring, uint32_t at)
{
	struct ring_reader *r = ring->heap[at];
	uint32_t child;

	while ((child = 2 * at + 1) < ring->nr) {
		if (child + 1 < ring->nr &&
		    before(ring->heap[child + 1], ring->heap[child]))
			child++;
		if (!before(ring->heap[child], r))
			break;
		ring->heap[at] = ring->heap[child];
		at = child;
	}
	ring->heap[at] = r;
}

/* By time, it is the turn of the first reader, up to the time of the second */
static void take_turn(struct ring *ring)
{
	struct ring_reader *r = ring->heap[0];
	uint32_t i;

	ring->turn = r;
	ring->until = RING_NEVER;
	for (i = 1; i < ring->nr && i < 3; i++) {
		struct ring_reader *next = ring->heap[i];
		uint64_t until = next->time - (next->index < r->index);

		if (until < ring->until)
			ring->until = until;
	}
}

/* Make it the turn of a reader whose item can go; false if there is none */
static bool pick(struct ring *ring)
{
	uint32_t n;

	if (ring->by_time)
		take_turn(ring);
	for (n = 0; n < ring->nr && !ring->by_time; n++) {
		if (ring_reader_ready(ring->turn))
			break;
		if (++ring->turn == ring->readers + ring->nr)
			ring->turn = ring->readers;
	}
	return ring_reader_ready(ring->turn);
}

/* Those who have nothing look again. */
static int refresh(struct ring *ring)
{
	uint64_t t0 = ring_now();
	uint32_t i;
	int err = 0;

	cmm_smp_mb();		/* G: the clock, then what the rings hold */
	ring->held = false;
	ring->settled = true;
	ring->ended = true;
	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];
		int ret;

		if (!ring_reader_ready(r) && !r->done) {
			ret = ring_reader_look(r, t0);
			if (ret)
				err = ret;
			ring->settled &= r->settled || r->done;
		}
		ring->held |= r->first < r->nr || r->refused_to > r->at.seq;
		ring->ended &= r->done;
	}
	for (i = ring->nr / 2; i-- > 0; )
		sift_down(ring, i);
	return err;
}

/*
 * Find out whose turn it is. Returns 1; 0 if nothing can be delivered now;
 * -ENODATA at the end; or an error.
 */
int ring_look(struct ring *ring)
{
	int tries, ret;

	if (ring->broken)
		return ring->broken;
	for (tries = 0; ; tries++) {
		if (pick(ring))
			return 1;
		if (tries && !ring->held &&
		    (ring->ended || (ring->gone && ring->settled)))
			return -ENODATA;
		if (tries == TRIES || (tries && !ring->held))
			return 0;
		if (tries)
			caa_cpu_relax();
		ret = refresh(ring);
		if (ret == -EBADMSG)
			ring->broken = ret;
		if (ret)
			return ret;
	}
}

int ring_next(struct ring *ring, struct ring_record *out)
{
	struct ring_reader *r = ring->turn;
	const struct kring_record *record;
	const struct ring_item *item;
	int ret;

	if (!ring_reader_ready(r) || ring->broken) {
		ret = ring_look(ring);
		if (ret != 1)
			return ret;
		r = ring->turn;
	}
	item = &r->items[r->first++];
	out->ring = r->index;
	out->flags = 0;
	out->seq = item->seq - r->start;
	out->time = item->time;
	out->overwritten = 0;
	out->refused = 0;
	if (item->kind == ITEM_EVENT) {
		record = (const void *)(r->copy + item->value);
		out->kind = RING_EVENT;
		out->cpu = record->cpu;
		out->type = record->type;
		out->data = record + 1;
		out->size = record->size;
		ring->events++;
		ring->bytes += out->size;
	} else {
		out->kind = RING_LOST;
		out->cpu = r->cpu;
		out->type = 0;
		out->data = NULL;
		out->size = 0;
		if (item->kind == ITEM_OVERWRITTEN)
			out->overwritten = item->value;
		else
			out->refused = item->value;
		ring->overwritten += out->overwritten;
		ring->refused += out->refused;
	}
	ring_reader_retime(r);
	if (r->time > ring->until) {
		sift_down(ring, 0);
		take_turn(ring);
	}
	return 1;
}

int ring_consume(struct ring *ring, ring_fn fn, void *ctx, int budget)
{
	struct ring_record record;
	int n, ret;

	if (budget < 1)
		return -EINVAL;
	for (n = 0; n < budget; n++) {
		ret = ring_next(ring, &record);
		if (ret != 1)
			return n ? n : ret;
		ret = fn(&record, ctx);
		if (ret < 0)
			return ret;
		if (ret)
			return n + 1;
	}
	return n;
}
