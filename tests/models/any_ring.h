/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The real kernel/ring.c on a ring that may hold anything: any bytes in it, any
 * cursors and sequence numbers, any positions within the first KiB, as long as the
 * invariants hold. Nobody else is at work meanwhile.
 */
#include <assert.h>
#include "ring.c"

#define SIZE	128u
#ifndef HOLDS
#define HOLDS	2
#endif

u8 nondet_u8(void);
u16 nondet_u16(void);
u32 nondet_u32(void);
bool nondet_bool(void);
#define assume(what)	__CPROVER_assume(what)

static struct kring_meta meta;
static u8 data[2 * SIZE];
static u64 marks[SIZE / KRING_RECORD_MIN];
static u64 cursors[HOLDS];
static struct kring_ring ring;

/* As they were when last looked at; the position in reserve has all 64 bits */
static struct {
	u64 tail, head, pos;
	u32 seq;
} was;
static u64 first_tail;

/* High bits would make it slow to solve; tests/unit is where granule numbers go round */
static bool near(u64 pos)
{
	return pos < 1024;
}

static bool in_order(u64 tail, u64 head, u64 pos)
{
	return tail <= head && head <= pos && pos <= tail + SIZE;
}

/* Who sets a mark has written its record, and its size */
static void assume_marks(void)
{
	const struct kring_record *first = (void *)(data + (meta.head & (SIZE - 1)));
	u64 bytes = KRING_RECORD_BYTES((u64)first->size);

	assume(marks[(meta.head & (SIZE - 1)) / KRING_RECORD_MIN] != (meta.head | 1) ||
	       bytes <= was.pos - meta.head);
}

/* This producer wrote a word: the invariants hold, and nothing went back */
static void written(void)
{
	u64 pos = was.pos + (u64)(u32)(KRING_RESERVE_GRANULE(meta.reserve) -
				       (u32)(was.pos / KRING_GRANULE)) * KRING_GRANULE;

	assert(meta.tail >= was.tail);
	assert(meta.head >= was.head);
	assert(in_order(meta.tail, meta.head, pos));
	assert(pos == was.pos || KRING_RESERVE_SEQ(meta.reserve) == was.seq + 1);
	was.tail = meta.tail;
	was.head = meta.head;
	was.pos = pos;
	was.seq = KRING_RESERVE_SEQ(meta.reserve);
	assume_marks();
}

static void any_ring(void)
{
	int i;

	ring = (struct kring_ring) {
		.meta = &meta,
		.data = data,
		.marks = marks,
		.size = SIZE,
		.room = nondet_u64(),
		.lag_limit = nondet_u64(),
		.critical = nondet_u64(),
		.max_payload = kring_max_payload(SIZE),
		.wake_at = nondet_u64(),
	};
	assume(ring.room <= SIZE && ring.room >= SIZE / 2);
	__CPROVER_havoc_object(&meta);
	__CPROVER_havoc_object(data);
	__CPROVER_havoc_object(marks);
	__CPROVER_havoc_object(cursors);
	for (i = 0; i < HOLDS; i++)
		ring.holds[i] = nondet_bool() ? &cursors[i] : NULL;
	first_tail = was.tail = meta.tail;
	was.head = meta.head;
	was.pos = nondet_u64();
	was.seq = nondet_u32();
	assume(!((meta.tail | meta.head | was.pos) % KRING_GRANULE));
	assume(near(meta.tail) && in_order(meta.tail, meta.head, was.pos) && near(was.pos));
	meta.reserve = (u64)was.seq << 32 | (u32)(was.pos / KRING_GRANULE);
	assume_marks();
}

static u64 refused(void)
{
	return meta.counters.refused_held + meta.counters.refused_busy +
	       meta.counters.refused_size + meta.counters.refused_critical;
}
