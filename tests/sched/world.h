/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rings of kernel/ring.c in the machine's memory, their producers, and what must
 * be true of them: a record of all that was reported is kept beside.
 */
#ifndef TESTS_SCHED_WORLD_H
#define TESTS_SCHED_WORLD_H

#include <ring_port.h>
#include "../../kernel/ring.h"
#include "explore.h"
#include "sim.h"

#define RINGS_MAX	2
#define EVENTS_MAX	64
#define TYPE_PLAIN	1
#define TYPE_CRITICAL	2
#define BYTES_SMALL	8u		/* of payload: records of 32 and of 64 bytes */
#define BYTES_LARGE	40u

struct event {
	bool reported;		/* and not refused */
	bool committed;		/* or about to be */
	bool discarded;
	u16 type;
	u32 size;
	u64 pos, end;
	u64 time;
	u32 cpu;
	u64 number;		/* of this producer */
};

struct world_ring {
	struct kring_ring *ring;
	struct kring_meta *meta;
	u8 *data;
	u64 size;
	u32 first_seq;
	struct event events[EVENTS_MAX];	/* by number, from first_seq */
	u32 nr_before;		/* of them when executions begin */
};

struct world {
	struct world_ring rings[RINGS_MAX];
	u32 nr_rings;
	u64 *cursors;		/* of one holder, KRING_CURSOR_STRIDE apart */
	bool held;		/* tail may not pass it now */
	u64 wakes;		/* commits that said so */
	void (*woken)(struct world_ring *r);	/* what they do then, or NULL */
	int producing;		/* who are not finished */
	struct sim_view *done;	/* what those had seen who are */
};

extern struct world world;

/* For a program's set_up() */
void world_make(u32 rings, u64 size, u64 pos, u32 seq);
/* Each ring is one CPU's, and whoever interrupts it; the readers' clock is theirs too, or not */
void world_per_cpu(u32 clock);
void world_fill(u32 ring, u32 bytes, u32 count);	/* records before it begins */
void world_begin(void);		/* an execution */
void world_save(void);

/* One event, whole; false if it was refused */
bool world_report(u32 ring, u32 cpu, u16 type, u32 bytes, bool discard);

/* What a CPU reports: a list that ends with bytes 0 */
struct work {
	u32 ring, cpu;
	struct { u32 bytes; u16 type; bool discard; } events[6];
};

/* A producer, with what interrupts it, or NULL */
int world_producer(const char *name, const struct work *work, const struct work *first,
		   const struct work *second);
/* For somebody who waits for the end of all producers, and sees what they did then */
void world_wait_done(void);

/* At any moment */
void world_look(void);
/* An event that a reader got: whole, and the one that was reported */
bool world_same_header(u32 ring, u64 seq, u16 type, u32 size, u64 time);
bool world_same_payload(u64 seq, u32 size, const void *payload);
const struct event *world_event(u32 ring, u64 seq);
/* When everybody is done */
void world_settled(void);
u32 world_seq(u32 ring);	/* the next */

/* programs */
struct program {
	const char *name;
	void (*set_up)(void);
	void (*execution)(void);
	struct explore_bounds all;	/* of the exhaustive mode */
};

extern const struct program programs[];
extern const size_t nr_programs;

#endif /* TESTS_SCHED_WORLD_H */
