// SPDX-License-Identifier: GPL-2.0
/* Holds that the kernel takes away: what is in hand, what is lost, who is told */
#include <pthread.h>
#include <sched.h>
#include "libring_tap.h"

static struct tap tap;
static const struct ring_record *batch;

/* A ring with so many events in hand, a few handed out, and no hold any more */
static void begin(u32 rings, u64 count, u64 taken)
{
	tap_init(&tap, rings, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < count; n++)
		cr_assert(tap_put(&tap, 0, n));
	for (u64 n = 0; n < taken; n++)
		tap_expect(&tap, n);
	tap_drop(&tap);
}

/* All that is there from a number on, once; what is lost in front of it, marked */
static void expect_from(u64 next, u64 end)
{
	struct ring_record record;
	u64 lost = 0;
	int ret;

	while ((ret = ring_next(tap.ring, &record)) == 1) {
		if (record.kind == RING_LOST) {
			cr_assert_eq(record.flags, lost ? 0 : RING_REVOKED);
			cr_assert_eq(record.refused, 0);
			lost += record.overwritten;
			next += record.overwritten;
			continue;
		}
		cr_assert_eq(tap_value(&record), next);
		next++;
	}
	cr_assert_eq(ret, 0);
	cr_assert_eq(next, end);
	cr_assert_eq(tap_stats(&tap).overwritten, lost);
	cr_assert_eq(tap_stats(&tap).left, 0);
}

/* Write until tail is so far; returns the next number */
static u64 write_to(u64 number, u64 tail)
{
	while (tap_ring(&tap, 0)->meta->tail < tail)
		tap_put(&tap, 0, number++);
	return number;
}

static void revoke_at(u64 taken, u64 tail)
{
	u64 end;

	begin(1, 1000, taken);
	end = write_to(1000, tail);
	expect_from(taken, end);
	cr_assert_eq(tap_stats(&tap).revoked, 1);
	cr_assert_eq(tap_stats(&tap).reported, end);
	cr_assert_eq(ring_release(tap.ring), taken ? -ESTALE : 0);
	cr_assert_eq(ring_release(tap.ring), 0);
	tap_free(&tap);
}

Test(libring_revoke, nothing_in_hand)
{
	revoke_at(0, 32);
	revoke_at(0, 5000);
	revoke_at(0, 3 * 64 * KIB);
}

Test(libring_revoke, items_in_hand_are_kept_or_lost)
{
	revoke_at(10, 32);
	revoke_at(10, 10 * 32);
	revoke_at(10, 200 * 32);
	revoke_at(10, 64 * KIB);
	revoke_at(10, 5 * 64 * KIB);
	revoke_at(900, 600 * 32);
}

Test(libring_revoke, another_ring_stays_held)
{
	struct kring_slot slot;

	begin(2, 100, 0);
	tap_ring(&tap, 1)->ring.holds[0] = tap.ring->readers[1].cursor;
	tap_put(&tap, 1, 1000);
	tap_begin(&tap, 1, &slot, 0);
	kring_ring_commit(&slot, true);
	tap_expect(&tap, 0);
	write_to(100, 64 * KIB);
	while (ring_next(tap.ring, &(struct ring_record) { 0 }) == 1)
		;
	cr_assert_null(tap.ring->readers[0].cursor);
	cr_assert_not_null(tap.ring->readers[1].cursor);
	cr_assert_eq(tap_stats(&tap).revoked, 1);
	while (tap_put(&tap, 1, 0))
		;
	cr_assert_leq(tap_ring(&tap, 1)->meta->tail, *tap.ring->readers[1].cursor);
	tap_free(&tap);
}

Test(libring_revoke, release_says_that_what_was_read_may_be_torn)
{
	u64 end;

	begin(1, 100, 10);
	end = write_to(100, 64);
	cr_assert_eq(ring_release(tap.ring), -ESTALE);
	cr_assert_eq(ring_release(tap.ring), 0);
	/* what is in hand is safe from here on */
	for (u64 n = 0; n < 5000; n++)
		tap_put(&tap, 0, end++);
	expect_from(10, end);
	tap_free(&tap);
}

Test(libring_revoke, pointers_of_a_batch_are_out)
{
	u64 end;

	begin(1, 200, 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 50), 50);
	end = write_to(200, 20 * 32);
	cr_assert_eq(ring_advance(tap.ring, 10), -ESTALE);
	cr_assert_eq(ring_advance(tap.ring, 1), -EINVAL);
	cr_assert_eq(tap_stats(&tap).events, 10);
	expect_from(10, end);
	cr_assert_eq(tap_stats(&tap).events + tap_stats(&tap).overwritten, end);
	tap_free(&tap);
}

Test(libring_revoke, a_batch_that_nobody_took_comes_again_or_is_lost)
{
	u64 end, next;
	int n;

	begin(1, 200, 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 50), 50);
	end = write_to(200, 20 * 32);
	next = tap_ring(&tap, 0)->meta->tail / 32;
	cr_assert_geq(next, 20);
	n = ring_peek(tap.ring, &batch, 50);
	cr_assert_eq(n, 50);
	cr_assert_eq(batch[0].kind, RING_LOST);
	cr_assert_eq(batch[0].flags, RING_REVOKED);
	cr_assert_eq(batch[0].overwritten, next);
	for (int i = 1; i < n; i++)
		cr_assert_eq(tap_value(&batch[i]), next++);
	cr_assert_eq(ring_advance(tap.ring, n), 0);
	while (next < end)
		tap_expect(&tap, next++);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_revoke, disordered_items_are_lost_one_by_one)
{
	static struct kring_slot slots[500];
	u64 lost = 0, seen = 0, time = 0, end;
	struct ring_record record;

	tap_init(&tap, 0, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 500; n++)
		tap_begin(&tap, 0, &slots[n], n);
	for (u64 n = 0; n < 500; n++)
		tap_end_at(&slots[n], 1000 + (n * 37) % 500);
	for (u64 n = 0; n < 100; n++) {
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(record.time, 1000 + n);
	}
	tap_drop(&tap);
	end = write_to(500, 250 * 32);
	while (ring_next(tap.ring, &record) == 1) {
		cr_assert_geq(record.time, time);
		time = record.time;
		lost += record.overwritten;
		seen += record.kind == RING_EVENT;
	}
	cr_assert_eq(100 + lost + seen, end);
	cr_assert_eq(tap_stats(&tap).reported, end);
	/* those in front of tail that were not handed out before */
	end = tap_ring(&tap, 0)->meta->tail / 32;
	for (u64 n = 0; n < tap_ring(&tap, 0)->meta->tail / 32 && n < 500; n++)
		end -= (n * 37) % 500 < 100;
	cr_assert_eq(lost, end);
	tap_free(&tap);
}

static int running;

static void *produce(void *arg)
{
	u64 n, goal = fixture_scaled(400000);

	for (n = 0; n < goal; n++) {
		fixture_write_load(tap_ring(&tap, 0), 0, n, KRING_LOAD_TASK, 72);
		if (n == goal / 4)
			__atomic_store_n(&tap_ring(&tap, 0)->ring.holds[0], NULL,
					 __ATOMIC_SEQ_CST);
	}
	__atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
	return arg;
}

/* The records' payloads are not looked at in place here: they may be torn. */
static void in_mid_stream(u32 order)
{
	struct ring_record record;
	u64 seq = 0, marks = 0;
	struct ring_stats s;
	pthread_t thread;
	bool last;

	tap_init(&tap, 0, 64 * KIB);
	tap_open_held(&tap, .order = order);
	running = 1;
	pthread_create(&thread, NULL, produce, NULL);
	do {
		last = !__atomic_load_n(&running, __ATOMIC_SEQ_CST);
		while (ring_next(tap.ring, &record) == 1) {
			cr_assert_eq(record.seq, seq, "doubled or missing");
			if (record.kind == RING_EVENT) {
				cr_assert_eq(record.size, 72);
				seq++;
				continue;
			}
			seq += record.overwritten + record.refused;
			marks += record.flags == RING_REVOKED;
		}
		sched_yield();
	} while (!last);
	pthread_join(thread, NULL);
	s = tap_stats(&tap);
	cr_assert_eq(s.reported, seq);
	cr_assert_eq(s.left, 0);
	cr_assert_leq(s.revoked, 1);
	cr_assert_leq(marks, s.revoked);
	tap_free(&tap);
}

Test(libring_revoke, in_the_middle_of_a_stream)
{
	for (int round = 0; round < 5; round++)
		in_mid_stream(round & 1);
}
