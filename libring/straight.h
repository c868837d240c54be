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
static inline bool ring_is_simple(const struct kring_record *record, uint64_t seq, bool by_time)
{
	uint16_t flags = by_time ? KRING_RECORD_ORDERED : 0;

	return record->seq == (uint32_t)seq &&
	       (record->flags & (flags | KRING_RECORD_DISCARDED)) == flags;
}

/*
 * The record at `at`, of that length, which is there, may go if it is simple. By time
 * the one behind it must be there and simple too: then nothing that comes later is
 * earlier.
 */
static inline bool ring_may_go(const unsigned char *at, uint64_t left, uint64_t total,
			       const struct kring_record *record, uint64_t seq, bool by_time)
{
	struct kring_record next;

	if (!by_time)
		return ring_is_simple(record, seq, false);
	if (total + RECORD_MIN > left)
		return false;
	next = ring_load_header(at + total);
	return ring_is_simple(&next, seq + 1, true);
}

/* Going ahead in a ring. By time, the record at `ahead` is known to be simple */
struct ring_run {
	struct ring_reader *r;
	uint32_t index, start;	/* the reader's */
	const unsigned char *at, *end;
	const unsigned char *last;	/* where one as long as the last one still fits */
	uint64_t seq;		/* of the record at `at`, since ring_open() */
	uint64_t time;		/* by time: of that one, or else of the last one */
	uint64_t bytes;		/* payloads of those that went */
	uint64_t total;
	uint64_t size;		/* of which total is the length */
	bool stop;		/* that one may not go */
};

static inline void ring_run_begin(struct ring_run *run, struct ring_reader *r)
{
	run->r = r;
	run->index = r->index;
	run->start = r->start;
	run->at = ring_straight_at(r, r->ahead.pos);
	run->end = run->at + (r->straight - r->ahead.pos);
	run->last = run->at - 1;	/* nothing is known of the first */
	run->seq = r->ahead.seq - r->start;
	run->time = r->time;
	run->bytes = 0;
	run->total = 0;
	run->size = 0;
	run->stop = false;
}

/* Whether the next record may go */
static inline __attribute__((always_inline))
bool ring_run_look(struct ring_run *run, bool by_time)
{
	struct kring_record record;
	uint64_t left;

	run->stop = true;
	/* As long as the last, or anything that fits */
	if (caa_unlikely(run->at > run->last)) {
		if (run->end - run->at < (int64_t)RECORD_MIN)
			return false;
		run->size = RING_NEVER;
	}
	record = ring_load_header(run->at);
	/* Most are as long as the last: the CPU need not wait to know where the next is */
	if (caa_unlikely(record.size != run->size)) {
		run->size = record.size;
		run->total = KRING_RECORD_BYTES((uint64_t)record.size);
		asm volatile("" : "+r"(run->total));
		left = run->end - run->at;
		if (left < run->total)
			return false;
		run->last = run->end - run->total;
	}
	if (caa_unlikely(!ring_may_go(run->at, run->end - run->at, run->total, &record,
				      run->seq + run->start, by_time)))
		return false;
	run->stop = false;
	if (by_time)
		run->time = record.time;
	return true;
}

/* It goes, as it is */
static inline void ring_run_step(struct ring_run *run)
{
	run->seq++;
	run->bytes += run->size;
	run->at += run->total;
}

/* It goes, to that place in the batch */
static inline __attribute__((always_inline))
void ring_run_go(struct ring_run *run, struct ring_record *out, struct ring_reader **reader)
{
	struct kring_record record = ring_load_header(run->at);

	out->ring = run->index;
	out->cpu = record.cpu;
	out->type = record.type;
	out->seq = run->seq;
	out->time = record.time;
	out->data = run->at + sizeof(record);
	out->size = run->size;
	*reader = run->r;
	ring_run_step(run);
}

static inline bool ring_run_is_revoked(const struct ring_run *run)
{
	cmm_smp_rmb();		/* C: what was read is whole if tail was not past it */
	return caa_unlikely(ring_load(run->r->guard) > run->r->given);
}

/* What went is counted there; returns how many */
static inline int ring_run_end(struct ring_run *run, uint64_t *events, uint64_t *bytes)
{
	struct ring_reader *r = run->r;
	int nr = run->seq + r->start - r->ahead.seq;

	*events += nr;
	*bytes += run->bytes;
	r->ahead.pos = r->straight - (run->end - run->at);
	r->ahead.seq = run->seq + r->start;
	r->time = run->time;
	if (run->stop)
		r->straight = r->ahead.pos;
	return nr;
}

#endif /* LIBRING_STRAIGHT_H */
