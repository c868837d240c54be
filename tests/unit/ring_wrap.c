// SPDX-License-Identifier: GPL-2.0
/*
 * Rings with a long past: every number in them goes over the end of a 32-bit
 * or a smaller counter at some time, and nothing may come of it.
 */
#include <criterion/criterion.h>
#include "walk.h"

static struct fixture f;

/* Two laps from just before pos, with late commits and refusals on the way */
static void go_over(u64 size, u64 pos, u32 seq)
{
	u64 start = pos - size - 4096;
	unsigned int seed = 1;
	u64 n = 0;

	fixture_init_at(&f, size, start, seq);
	while (f.meta->head < pos + size) {
		struct kring_slot slots[3];
		bool done[3] = { false };
		u32 late = rand_r(&seed) % 3;
		u32 i;

		for (i = 0; i < 3; i++, n++) {
			u32 bytes = 24 + rand_r(&seed) % 300 * 8;
			void *to = kring_ring_reserve(&f.ring, &slots[i],
						      KRING_LOAD_TYPE, bytes, 0);

			cr_assert_not_null(to, "start %llx, event %llu", start, n);
			cr_assert_eq(slots[i].record->seq, (u32)(seq + n + n / 3));
			fixture_fill_load(to, 0, n, 0, bytes);
		}
		cr_assert_not(fixture_write(&f, 9, "", f.ring.max_payload + 1));
		for (i = late; i < late + 3; i++) {
			u32 first = 0;

			kring_ring_commit(&slots[i % 3], false);
			done[i % 3] = true;
			while (first < 3 && done[first])
				first++;
			cr_assert_eq(f.meta->head, first < 3 ? slots[first].pos :
							       slots[2].end,
				     "start %llx, event %llu", start, n);
		}
		if (n % 10 == 0)
			walk_settled(&f);
	}
	walk_settled(&f);
	fixture_free(&f);
}

Test(ring_wrap, sequence)
{
	go_over(64u << 10, 1u << 20, ~0u - 50);
	go_over(64u << 10, 1u << 20, (1u << 31) - 50);
	go_over(64u << 10, 1u << 20, ~0u);
}

Test(ring_wrap, positions)
{
	int bit;

	for (bit = 20; bit < 64; bit++)
		go_over(64u << 10, 1ULL << bit, 0);
}

Test(ring_wrap, granules)
{
	go_over(64u << 10, (1ULL << 32) * KRING_GRANULE, ~0u - 50);
	go_over(1u << 20, (1ULL << 32) * KRING_GRANULE, 0);
	go_over(1u << 20, 7 * (1ULL << 32) * KRING_GRANULE, 0);
	go_over(64u << 10, (1ULL << 31) * KRING_GRANULE, 0);
}

/* 2^32 laps, and half: marks of long ago, or never set, must not match */
Test(ring_wrap, laps)
{
	go_over(64u << 10, (1ULL << 32) * (64u << 10), 0);
	go_over(64u << 10, (1ULL << 31) * (64u << 10), 0);
	go_over(1u << 20, (1ULL << 32) * (1u << 20), 0);
	go_over(1u << 20, 3 * (1ULL << 32) * (1u << 20), 0);
}

/* A hold on either side of the end */
Test(ring_wrap, hold)
{
	const u64 size = 64u << 10;
	const u64 ends[] = { 1ULL << 32, (1ULL << 32) * KRING_GRANULE, 1ULL << 48 };
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		u64 hold = ends[i] - size / 2;
		u64 n = 0;

		fixture_init_at(&f, size, hold, ~0u - 3);
		f.ring.holds[0] = &hold;
		while (fixture_write_load(&f, 0, n, 0, 40))
			n++;
		cr_assert_eq(n, size / 64);
		cr_assert_eq(f.meta->counters.refused_held, 1);
		hold = ends[i] + 64;
		while (fixture_write_load(&f, 0, n, 0, 40))
			n++;
		cr_assert_eq(n, size / 64 + size / 2 / 64 + 1);
		cr_assert_eq(f.meta->tail, hold);
		walk_settled(&f);
		fixture_free(&f);
	}
}

/* Wake thresholds are positions too */
Test(ring_wrap, wake)
{
	const u64 end = (1ULL << 32) * KRING_GRANULE;
	struct kring_slot slot;

	fixture_init_at(&f, 64u << 10, end - 64, 0);
	cr_assert_not(kring_ring_arm(&f.ring, end + 64));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, 40, 0));
	cr_assert_not(kring_ring_commit(&slot, false));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, 40, 0));
	cr_assert(kring_ring_commit(&slot, false));
	fixture_free(&f);
}
