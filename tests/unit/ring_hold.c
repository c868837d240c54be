// SPDX-License-Identifier: GPL-2.0
/* The owner's limits: holds that lag too far, and the share of critical events. */
#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)
#define PAYLOAD	40u
#define BYTES	64u
#define MOST	(SIZE / BYTES)
#define NORMAL	9
#define CRITICAL	63

static struct fixture f;

static u64 fill(u16 type, u64 n)
{
	static const char payload[PAYLOAD];
	u64 i, done = 0;

	for (i = 0; i < n; i++)
		done += fixture_write(&f, type, payload, PAYLOAD);
	return done;
}

static u64 holds_set(void)
{
	u64 i, n = 0;

	for (i = 0; i < KRING_HOLDS_MAX; i++)
		n += !!f.ring.holds[i];
	return n;
}

/* Revoked when room is needed and not before; then nothing is refused */
Test(ring_hold, lag)
{
	u64 hold = 0;

	fixture_init(&f, SIZE);
	f.ring.lag_limit = SIZE / 2;
	f.ring.holds[2] = &hold;
	cr_assert_eq(fill(NORMAL, MOST), MOST);
	cr_assert_eq(holds_set(), 1, "there was room");
	cr_assert_eq(fill(NORMAL, 1), 1);
	cr_assert_eq(holds_set(), 0);
	cr_assert_eq(f.meta->counters.revoked, 1);
	cr_assert_gt(f.meta->tail, hold, "so the holder learns of it");
	cr_assert_eq(f.meta->counters.refused_held, 0);
	walk_settled(&f);
	fixture_free(&f);
}

/* To the byte: what lags just as far as is allowed stands */
Test(ring_hold, lag_at_the_limit)
{
	u64 hold = 0;
	u64 lag;

	for (lag = SIZE - 2 * BYTES; lag <= SIZE; lag += BYTES / 4) {
		fixture_init(&f, SIZE);
		f.ring.lag_limit = lag;
		f.ring.holds[0] = &hold;
		cr_assert_eq(fill(NORMAL, MOST), MOST);
		cr_assert_eq(fill(NORMAL, 1), lag < SIZE);
		cr_assert_eq(holds_set(), lag >= SIZE);
		cr_assert_eq(f.meta->counters.refused_held, lag >= SIZE);
		fixture_free(&f);
	}
}

/* Only the one that lags; the others go on holding */
Test(ring_hold, lag_of_one)
{
	u64 slow = 0, fast = MOST * 7 / 8 * BYTES, gone_back = 0;

	fixture_init(&f, SIZE);
	f.ring.lag_limit = SIZE * 3 / 4;
	f.ring.holds[0] = &slow;
	f.ring.holds[1] = &fast;
	f.ring.holds[2] = &gone_back;
	cr_assert_eq(fill(NORMAL, MOST), MOST);
	cr_assert_eq(fill(NORMAL, MOST / 2), MOST / 2);
	cr_assert_eq(holds_set(), 1);
	cr_assert_eq(f.ring.holds[1], &fast);
	cr_assert_eq(f.meta->counters.revoked, 2);
	cr_assert_leq(f.meta->tail, fast);
	cr_assert_eq(f.meta->counters.refused_held, 0);
	walk_settled(&f);
	fixture_free(&f);
}

/* A cursor may be anything: tail stops at the record's start, not at its end */
Test(ring_hold, in_mid_record)
{
	u64 hold = 5 * BYTES + BYTES / 2;

	fixture_init(&f, SIZE);
	f.ring.holds[0] = &hold;
	cr_assert_eq(fill(NORMAL, MOST), MOST);
	cr_assert_eq(fill(NORMAL, MOST), 5);
	cr_assert_eq(f.meta->tail, 5 * BYTES);
	walk_settled(&f);
	fixture_free(&f);
}

static void share_init(u64 *hold)
{
	fixture_init(&f, SIZE);
	f.ring.critical = 1ULL << CRITICAL;
	f.ring.room = SIZE - SIZE / 4;
	f.ring.holds[0] = hold;
}

/* Others fill what is theirs, critical ones the rest too; counted apart */
Test(ring_hold, share)
{
	u64 hold = 0;

	share_init(&hold);
	cr_assert_eq(fill(NORMAL, MOST), MOST * 3 / 4);
	cr_assert_eq(f.meta->counters.refused_held, MOST / 4);
	cr_assert_eq(fill(CRITICAL, MOST), MOST / 4);
	cr_assert_eq(f.meta->counters.refused_critical, MOST * 3 / 4);
	cr_assert_eq(f.meta->counters.refused_held, MOST / 4);
	cr_assert_eq(f.meta->tail, 0);

	/* What is released goes to the critical ones first */
	hold = MOST / 8 * BYTES;
	cr_assert_eq(fill(NORMAL, 10), 0);
	cr_assert_eq(fill(CRITICAL, MOST), MOST / 8);
	hold = MOST / 2 * BYTES;
	cr_assert_eq(fill(NORMAL, MOST), MOST / 8, "three eighths released, two kept");
	cr_assert_eq(fixture_seq(&f), 4 * MOST + 10);
	walk_settled(&f);
	fixture_free(&f);
}

/* A type that does not fit into the mask is none; nor is a reader misled */
Test(ring_hold, share_is_by_type)
{
	const u16 types[] = { 0, 1, 62, 64, 127, 0xffff };
	u64 hold = 0;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		share_init(&hold);
		cr_assert_eq(fill(types[i], MOST), MOST * 3 / 4);
		cr_assert_eq(f.meta->counters.refused_critical, 0);
		fixture_free(&f);
	}
}

/* Behind an unfinished event both are refused as busy */
Test(ring_hold, share_behind_an_unfinished_event)
{
	u64 hold = SIZE;
	struct kring_slot slot;

	share_init(&hold);
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, NORMAL, PAYLOAD, 0));
	cr_assert_eq(fill(NORMAL, MOST), MOST * 3 / 4 - 1);
	cr_assert_eq(fill(CRITICAL, MOST), MOST / 4);
	cr_assert_eq(f.meta->counters.refused_busy, 2 * MOST - (MOST - 1));
	cr_assert_eq(f.meta->counters.refused_held + f.meta->counters.refused_critical, 0);
	kring_ring_commit(&slot, false);
	walk_settled(&f);
	fixture_free(&f);
}
