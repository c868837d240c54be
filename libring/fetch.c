// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copies of a ring's records, taken while the kernel writes, and the proof
 * that they are whole; or, of a ring that is held, a look at the headers alone.
 * Nothing here trusts a length before that proof, nor reads outside the mapping
 * or the copy whatever the pages hold.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "order.h"
#include "straight.h"

#define CHUNK		(16u << 10)	/* bytes to copy at once: they stay in the first cache */
#define TRIES		64		/* producers that write faster than this copies */

/* The copy races with the kernel by design; tail tells whether it was in time. */
#ifdef RING_TSAN
__attribute__((no_sanitize("thread"), noinline))
static void copy_racing(void *to, const void *from, size_t bytes)
{
	volatile const uint64_t *word = from;
	uint64_t *out = to;

	for (size_t n = 0; n < bytes / sizeof(*out); n++)
		out[n] = word[n];
}
#else
#define copy_racing memcpy
#endif

static const void *data_at(const struct ring_reader *r, uint64_t pos)
{
	return r->data + (pos & (r->data_size - 1));
}

/*
 * Events that left the ring or never came in: its next sequence number, but for
 * what lies in it, 2^25 records at most. So it gives the upper 32 bits.
 */
uint64_t ring_counted(const struct kring_meta *meta)
{
	const struct kring_counters *c = &meta->counters;

	return meta->start_seq + ring_load(&c->overwritten) +
	       ring_load(&c->refused_held) + ring_load(&c->refused_busy) +
	       ring_load(&c->refused_size) + ring_load(&c->refused_critical);
}

/* Copy the header at pos. Returns whether it is whole, and tail as it is now. */
bool ring_copy_header(const struct ring_reader *r, uint64_t pos,
		      struct kring_record *record, uint64_t *tail)
{
	*record = ring_load_header(data_at(r, pos));
	cmm_smp_rmb();		/* C: the kernel moves tail before it writes */
	*tail = ring_load(&r->meta->tail);
	return *tail <= pos;
}

/*
 * The cursor is at a record with that number. Returns how many are missing in
 * front of it. overwritten: records that tail has passed since the last one;
 * should it have gone round, refusals still come to light in settle().
 */
uint64_t ring_meet(struct ring_cursor *at, uint32_t seq, uint64_t overwritten)
{
	uint64_t lost = (uint32_t)(seq - (uint32_t)at->seq);
	uint64_t full = ring_full_seq(seq, at->seq + overwritten);

	if (at->jumped && (int64_t)(full - at->seq) > 0)
		lost = full - at->seq;
	at->seq += lost;
	return lost;
}

/* Room for bytes more of records in the copy */
static int make_room(struct ring_reader *r, size_t bytes)
{
	size_t room = r->room ? r->room : 2 * CHUNK;
	unsigned char *copy;

	while (room - r->used < bytes)
		room *= 2;
	if (room != r->room) {
		copy = realloc(r->copy, room);
		if (!copy)
			return -ENOMEM;
		r->copy = copy;
		r->room = room;
	}
	r->base = r->copy;
	return 0;
}

/* What the record at the cursor makes. value: where it is found later */
static inline void take(struct ring_reader *r, const struct kring_record *record,
			uint64_t total, uint64_t overwritten, uint64_t value)
{
	uint64_t lost;

	if (r->by_time && record->flags & KRING_RECORD_ORDERED)
		ring_items_close(r);
	if (record->seq != (uint32_t)r->at.seq || r->at.jumped) {
		lost = ring_meet(&r->at, record->seq, overwritten - r->overwritten);
		ring_items_lost(r, record->time, lost);
	}
	if (!r->nr_past || !ring_past(r, r->at.seq, r->at.seq + 1)) {
		if (record->flags & KRING_RECORD_DISCARDED)
			r->discarded++;
		else
			ring_items_add(r, record->time, r->at.seq, ITEM_EVENT, value);
	}
	r->at.seq++;
	r->at.pos += total;
}

/* Make items of the whole records in copy[off, end), which lie from r->at on. */
static int parse(struct ring_reader *r, size_t off, size_t end, uint64_t head)
{
	uint64_t overwritten = ring_load(&r->meta->counters.overwritten);
	const struct kring_record *record;
	uint64_t total;

	for (;; off += total) {
		total = RECORD_MIN;
		if (end - off < total)
			break;
		record = (const void *)(r->copy + off);
		total = KRING_RECORD_BYTES((uint64_t)record->size);
		if (end - off < total)
			break;
		take(r, record, total, overwritten, off);
	}
	r->used = off;
	r->overwritten = overwritten;
	/* Cut by the end of the copy: left for the next. By head: impossible. */
	if (total > head - r->at.pos && head != r->at.pos)
		return -EBADMSG;
	r->need = total;
	return 0;
}

/* Make items of the records that begin before end, and stay where they are. */
static int parse_held(struct ring_reader *r, uint64_t end, uint64_t head)
{
	uint64_t overwritten = ring_load(&r->meta->counters.overwritten);
	const unsigned char *data = r->data;
	uint64_t mask = r->mask, given = r->given;
	const __u64 *tail = &r->meta->tail;
	uint64_t pos, total;

	for (pos = r->at.pos; pos < end; pos += total) {
		struct kring_record record = ring_load_header(data + (pos & mask));

		cmm_smp_rmb();	/* C: the kernel moves tail before it writes */
		if (ring_load(tail) > given)
			return 0;	/* revoked: the next look at tail finds out */
		total = KRING_RECORD_BYTES((uint64_t)record.size);
		if (total > head - pos)
			return -EBADMSG;
		take(r, &record, total, overwritten, pos);
	}
	r->overwritten = overwritten;
	return 0;
}

/*
 * How much is looked at next. In place it need not stay in the first cache, but a
 * sixteenth of a large ring is as much as is kept from its producers meanwhile.
 */
static size_t chunk(const struct ring_reader *r)
{
	size_t bytes = r->cursor && r->data_size / 16 >= 2 * CHUNK ? 2 * CHUNK : CHUNK;

	return r->need > bytes ? r->need : bytes;
}

/* Whether records from the cursor to end go straight, the first of them at least */
static bool go_straight(struct ring_reader *r, uint64_t end)
{
	struct ring_run run;

	if (r->at.jumped || r->nr_past || end - r->at.pos < RECORD_MIN)
		return false;
	if (!ring_is_simple(ring_load_word(ring_straight_at(r, r->at.pos)), r->by_time))
		return false;
	r->ahead.pos = r->at.pos;
	r->ahead.seq = r->at.seq;
	r->straight = end;
	ring_run_begin(&run, r);
	if (!ring_run_look(&run, r->by_time)) {
		r->straight = 0;
		return false;
	}
	r->overwritten = ring_load(&r->meta->counters.overwritten);
	ring_items_close(r);
	return true;
}

/* The short way, for a ring that is held: false if ring_fetch() must find out why nothing goes */
bool ring_fetch_straight(struct ring_reader *r)
{
	/* A: pairs with the kernel's store-release */
	uint64_t head = ring_load_acquire(&r->meta->head);

	return r->cursor && r->stop == RING_NEVER && head - r->at.pos <= chunk(r) &&
	       go_straight(r, head);
}

/* Make items of what did not go straight from the last copy. 1 or -EBADMSG */
static int parse_rest(struct ring_reader *r)
{
	int ret;

	r->straight = 0;
	ret = parse(r, r->at.pos - r->origin, r->used, RING_NEVER);
	if (!r->by_time)
		r->ready = r->nr;
	return ret ? ret : 1;
}

static void jump(struct ring_reader *r, uint64_t tail)
{
	r->at.pos = tail;
	r->at.jumped = true;
	cmm_smp_rmb();		/* A: head is not older than this tail */
}

static bool in_copy(const struct ring_reader *r, uint64_t at, uint64_t bytes)
{
	const struct kring_record *record = (const void *)(r->copy + at);

	return at + RECORD_MIN <= bytes &&
	       KRING_RECORD_BYTES((uint64_t)record->size) <= bytes - at;
}

/*
 * The hold is gone: copy the records in hand while they are whole, and go on with
 * copies from here on. Those for which it is too late are lost. 0 or an error,
 * with nothing changed
 */
int ring_keep(struct ring_reader *r)
{
	uint64_t low = ring_lowest(r);
	uint64_t tail = ring_load(&r->meta->tail);
	uint64_t bytes;
	size_t i;

	if (low < tail)
		low = tail;
	bytes = low < r->at.pos ? r->at.pos - low : 0;
	if (bytes > r->data_size || bytes % KRING_GRANULE)
		return -EBADMSG;
	if (make_room(r, bytes))
		return -ENOMEM;
	copy_racing(r->copy, data_at(r, low), bytes);
	cmm_smp_rmb();		/* C: the kernel moves tail before it writes */
	tail = ring_load(&r->meta->tail);
	ring_items_overwritten(r, tail > low ? tail : low);
	/* They lay in the ring when their sizes were looked at */
	for (i = r->first; i < r->nr; i++)
		if (r->items[i].kind == ITEM_EVENT &&
		    !in_copy(r, r->items[i].value - low, bytes))
			return -EBADMSG;
	for (i = r->first; i < r->nr; i++)
		if (r->items[i].kind == ITEM_EVENT)
			r->items[i].value -= low;
	r->used = bytes;
	r->mask = ~0ULL;
	return 0;
}

/*
 * Take what is there, a chunk at most, and make items of it. Returns 1 if that
 * got anywhere, 0 if there was nothing whole, or -EBADMSG, -ENOMEM.
 */
int ring_fetch(struct ring_reader *r)
{
	int ret, tries;

	if (r->straight && !r->cursor)
		return parse_rest(r);
	r->straight = 0;
	for (tries = 0; tries < TRIES; tries++) {
		/* A: pairs with the kernel's store-release */
		uint64_t head = ring_load_acquire(&r->meta->head);
		uint64_t tail = ring_load(&r->meta->tail);
		uint64_t from = r->at.pos;
		uint64_t bytes, torn;

		if ((head | tail) % KRING_GRANULE)
			return -EBADMSG;
		if (tail > r->given) {
			ret = ring_revoke(r);
			if (ret)
				return ret;
		}
		if (tail > from) {
			jump(r, tail);
			continue;
		}
		/* Who starts at the newest is ahead of head for a moment */
		if (head <= from)
			return from - head > r->data_size ? -EBADMSG : 0;
		if (head - from > r->data_size)
			return -EBADMSG;
		if (head > r->stop)
			head = r->stop;
		if (head <= from)
			return 0;

		bytes = chunk(r);
		if (bytes > head - from)
			bytes = head - from;
		ring_items_drop(r);
		/* each may have a loss in front of it */
		if (ring_items_room(r, 2 * (bytes / RECORD_MIN)))
			return -ENOMEM;
		if (r->cursor) {
			if (go_straight(r, from + bytes))
				return 1;
			ret = parse_held(r, from + bytes, head);
			if (ret)
				return ret;
			if (r->at.pos != from)
				break;
			continue;
		}
		ret = make_room(r, bytes);
		if (ret)
			return ret;
		copy_racing(r->copy + r->used, data_at(r, from), bytes);
		cmm_smp_rmb();		/* C: the kernel moves tail before it writes */
		tail = ring_load(&r->meta->tail);
		torn = tail > from ? tail - from : 0;
		if (torn % KRING_GRANULE)
			return -EBADMSG;
		if (torn)
			jump(r, tail);
		if (torn >= bytes)
			continue;

		r->origin = from - r->used;
		if (go_straight(r, from + bytes)) {
			r->used += bytes;
			return 1;
		}
		ret = parse(r, r->used + torn, r->used + bytes, head);
		if (ret)
			return ret;
		if (r->at.pos != from)
			break;
	}
	if (!r->by_time)
		r->ready = r->nr;
	else if (r->first == r->ready)
		ring_items_outlive(r);
	return tries < TRIES;
}
