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

/* The first eight bytes of a header, but for the type: in a register, not by memory */
static inline uint64_t ring_word(uint32_t size, uint16_t flags)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return size | (uint64_t)flags << 48;
#else
	return (uint64_t)size << 32 | flags;
#endif
}

/* Not taken back and, by time, with no record before it that is later */
static inline uint16_t ring_simple_flags(bool by_time)
{
	return by_time ? KRING_RECORD_ORDERED : 0;
}

static inline uint16_t ring_flags_mask(bool by_time)
{
	return ring_simple_flags(by_time) | KRING_RECORD_DISCARDED;
}

static inline bool ring_is_simple(uint64_t word, bool by_time)
{
	return (word & ring_word(0, ring_flags_mask(by_time))) ==
	       ring_word(0, ring_simple_flags(by_time));
}

/* Going ahead in a ring. By time, the record at `ahead` is known to be simple */
struct ring_run {
	struct ring_reader *r;
	uint32_t index, start;	/* the reader's */
	const unsigned char *at, *end;
	/* Where one as long as the last one still fits; by time, with a header behind it */
	const unsigned char *last;
	uint64_t seq;		/* of the record at `at`, since ring_open() */
	uint64_t time;		/* by time: of that one, or else of the last one */
	uint64_t total, size;	/* the last one's length, and payload */
	uint64_t word;		/* as a simple one of that length begins */
	uint64_t since;		/* seq of the first one of that length */
	uint64_t bytes;		/* payloads of those in front of it */
	bool stop;		/* the next one may not go */
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
	run->total = 0;
	run->size = 0;
	run->word = 0;
	run->since = run->seq;
	run->bytes = 0;
	run->stop = false;
}

/* From here on records have the length of that at `at`; false if it does not fit */
static inline bool ring_run_measure(struct ring_run *run, bool by_time)
{
	uint64_t left = run->end - run->at;
	uint64_t behind = by_time ? RECORD_MIN : 0;

	run->bytes += (run->seq - run->since) * run->size;
	run->since = run->seq;
	if (left < RECORD_MIN)
		return false;
	run->size = ring_load_header(run->at).size;
	run->total = KRING_RECORD_BYTES(run->size);
	/* Once: where a hold was revoked, somebody writes there. And see below */
	asm volatile("" : "+r"(run->size), "+r"(run->total));
	if (left < run->total + behind)
		return false;
	run->last = run->end - run->total - behind;
	run->word = ring_word(run->size, ring_simple_flags(by_time));
	return true;
}

/* Whether the next record may go */
static inline __attribute__((always_inline))
bool ring_run_look(struct ring_run *run, bool by_time)
{
	uint64_t mask = ring_word(~0u, ring_flags_mask(by_time));
	const unsigned char *at;
	uint64_t word;

	run->stop = true;
	if (caa_unlikely(run->at > run->last) && !ring_run_measure(run, by_time))
		return false;
	/*
	 * Most are as long as the last, so that the CPU need not wait to know where the
	 * next is. By time it is the one behind that must be simple: then nothing that
	 * comes later is earlier than this one.
	 */
	at = by_time ? run->at + run->total : run->at;
	word = ring_load_word(at);
	if (caa_unlikely((word & mask) != run->word)) {
		if (!ring_is_simple(word, by_time))
			return false;
		if (by_time)
			run->last = run->at - 1;	/* its length is looked at next */
		else if (!ring_run_measure(run, false))
			return false;
	}
	if (caa_unlikely(ring_load_header(at).seq != (uint32_t)(run->seq + run->start + by_time)))
		return false;
	run->stop = false;
	if (by_time)
		run->time = ring_load_header(run->at).time;
	return true;
}

/* It goes, as it is */
static inline void ring_run_step(struct ring_run *run)
{
	run->seq++;
	run->at += run->total;
}

/* It goes, to that place in the batch */
static inline __attribute__((always_inline))
void ring_run_go(struct ring_run *run, struct ring_record *out)
{
	struct kring_record record = ring_load_header(run->at);

	out->ring = run->index;
	out->cpu = record.cpu;
	out->type = record.type;
	out->seq = run->seq;
	out->time = record.time;
	out->data = run->at + sizeof(record);
	out->size = run->size;
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
	*bytes += run->bytes + (run->seq - run->since) * run->size;
	r->ahead.pos = r->straight - (run->end - run->at);
	r->ahead.seq = run->seq + r->start;
	r->time = run->time;
	if (run->stop)
		r->straight = r->ahead.pos;
	return nr;
}

#endif /* LIBRING_STRAIGHT_H */
