/* SPDX-License-Identifier: GPL-2.0 */
/* The user-space build of the ring: channels and readers, for its cases */
#ifndef TESTS_BENCH_KRING_H
#define TESTS_BENCH_KRING_H

#include <ring_port.h>
#include "../unit/fixture.h"
#include "../../libring/internal.h"
#include "bench.h"

#define KRING_BENCH_TYPE	1

/* A handle on a channel, with mappings of its own */
struct reader {
	struct ring *ring;
	const struct fixture_channel *channel;
	void *bases[2];
};

/* nr rings, or 0: a global one; with KRING_CLOCK_* */
void channel_init(struct fixture_channel *ch, u32 nr, u32 clock);

void reader_open(struct reader *reader, struct fixture_channel *ch, const struct ring_opts *opts);
/* What the kernel does with a hold: its cursors count, in this slot of each ring */
void reader_hold(struct reader *reader, struct fixture_channel *ch, int slot);
void reader_close(struct reader *reader);
/* What the kernel does before a reader sleeps until the next record; no producer is there yet */
void channel_sleep_lightly(struct fixture_channel *ch);
/*
 * The kernel's part in a sleep, with an eventfd for its wait queue: sleep until there
 * are so many bytes; tell a sleeper
 */
void reader_sleep(struct reader *reader, struct fixture_channel *ch, int event, u64 watermark);
void reader_wake(int event);

static inline u64 record_bytes(u32 bytes)
{
	return KRING_RECORD_BYTES((u64)bytes);
}

/* Records of this size that a ring takes with room to spare */
static inline unsigned long records_that_fit(u32 bytes)
{
	return BENCH_RING_SIZE / 8 * 7 / record_bytes(bytes);
}

static inline __attribute__((always_inline))
bool produce_one(struct kring_ring *ring, unsigned long n, u32 bytes)
{
	struct kring_slot slot;
	void *to = kring_ring_reserve(ring, &slot, KRING_BENCH_TYPE, bytes, 0);

	if (!to)
		return false;
	bench_fill(to, n, bytes);
	kring_ring_commit(&slot, false);
	return true;
}

/* Samples: see the table in kring.c */
double produce(u32 bytes, long clock);
double produce_observers(u32 bytes, long nr);
double produce_observers_reading(u32 bytes, long nr);
double produce_observers_flat_out(u32 bytes, long nr);
double produce_holders(u32 bytes, long nr);
double produce_refused(u32 bytes, long arg);
double produce_shared(u32 bytes, long nr);
double produce_percpu(u32 bytes, long nr);
double consume(u32 bytes, long how);
double end_to_end(u32 bytes, long how);
double latency_spin(u32 bytes, long which);
double latency_sleep(u32 bytes, long which);

/* Bits of an end-to-end case's arg */
enum {
	FLOW_CLOCK = 1,		/* with CLOCK_MONOTONIC */
	FLOW_BUSY = 2,		/* the reader never sleeps */
};

/* How it is read: bits of a case's arg */
enum {
	CONSUME_OBSERVE = 1,	/* not held */
	CONSUME_MERGED = 2,	/* two rings, by time */
	CONSUME_TIME = 4,	/* one ring, by time */
	CONSUME_NEXT = 8,	/* ring_next(); otherwise ring_peek() */
	CONSUME_CALLBACK = 16,	/* ring_consume() */
	CONSUME_REMOTE = 32,	/* written by the other CPU */
	CONSUME_RAW = 64,	/* ring_next_raw() */
};

#endif /* TESTS_BENCH_KRING_H */
