// SPDX-License-Identifier: GPL-2.0
/* Commits in any order: all become visible, in the order of reservation. */
#include <criterion/criterion.h>
#include "walk.h"

#define SIZE	(64u << 10)
#define SLOTS	5

static struct fixture f;

static u32 bytes_of(int i)
{
	return 24 + 8 * ((i * 7) % 5);
}

static void open_slot(struct kring_slot *slot, int i)
{
	void *to = kring_ring_reserve(&f.ring, slot, KRING_LOAD_TYPE, bytes_of(i), 0);

	cr_assert_not_null(to);
	fixture_fill_load(to, 0, i, 0, bytes_of(i));
}

/* Commit the slots in the given order; head is at the first that is open */
static void commit_in(const int *order)
{
	struct kring_slot slots[SLOTS];
	bool done[SLOTS] = { false };
	int i;

	for (i = 0; i < SLOTS; i++)
		open_slot(&slots[i], i);
	for (i = 0; i < SLOTS; i++) {
		int first = 0;

		kring_ring_commit(&slots[order[i]], false);
		done[order[i]] = true;
		while (first < SLOTS && done[first])
			first++;
		cr_assert_eq(f.meta->head, first < SLOTS ? slots[first].pos :
						   slots[SLOTS - 1].end);
	}
	walk_settled(&f);
}

static void permute(int *order, int n)
{
	int i, last;

	if (n == SLOTS) {
		commit_in(order);
		return;
	}
	for (i = n; i < SLOTS; i++) {
		last = order[n];
		order[n] = order[i];
		order[i] = last;
		permute(order, n + 1);
		last = order[n];
		order[n] = order[i];
		order[i] = last;
	}
}

/* Over many laps too: what an earlier lap marked must not count */
Test(ring_commit, every_order)
{
	int order[SLOTS] = { 0, 1, 2, 3, 4 };
	u64 i, rounds = fixture_scaled(60) < 4 ? 4 : fixture_scaled(60);

	fixture_init(&f, SIZE);
	for (i = 0; i < rounds; i++)
		permute(order, 0);
	cr_assert_gt(f.meta->tail, SIZE);
	fixture_free(&f);
}

/* As interrupts do it: the inner first */
Test(ring_commit, nested)
{
	struct kring_slot slots[4];
	int i;

	fixture_init(&f, SIZE);
	for (i = 0; i < 4; i++)
		open_slot(&slots[i], i);
	for (i = 3; i > 0; i--) {
		kring_ring_commit(&slots[i], false);
		cr_assert_eq(f.meta->head, 0);
	}
	kring_ring_commit(&slots[0], false);
	cr_assert_eq(f.meta->head, slots[3].end);
	walk_settled(&f);
	fixture_free(&f);
}

/*
 * What a late commit marked in one lap must not publish a record that lies at
 * the same place in the next, and is not finished.
 */
Test(ring_commit, mark_of_an_earlier_lap)
{
	struct kring_slot first, second;
	u64 lap, n;

	fixture_init(&f, SIZE);
	for (lap = 0; lap < 10; lap++) {
		/* 32 bytes each, so that all laps are alike */
		if (lap % 2)
			cr_assert(fixture_write(&f, 9, "", 0));
		cr_assert_not_null(kring_ring_reserve(&f.ring, &first, 9, 8, 0));
		cr_assert_not_null(kring_ring_reserve(&f.ring, &second, 9, 8, 0));
		kring_ring_commit(&second, false);
		cr_assert_eq(f.meta->head, first.pos, "lap %llu", lap);
		kring_ring_commit(&first, false);
		cr_assert_eq(f.meta->head, second.end);
		for (n = lap % 2 + 2; n < SIZE / 32; n++)
			cr_assert(fixture_write(&f, 9, "", 0));
		cr_assert_eq(f.meta->head, (lap + 1) * SIZE);
		walk_settled(&f);
	}
	fixture_free(&f);
}

Test(ring_commit, discarded_out_of_turn)
{
	struct kring_slot slots[3];
	int i;

	fixture_init(&f, SIZE);
	for (i = 0; i < 3; i++)
		open_slot(&slots[i], i);
	kring_ring_commit(&slots[1], true);
	kring_ring_commit(&slots[2], false);
	cr_assert_eq(f.meta->head, 0);
	kring_ring_commit(&slots[0], true);
	cr_assert_eq(walk_settled(&f).records, 3);
	cr_assert_eq(walk_settled(&f).discarded, 2);
	fixture_free(&f);
}

/* A refusal between reserve and commit leaves a gap, no more */
Test(ring_commit, refused_between)
{
	struct kring_slot outer;

	fixture_init(&f, SIZE);
	open_slot(&outer, 0);
	cr_assert_not(fixture_write(&f, 9, "", SIZE));
	cr_assert(fixture_write(&f, 9, "", 0));
	kring_ring_commit(&outer, false);
	cr_assert_eq(walk_settled(&f).records, 2);
	cr_assert_eq(walk_settled(&f).last, 2);
	fixture_free(&f);
}

/* ORDERED: nobody else between reserve and commit when it was reserved */
Test(ring_commit, ordered)
{
	struct kring_slot outer, inner, second;

	fixture_init(&f, SIZE);
	open_slot(&outer, 0);
	open_slot(&inner, 1);
	cr_assert_eq(outer.record->flags, KRING_RECORD_ORDERED);
	cr_assert_eq(inner.record->flags, 0);
	kring_ring_commit(&inner, false);
	open_slot(&second, 2);
	cr_assert_eq(second.record->flags, 0, "outer is still open");
	kring_ring_commit(&outer, false);
	open_slot(&inner, 3);
	cr_assert_eq(inner.record->flags, 0, "second is still open");
	kring_ring_commit(&inner, false);
	kring_ring_commit(&second, false);
	open_slot(&outer, 4);
	cr_assert_eq(outer.record->flags, KRING_RECORD_ORDERED);
	kring_ring_commit(&outer, false);
	walk_settled(&f);
	fixture_free(&f);
}
