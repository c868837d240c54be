/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The short way of a record, from where it lies, in the ring if that is held or
 * else in the copy, to the batch: as long as the next ones are simple, nothing
 * needs to be remembered of them.
 */
#ifndef LIBRING_STRAIGHT_H
#define LIBRING_STRAIGHT_H

#include <errno.h>
#include "internal.h"
#include "order.h"

#define RECORD_MIN	KRING_RECORD_BYTES(0)

static inline const unsigned char *ring_straight_at(const struct ring_reader *r, uint64_t pos)
{
	return r->base + ((pos - r->origin) & r->mask);
}

/* It is the next one, was not taken back, and, by time, no record before it is later */
static inline bool ring_is_simple(const unsigned char *at, uint64_t seq, bool by_time)
{
	uint16_t flags = by_time ? KRING_RECORD_ORDERED : 0;
	struct kring_record record = ring_load_header(at);

	return record.seq == (uint32_t)seq &&
	       (record.flags & (flags | KRING_RECORD_DISCARDED)) == flags;
}

/* The record at `at`, of that length, may go: the next is simple too, or need not be there */
static inline bool ring_may_go(const unsigned char *at, const unsigned char *end, uint64_t total,
			       uint64_t seq, bool by_time)
{
	uint64_t left = end - at;

	if (caa_unlikely(total + RECORD_MIN > left))
		return !by_time && total <= left;
	return ring_is_simple(at + total, seq + 1, by_time);
}

/*
 * Go ahead over simple records, with times up to `until`, and put max of them into
 * the batch. The one at `ahead` is known to be simple. One may go if the next is
 * simple too: by time, what comes then is not earlier. Only in the ring's own order
 * the last needs none behind it. Returns 0; -ESTALE: the hold is revoked, nothing
 * changed.
 */
static inline __attribute__((always_inline))
int ring_go_straight(struct ring_reader *r, struct ring_batch *batch, int max, uint64_t until,
		     bool by_time)
{
	const unsigned char *from = ring_straight_at(r, r->ahead.pos), *at = from;
	const unsigned char *end = at + (r->straight - r->ahead.pos);
	struct ring_record *out = &batch->records[batch->nr], *last = out + max;
	struct ring_reader **readers = &batch->readers[batch->nr];
	uint64_t start = r->start, seq = r->ahead.seq - start;
	uint64_t time = r->time, bytes = 0, total = RECORD_MIN;
	uint32_t index = r->index, size = 0;	/* of which total is the length */
	bool stop = true;

	while (caa_likely(at < end)) {
		struct kring_record record = ring_load_header(at);

		/* Most are as long as the last: the CPU need not wait to know where the next is */
		if (caa_unlikely(record.size != size)) {
			size = record.size;
			total = KRING_RECORD_BYTES((uint64_t)size);
			asm volatile("" : "+r"(total));
		}
		if (caa_unlikely(!ring_may_go(at, end, total, start + seq, by_time)))
			break;
		if (by_time)
			time = record.time;
		if (out == last || (by_time && time > until)) {
			stop = false;
			break;
		}
		out->ring = index;
		out->cpu = record.cpu;
		out->type = record.type;
		out->seq = seq++;
		out->time = record.time;
		out->data = at + sizeof(record);
		out->size = record.size;
		*readers++ = r;
		out++;
		bytes += size;
		at += total;
	}
	cmm_smp_rmb();		/* C: what was read is whole if tail was not past it */
	if (caa_unlikely(ring_load(r->guard) > r->given))
		return -ESTALE;
	batch->nr = out - batch->records;
	batch->events += start + seq - r->ahead.seq;
	batch->bytes += bytes;
	r->ahead.pos += at - from;
	r->ahead.seq = start + seq;
	r->time = time;
	if (stop)
		r->straight = r->ahead.pos;
	return 0;
}

#endif /* LIBRING_STRAIGHT_H */
