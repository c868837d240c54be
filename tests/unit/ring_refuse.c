// SPDX-License-Identifier: GPL-2.0
/* Refusals: each takes a sequence number, is counted, and changes nothing else. */
#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)
#define PAYLOAD	40u
#define BYTES	64u
#define MOST	(SIZE / BYTES)

static struct fixture f;

static u64 fill(u64 n)
{
	u64 i, done = 0;

	for (i = 0; i < n; i++)
		done += fixture_write_load(&f, 0, fixture_seq(&f), 0, PAYLOAD);
	return done;
}

Test(ring_refuse, size)
{
	const u32 sizes[] = { (16u << 10) - 24 + 1, SIZE, ~0u - 40, ~0u - 39, ~0u };
	size_t i;

	fixture_init(&f, SIZE);
	fill(3);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct kring_slot slot;

		cr_assert_null(kring_ring_reserve(&f.ring, &slot, 1, sizes[i], 0));
		cr_assert_eq(f.meta->counters.refused_size, i + 1);
		cr_assert_eq(fixture_seq(&f), 3 + i + 1);
		cr_assert_eq(f.meta->head, 3 * BYTES);
		cr_assert_eq(fixture_reserve(&f), 3 * BYTES);
	}
	fill(1);
	cr_assert_eq(fixture_record(&f, 3 * BYTES)->seq, 3 + i);
	walk_settled(&f);
	fixture_free(&f);
}

/* What could not be reported at all takes sequence numbers, and nothing else */
Test(ring_refuse, miss)
{
	struct kring_slot slot;

	fixture_init(&f, SIZE);
	fill(3);
	kring_ring_miss(&f.ring, 5);
	cr_assert_eq(fixture_seq(&f), 8);
	cr_assert_eq(fixture_reserve(&f), 3 * BYTES);
	cr_assert_eq(f.meta->head, 3 * BYTES);
	cr_assert_eq(f.meta->counters.refused_busy, 5);

	/* In the middle of a record, and over the sequence number's end */
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, PAYLOAD, 0));
	kring_ring_miss(&f.ring, ~0u);
	cr_assert_eq(fixture_reserve(&f), 4 * BYTES);
	kring_ring_commit(&slot, false);
	fill(1);
	cr_assert_eq(fixture_record(&f, 3 * BYTES)->seq, 8);
	cr_assert_eq(fixture_record(&f, 4 * BYTES)->seq, 8);
	cr_assert_eq(f.meta->counters.refused_busy, 5 + (u64)~0u);
	fixture_free(&f);
}

/* An open slot at head: the ring fills behind it and then refuses */
Test(ring_refuse, busy)
{
	struct kring_slot slot;

	fixture_init(&f, SIZE);
	fill(MOST / 2);
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, PAYLOAD, 0));
	cr_assert_eq(fill(MOST - 1), MOST - 1, "what is before the slot can go");
	cr_assert_eq(f.meta->tail, slot.pos);
	cr_assert_eq(f.meta->head, slot.pos);
	cr_assert_eq(fill(5), 0);
	cr_assert_eq(f.meta->counters.refused_busy, 5);
	cr_assert_eq(f.meta->counters.refused_held, 0);
	cr_assert_eq(f.meta->tail, slot.pos);

	kring_ring_commit(&slot, false);
	cr_assert_eq(walk_settled(&f).records, MOST);
	cr_assert_eq(fill(1), 1);
	cr_assert_eq(walk_settled(&f).last, MOST / 2 + MOST + 5);
	fixture_free(&f);
}

/* Too little room for a large record may do for a small one */
Test(ring_refuse, busy_large_only)
{
	struct kring_slot slot;

	fixture_init(&f, SIZE);
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, PAYLOAD, 0));
	cr_assert_eq(fill(MOST - 2), MOST - 2);
	cr_assert_not(fixture_write_load(&f, 0, 0, 0, PAYLOAD + 8));
	cr_assert_eq(f.meta->counters.refused_busy, 1);
	cr_assert_eq(fill(1), 1);
	cr_assert_eq(fill(1), 0);
	kring_ring_commit(&slot, false);
	walk_settled(&f);
	fixture_free(&f);
}

Test(ring_refuse, held)
{
	u64 hold = 0;

	fixture_init(&f, SIZE);
	f.ring.holds[3] = &hold;
	cr_assert_eq(fill(MOST), MOST);
	cr_assert_eq(fill(7), 0);
	cr_assert_eq(f.meta->counters.refused_held, 7);
	cr_assert_eq(f.meta->counters.refused_busy, 0);
	cr_assert_eq(f.meta->counters.overwritten, 0);
	cr_assert_eq(f.meta->tail, 0);
	walk_settled(&f);

	/* Released a little: so much fits, and not more */
	hold = 3 * BYTES;
	cr_assert_eq(fill(10), 3);
	cr_assert_eq(f.meta->tail, 3 * BYTES);
	cr_assert_eq(f.meta->counters.refused_held, 14);

	/* Gone: a flight recorder again */
	f.ring.holds[3] = NULL;
	cr_assert_eq(fill(10), 10);
	cr_assert_eq(f.meta->counters.refused_held, 14);
	cr_assert_eq(walk_settled(&f).last, MOST + 7 + 10 + 10 - 1);
	fixture_free(&f);
}

Test(ring_refuse, lowest_hold_counts)
{
	u64 holds[KRING_HOLDS_MAX];
	int i;

	fixture_init(&f, SIZE);
	for (i = 0; i < KRING_HOLDS_MAX; i++) {
		holds[i] = (10 + (i + 5) % KRING_HOLDS_MAX) * BYTES;
		f.ring.holds[i] = &holds[i];
	}
	cr_assert_eq(fill(MOST + 100), MOST + 10);
	cr_assert_eq(f.meta->tail, 10 * BYTES);
	walk_settled(&f);
	fixture_free(&f);
}

/* The record that the cursor points into is kept, for it may be in use */
Test(ring_refuse, hold_in_mid_record)
{
	u64 hold;

	for (hold = 5 * BYTES + 1; hold < 6 * BYTES; hold++) {
		fixture_init(&f, SIZE);
		f.ring.holds[0] = &hold;
		cr_assert_eq(fill(MOST + 100), MOST + 5);
		cr_assert_eq(f.meta->tail, 5 * BYTES);
		cr_assert_eq(f.meta->counters.refused_held, 95);
		walk_settled(&f);
		fixture_free(&f);
	}
}

/* A cursor beyond what there is holds nothing: producers do not pass head */
Test(ring_refuse, hold_beyond_head)
{
	const u64 far[] = { 5 * BYTES, SIZE * 3, 1ULL << 40, 1ULL << 63, ~0ULL };
	size_t i;

	for (i = 0; i < sizeof(far) / sizeof(*far); i++) {
		u64 hold = far[i];
		struct kring_slot slot;

		fixture_init(&f, SIZE);
		f.ring.holds[0] = &hold;
		cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, PAYLOAD, 0));
		cr_assert_eq(fill(MOST + 100), MOST - 1);
		cr_assert_eq(f.meta->tail, 0);
		cr_assert_eq(f.meta->counters.refused_busy, 101);
		kring_ring_commit(&slot, false);
		walk_settled(&f);
		fixture_free(&f);
	}
}

/* A cursor that went back holds what there is: it harms like one that stands */
Test(ring_refuse, hold_before_tail)
{
	u64 hold = 0;
	u64 tail;

	fixture_init(&f, SIZE);
	fill(3 * MOST);
	tail = f.meta->tail;
	cr_assert_gt(tail, 0);
	f.ring.holds[0] = &hold;
	cr_assert_eq(fill(MOST), (tail + SIZE - 3 * MOST * BYTES) / BYTES);
	cr_assert_eq(f.meta->tail, tail);
	cr_assert_gt(f.meta->counters.refused_held, 0);
	walk_settled(&f);
	f.ring.holds[0] = NULL;
	cr_assert_eq(fill(MOST), MOST);
	walk_settled(&f);
	fixture_free(&f);
}
