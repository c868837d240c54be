// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The rings merged: whose turn it is, and a batch filled with what comes next.
 *
 * Every reader has a time before which nothing will come from it: that of its
 * first ready item, that of a record that may go straight or one before it, or, if
 * it has neither, a bound. Readers are kept in a heap by that time. If the first
 * is ready, nothing earlier can come from anywhere; if it has only a bound, all
 * readers that are not ready look again. What may come
 * from rings that are not made yet has a bound too, the horizon.
 */
#include <errno.h>
#include "internal.h"
#include "order.h"
#include "straight.h"

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

	ring->until = ring->horizon;
	if (r->time > ring->horizon)
		r = ring->nobody;
	ring->turn = r;
	for (i = 1; i < ring->nr && i < 3; i++) {
		struct ring_reader *next = ring->heap[i];
		uint64_t until = next->time - (next->index < r->index);

		if (until < ring->until)
			ring->until = until;
	}
}

/* Make it the turn of a reader whose item can go; false if there is none */
bool ring_pick(struct ring *ring)
{
	uint32_t n;

	if (ring_reader_ready(ring->turn))
		return true;
	if (ring->by_time) {
		take_turn(ring);
		return ring_reader_ready(ring->turn);
	}
	for (n = 0; n < ring->nr; n++) {
		if (++ring->turn == ring->readers + ring->nr)
			ring->turn = ring->readers;
		if (ring_reader_ready(ring->turn))
			return true;
	}
	return false;
}

/* After readers got or lost items, several at once */
void ring_rebuild(struct ring *ring)
{
	uint32_t i;

	for (i = ring->nr / 2; i-- > 0; )
		sift_down(ring, i);
	if (ring->by_time)
		take_turn(ring);
}

/*
 * All was in hand at the last look, was delivered, and nothing was reported
 * since: no need to ask when that look was, nor to order anything
 */
static bool nothing_new(const struct ring *ring)
{
	uint32_t i;

	if (!ring->settled || ring->held || ring->ended || ring->gone)
		return false;
	for (i = 0; i < ring->nr; i++) {
		const struct ring_reader *r = &ring->readers[i];

		if (!r->done && !ring_reader_has_all(r, ring_load(&r->meta->reserve)))
			return false;
	}
	return ring_load_32(&ring->readers[0].meta->nr_rings) <= ring->known;
}

/* One ring in its own order, with nothing in hand, needs no turn and no clock: only more of it */
static bool goes_on(struct ring *ring)
{
	struct ring_reader *r = ring->readers;

	return ring->nr == 1 && !ring->by_time && ring_load_32(&r->meta->nr_rings) <= ring->known &&
	       ring_fetch_straight(r);
}

/* Those who have nothing look again. */
static int refresh(struct ring *ring)
{
	uint64_t t0 = 0;
	uint32_t i, nr;
	int err = 0;

	ring_give_back(ring);
	if (goes_on(ring))
		return 0;
	if (ring->by_time) {
		t0 = ring_time(ring->clock);
		cmm_smp_mb();		/* G: the clock, then what the rings hold */
	}
	nr = ring_load_32(&ring->readers[0].meta->nr_rings);	/* G: pairs with rings_add() */
	if (nr > ring->known)
		err = ring_take_late(ring, nr);
	if (err)
		return err;
	/* A ring that is not counted has nothing before t0 (G) */
	if (ring->later && ring->by_time)
		ring->horizon = ring->known < ring->info.max_rings ? t0 : RING_NEVER;
	ring->held = false;
	ring->settled = true;
	ring->ended = true;
	for (i = 0; i < ring->nr; i++) {
		struct ring_reader *r = &ring->readers[i];
		int ret;

		if (!ring_reader_ready(r) && !r->done) {
			/* In its own order, it is only asked for what was lost */
			if (!ring->by_time && ring_reader_may_lose(r))
				t0 = ring_time(ring->clock);
			ret = ring_reader_look(r, t0);
			if (ret)
				err = ret;
			ring->settled &= r->settled || r->done;
		}
		ring->held |= r->first < r->nr || r->refused_to > r->at.seq;
		ring->ended &= r->done;
	}
	ring_rebuild(ring);
	return err;
}

static int fail(struct ring *ring, int err)
{
	if (err == -EBADMSG)
		ring->broken = err;
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
	ring_unpeek(ring);
	for (tries = 0; ; tries++) {
		if (ring_pick(ring))
			return 1;
		if (!tries && nothing_new(ring))
			return 0;
		if (tries && !ring->held &&
		    (ring->ended || (ring->gone && ring->settled)))
			return -ENODATA;
		if (tries == TRIES || (tries && !ring->held))
			return 0;
		if (tries)
			caa_cpu_relax();
		ret = refresh(ring);
		if (ret)
			return fail(ring, ret);
	}
}

/* The hold of the ring whose turn it is was revoked. 0 or an error */
int ring_revoke_turn(struct ring *ring)
{
	struct ring_reader *r = ring->turn;
	int ret;

	ring_unpeek(ring);
	ret = ring_revoke(r);
	if (ret)
		return fail(ring, ret);
	ring_rebuild(ring);
	return 0;
}

/* Put the next item into the batch. 1; 0: a hold was revoked, all went back; or an error */
static int pop(struct ring *ring)
{
	struct ring_batch *batch = &ring->batch;
	struct ring_record *out = &batch->records[batch->nr];
	struct ring_reader *r = ring->turn;
	const struct ring_item *item = &r->items[r->first];
	struct kring_record record;
	const unsigned char *at;

	out->ring = r->index;
	out->seq = item->seq - r->start;
	out->time = item->time;
	out->overwritten = 0;
	out->refused = 0;
	if (item->kind == ITEM_EVENT) {
		at = r->base + (item->value & r->mask);
		record = ring_load_header(at);
		cmm_smp_rmb();		/* C: in place, it is whole if tail was not past it */
		if (caa_unlikely(ring_load(r->guard) > r->given))
			return ring_revoke_turn(ring);
		/* In place, it may not be what the fetch looked at, if no kernel wrote it */
		if (caa_unlikely(record.size > r->data_size - sizeof(record)))
			return fail(ring, -EBADMSG);
		out->kind = RING_EVENT;
		out->flags = 0;
		out->cpu = record.cpu;
		out->type = record.type;
		out->data = at + sizeof(record);
		out->size = record.size;
		batch->events++;
		batch->bytes += record.size;
	} else {
		out->kind = RING_LOST;
		out->flags = item->revoked ? RING_REVOKED : 0;
		out->cpu = r->cpu;
		out->type = 0;
		out->data = NULL;
		out->size = 0;
		if (item->kind == ITEM_OVERWRITTEN)
			out->overwritten = item->value;
		else
			out->refused = item->value;
		batch->overwritten += out->overwritten;
		batch->refused += out->refused;
	}
	batch->nr++;
	r->first++;
	r->peeked++;
	ring_reader_retime(r);
	return 1;
}

/* What goes straight from the ring whose turn it is. As pop() */
static inline __attribute__((always_inline))
int run_alone(struct ring *ring, int max, bool by_time)
{
	struct ring_batch *batch = &ring->batch;
	struct ring_record *out = &batch->records[batch->nr], *last = &batch->records[max];
	uint64_t until = ring->until;
	struct ring_run run;

	ring_run_begin(&run, ring->turn);
	while (out < last && ring_run_look(&run, by_time)) {
		if (by_time && run.time > until)
			break;
		ring_run_go(&run, out++);
	}
	if (ring_run_is_revoked(&run))
		return ring_revoke_turn(ring);
	batch->nr += ring_run_end(&run, &batch->events, &batch->bytes);
	return 1;
}

/*
 * The place in the heap of the ring that is second, if it goes straight too: 0 if
 * not. Up to `until`, no others matter.
 */
static uint32_t find_second(const struct ring *ring, uint64_t *until)
{
	struct ring_reader **heap = ring->heap;
	uint32_t nr = ring->nr, i, at = 1, others[3];

	if (nr < 2)
		return 0;
	if (nr > 2 && before(heap[2], heap[1]))
		at = 2;
	others[0] = 3 - at;
	others[1] = 2 * at + 1;
	others[2] = 2 * at + 2;
	*until = ring->horizon;
	for (i = 0; i < 3; i++) {
		uint32_t other = others[i];

		if (other < nr && heap[other]->time <= *until)
			*until = heap[other]->time ? heap[other]->time - 1 : 0;
	}
	if (heap[at]->first < heap[at]->ready || !ring_reader_straight(heap[at]) ||
	    heap[0]->time > *until || heap[at]->time > *until || !*until)
		return 0;
	return at;
}

/* What goes straight from two rings, the first and the one in that place. As pop() */
static __attribute__((noinline)) int run_both(struct ring *ring, uint32_t at, int max,
					      uint64_t until)
{
	struct ring_batch *batch = &ring->batch;
	struct ring_record *out = &batch->records[batch->nr], *last = &batch->records[max];
	struct ring_run a, b;
	uint64_t tie;

	ring_run_begin(&a, ring->heap[0]);
	ring_run_begin(&b, ring->heap[at]);
	tie = b.r->index < a.r->index;
	if (ring_run_look(&a, true) && ring_run_look(&b, true)) {
		while (out < last) {
			if (a.time + tie <= b.time) {
				if (a.time > until)
					break;
				ring_run_go(&a, out++);
				if (!ring_run_look(&a, true))
					break;
			} else {
				if (b.time > until)
					break;
				ring_run_go(&b, out++);
				if (!ring_run_look(&b, true))
					break;
			}
		}
	}
	if (ring_run_is_revoked(&a))
		return ring_revoke_turn(ring);
	if (ring_run_is_revoked(&b)) {
		ring->turn = b.r;
		return ring_revoke_turn(ring);
	}
	batch->nr += ring_run_end(&a, &batch->events, &batch->bytes);
	batch->nr += ring_run_end(&b, &batch->events, &batch->bytes);
	sift_down(ring, at);
	sift_down(ring, 0);
	take_turn(ring);
	return 1;
}

static __attribute__((noinline)) int go_in_ring_order(struct ring *ring, int max)
{
	return run_alone(ring, max, false);
}

static __attribute__((noinline)) int go_by_time(struct ring *ring, int max)
{
	uint64_t until;
	uint32_t second = find_second(ring, &until);

	return second ? run_both(ring, second, max, until) : run_alone(ring, max, true);
}

/* Something went of the reader whose turn it is: by time, it may be another's now */
void ring_turn_ends(struct ring *ring)
{
	if (ring->turn->time > ring->until) {
		sift_down(ring, 0);
		take_turn(ring);
	}
}

/* Fill the empty batch with what comes next. 0 or an error */
int ring_gather(struct ring *ring, int max)
{
	struct ring_batch *batch = &ring->batch;
	int ret;

	while (batch->nr < max && (ring_reader_ready(ring->turn) || ring_pick(ring))) {
		struct ring_reader *r = ring->turn;

		if (r->first < r->ready)
			ret = pop(ring);
		else
			ret = ring->by_time ? go_by_time(ring, max) : go_in_ring_order(ring, max);
		if (ret < 0)
			return ret;
		if (r == ring->turn)
			ring_turn_ends(ring);
	}
	return 0;
}
