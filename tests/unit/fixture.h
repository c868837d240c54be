/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings in user space, laid out in memory as the kernel does: a memfd with the
 * metadata page and the data, mapped with the data twice in a row, and a
 * second mapping that can only be read, as a consumer has it (under the thread
 * sanitizer, the first).
 *
 * What fails here ends the test program.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include "port/ring_port.h"
#include "../../kernel/ring.h"
#include <linux/kring_load.h>

struct fixture {
	struct kring_ring ring;		/* the producer's side, writable */
	const struct kring_meta *meta;	/* the consumer's, read-only */
	const u8 *data;			/* the same */
	u64 data_offset;
	u64 map_size;
	int fd;				/* the metadata page, then the data once */
	u32 first_seq;
};

/* Any number of threads may write to it */
void fixture_init(struct fixture *f, u64 size);
/* The same, but with a past: the first record comes at pos, with number seq */
void fixture_init_at(struct fixture *f, u64 size, u64 pos, u32 seq);
void fixture_free(struct fixture *f);

/* What the ring's producers order, by KRING_MODE_* and KRING_CLOCK_*; nobody sleeps lightly */
static inline void fixture_set_mode(struct kring_ring *ring, u32 mode, u32 clock)
{
	ring->locked = kring_locked(mode, clock);
	ring->fence_mask = kring_fence_mask(mode, false);
}

/* Another read-only mapping of map_size bytes; munmap() it */
void *fixture_map(const struct fixture *f);

/* Reserve, fill, commit; false if it was refused */
bool fixture_write(struct fixture *f, u16 type, const void *payload, u32 size);
/* The same, with the time and the CPU said */
bool fixture_write_at(struct fixture *f, u16 type, const void *payload, u32 size,
		      u64 time, u32 cpu);
/* An event of kring_load.h, `bytes` of payload in all, a multiple of 8 */
bool fixture_write_load(struct fixture *f, u32 producer, u64 counter,
			u32 context, u32 bytes);
/* Fill such a payload */
void fixture_fill_load(void *payload, u32 producer, u64 counter, u32 context,
		       u32 bytes);
/* Whether it is one, undamaged */
bool fixture_check_load(const void *payload, u32 bytes);

/* The next event's sequence number and position */
u32 fixture_seq(const struct fixture *f);
u64 fixture_reserve(const struct fixture *f);

/* The record at a position, in the consumer's mapping */
const struct kring_record *fixture_record(const struct fixture *f, u64 pos);

/* A channel: its rings, and what KRING_IOC_INFO says of them */
struct fixture_channel {
	struct fixture *rings;
	u32 nr;
	struct kring_info info;
};

/*
 * mode: KRING_MODE_PERCPU with nr rings of CPUs 0.., or KRING_MODE_GLOBAL, 1. To a ring
 * of a CPU one thread writes, and its signal handlers; nobody sleeps
 */
void fixture_channel_init(struct fixture_channel *ch, u32 mode, u32 nr, u64 size);
/* A ring more, of the CPU of that number; it counts once it is shown */
#define FIXTURE_LATE	4
struct fixture *fixture_channel_add(struct fixture_channel *ch, u64 pos, u32 seq);
void fixture_channel_show(struct fixture_channel *ch);
void fixture_channel_free(struct fixture_channel *ch);
/* Bring ch->info's sums up to date */
void fixture_channel_sum(struct fixture_channel *ch);

/* How much less to do where all takes longer: $KRING_TEST_SCALE, or 1 */
u64 fixture_scale(void);
/* n divided by it, at least 1 */
u64 fixture_scaled(u64 n);

#endif /* TESTS_FIXTURE_H */
