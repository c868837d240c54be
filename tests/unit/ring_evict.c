// SPDX-License-Identifier: GPL-2.0
/* Making room: what goes, what stays, what is counted. */
#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)
/* One record in 64 bytes */
#define PAYLOAD	40u

static struct fixture f;

Test(ring_evict, exactly_full)
{
	u64 n;

	fixture_init(&f, SIZE);
	for (n = 0; n < SIZE / 64; n++)
		cr_assert(fixture_write_load(&f, 0, n, 0, PAYLOAD));
	cr_assert_eq(f.meta->tail, 0);
	cr_assert_eq(f.meta->head, SIZE);
	cr_assert_eq(f.meta->counters.overwritten, 0);
	cr_assert_eq(walk_settled(&f).records, n);

	/* One more needs the room of one, and makes a sixteenth besides */
	cr_assert(fixture_write_load(&f, 0, n, 0, PAYLOAD));
	cr_assert_eq(f.meta->tail, 64 + SIZE / 16);
	cr_assert_eq(f.meta->counters.overwritten, 1 + SIZE / 16 / 64);
	walk_settled(&f);
	fixture_free(&f);
}

/* A large ring does not make more than 16 KiB besides */
Test(ring_evict, slack_is_bounded)
{
	u64 size = 1u << 20, n;

	fixture_init(&f, size);
	for (n = 0; n <= size / 64; n++)
		cr_assert(fixture_write_load(&f, 0, n, 0, PAYLOAD));
	cr_assert_eq(f.meta->tail, 64 + (16u << 10));
	fixture_free(&f);
}

/* Sizes at random: tail is always at a record, and every event is counted */
static void random_sizes(u64 size, u64 events)
{
	u32 most = kring_max_payload(size) / 8 * 8;
	unsigned int seed = 1;
	u64 n;

	fixture_init_at(&f, size, 1u << 20, ~0u - 1000);
	for (n = 0; n < events; n++) {
		u32 bytes = 24 + rand_r(&seed) % 64 * 8;
		u64 tail = f.meta->tail;

		if (rand_r(&seed) % 64 == 0)
			bytes = 24 + rand_r(&seed) % (most / 8 - 3) * 8;
		cr_assert(fixture_write_load(&f, 0, n, 0, bytes));
		cr_assert_leq(f.meta->tail - tail, KRING_RECORD_BYTES((u64)bytes) +
			      (16u << 10) + KRING_RECORD_BYTES((u64)most));
		if (n % 16 == 0)
			walk_settled(&f);
	}
	cr_assert_eq(f.meta->counters.overwritten + walk_settled(&f).records, events);
	fixture_free(&f);
}

Test(ring_evict, random_sizes)
{
	random_sizes(SIZE, fixture_scaled(20000));
}

Test(ring_evict, random_sizes_large_ring)
{
	random_sizes(4u << 20, fixture_scaled(20000) + 100);
}

/* The oldest go, the newest stay */
Test(ring_evict, keeps_the_newest)
{
	struct walk walk;
	u64 n;

	fixture_init(&f, SIZE);
	for (n = 0; n < 5 * SIZE / 64; n++)
		cr_assert(fixture_write_load(&f, 0, n, 0, PAYLOAD));
	walk = walk_settled(&f);
	cr_assert_eq(walk.last, n - 1);
	cr_assert_eq(walk.first, n - walk.records);
	cr_assert_geq(walk.bytes, SIZE - SIZE / 16 - 64);
	fixture_free(&f);
}

/* Discarded records are overwritten like others */
Test(ring_evict, discarded)
{
	u64 n;

	fixture_init(&f, SIZE);
	for (n = 0; n < 4 * SIZE / 64; n++) {
		struct kring_slot slot;

		cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 3, PAYLOAD, 0));
		kring_ring_commit(&slot, true);
	}
	cr_assert_eq(f.meta->counters.discarded, n);
	cr_assert_eq(f.meta->counters.overwritten + walk_settled(&f).records, n);
	fixture_free(&f);
}
