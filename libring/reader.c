// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A reader of one ring: where it starts, what it can deliver, and the earliest
 * time of what it cannot deliver yet.
 */
#include <errno.h>
#include "internal.h"
#include "order.h"

#define SETTLE_TRIES	1000	/* looks at producers that are not finished */

static uint32_t granule(uint64_t pos)
{
	return (uint32_t)(pos / KRING_GRANULE);
}

/* Where the next event goes, and its number */
void ring_read_reserve(const struct kring_meta *meta, uint64_t *pos, uint64_t *seq)
{
	uint64_t word = ring_load(&meta->reserve);
	uint64_t head = ring_load(&meta->head);

	/* head may be behind the word's position, or have passed it since */
	*pos = head + (int64_t)(int32_t)(KRING_RESERVE_GRANULE(word) - granule(head)) *
	       KRING_GRANULE;
	*seq = ring_full_seq(KRING_RESERVE_SEQ(word), ring_counted(meta));
}

/*
 * At the oldest record from a position on, or where the next will be. 0; -ENODATA:
 * a producer was stopped in mid-record there; -EBADMSG
 */
static int start_oldest(struct ring_reader *r, uint64_t from)
{
	struct kring_record record;
	uint64_t head, tail, pos, seq, now;
	int tries;

	for (tries = 0; tries < SETTLE_TRIES; tries++) {
		/* A: head is not older than this tail */
		tail = ring_load_acquire(&r->meta->tail);
		/* A: then what it covers; pairs with the kernel's store-release */
		head = ring_load_acquire(&r->meta->head);
		if (head < tail || (head | tail | from) % KRING_GRANULE)
			return -EBADMSG;
		if (tail < from)
			tail = from;
		if (tail >= head) {
			ring_read_reserve(r->meta, &pos, &seq);
			if (pos <= tail) {
				r->at.pos = pos;
				r->at.seq = seq;
				return 0;
			}
			caa_cpu_relax();
			continue;
		}
		if (ring_copy_header(r, tail, &record, &now)) {
			ring_read_reserve(r->meta, &pos, &seq);
			r->at.pos = tail;
			r->at.seq = seq - (uint32_t)((uint32_t)seq - record.seq);
			return 0;
		}
	}
	return tail >= head ? -ENODATA : -EBADMSG;
}

/* From the cursor on, as set; what was overwritten before it came is missing. */
void ring_reader_go_on(struct ring_reader *r)
{
	uint64_t tail = ring_load(&r->meta->tail);

	if (tail > r->at.pos) {
		r->at.pos = tail;
		r->at.jumped = true;
		cmm_smp_rmb();		/* A: head is not older than this tail */
	}
	r->start = r->at.seq;
	r->refused_to = r->at.seq;
	r->stop = RING_NEVER;
}

/* A ring that was made while its reader was at work: all of it */
int ring_reader_start_new(struct ring_reader *r)
{
	r->at.pos = r->meta->start_pos;
	r->at.seq = r->meta->start_seq;
	r->overwritten = 0;
	ring_reader_go_on(r);
	return 0;
}

/* As the options say; pos: where RING_FROM_OLDEST is, at least */
int ring_reader_start(struct ring_reader *r, const struct ring_opts *opts, uint64_t pos)
{
	int ret = -ENODATA;

	if (opts->from == RING_FROM_OLDEST)
		ret = start_oldest(r, pos);
	if (ret && ret != -ENODATA)
		return ret;
	/* A producer was stopped in mid-record: start behind it */
	if (ret)
		ring_read_reserve(r->meta, &r->at.pos, &r->at.seq);
	r->overwritten = ring_load(&r->meta->counters.overwritten);
	r->start = r->at.seq;
	r->refused_to = r->at.seq;
	r->stop = RING_NEVER;
	return 0;
}

/* What was refused, or overwritten at last, with no record behind it yet */
static int lose(struct ring_reader *r, uint64_t time, uint64_t seq)
{
	uint64_t lost = seq - r->at.seq;

	ring_items_drop(r);
	if (ring_items_room(r, 0))
		return -ENOMEM;
	r->at.seq = seq;
	ring_items_lost(r, time, lost);
	return 0;
}

/*
 * All that was reserved before the look is in hand; what comes later is stamped
 * after t0. Among the rest there may be records later than t0: something that
 * was reserved since may have to go before them, so they wait for the next look.
 * So do refusals, which may be later than t0 too.
 */
static int settle(struct ring_reader *r, uint64_t word, uint64_t t0)
{
	uint64_t full = ring_full_seq(KRING_RESERVE_SEQ(word), ring_counted(r->meta));
	int ret = 0;

	r->settled = true;
	r->word = word;
	if (r->first == r->nr && r->refused_to > r->at.seq)
		ret = lose(r, t0, r->refused_to);
	if (ret)
		return ret;
	ring_items_until(r, t0);
	if ((int64_t)(full - r->at.seq) > 0)
		r->refused_to = full;
	return 0;
}

/* Everything before the snapshot's end is in hand, or gone. */
static int finish(struct ring_reader *r, uint64_t t0)
{
	int ret = 0;

	if (r->stop_seq > r->at.seq)
		ret = lose(r, t0, r->stop_seq);
	if (ret)
		return ret;
	ring_items_close(r);
	r->bound = RING_NEVER;
	r->done = true;
	return 0;
}

/*
 * Fetch until something is ready or everything is in hand. t0 was read before,
 * and a full barrier follows it: whatever is not reserved at the look is stamped
 * after t0. Most of many rings have nothing new at all.
 */
int ring_reader_look(struct ring_reader *r, uint64_t t0)
{
	/* G: pairs with the reservation before a producer's clock */
	uint64_t word = ring_load(&r->meta->reserve);
	uint64_t from = r->at.pos;
	int ret;

	if (ring_reader_has_all(r, word)) {
		r->bound = t0;
		r->time = t0;
		return 0;
	}
	r->settled = false;
	do {
		ret = ring_fetch(r);
		if (ret < 0)
			return ret;
	} while (ret && !ring_reader_ready(r) &&
		 r->at.pos - from < 2 * r->data_size);

	ret = 0;
	if (!ring_reader_ready(r)) {
		if (r->at.pos >= r->stop)
			ret = finish(r, t0);
		else if ((int32_t)(granule(r->at.pos) - KRING_RESERVE_GRANULE(word)) >= 0)
			ret = settle(r, word, t0);
	}
	ring_reader_retime(r);
	return ret;
}
