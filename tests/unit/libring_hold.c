// SPDX-License-Identifier: GPL-2.0
/* Holding: nothing is lost, nothing is copied, and cursors are where they must be */
#include <pthread.h>
#include <sched.h>
#include "libring_tap.h"

#define BYTES	72

static struct tap tap;

static u64 cursor(u32 n)
{
	return *tap.ring->readers[n].cursor;
}

static bool is_in_ring(const struct ring_record *record)
{
	const struct fixture *f = tap_ring(&tap, record->ring);
	const u8 *data = record->data;

	return data >= f->data && data < f->data + 2 * f->ring.size;
}

Test(libring_hold, data_lies_in_the_ring)
{
	struct ring_record record;

	tap_init(&tap, 2, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 10; n++) {
		tap_put(&tap, n % 2, n);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(tap_value(&record), n);
		cr_assert(is_in_ring(&record));
		cr_assert_eq(record.data, &fixture_record(tap_ring(&tap, n % 2), n / 2 * 32)[1]);
	}
	cr_assert_null(tap.ring->readers[0].copy);
	tap_free(&tap);
}

Test(libring_hold, an_observer_holds_nothing_and_saves_nothing)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	cr_assert_eq(ring_release(tap.ring), 0);
	cr_assert_eq(ring_save(tap.ring, NULL, 0), -EINVAL);
	tap_free(&tap);
}

Test(libring_hold, release_gives_back_at_once)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 3; n++)
		tap_put(&tap, 0, n);
	tap_expect(&tap, 0);
	tap_expect(&tap, 1);
	cr_assert_eq(cursor(0), 0);
	cr_assert_eq(ring_release(tap.ring), 0);
	cr_assert_eq(cursor(0), 64);
	tap_expect(&tap, 2);
	cr_assert_eq(ring_release(tap.ring), 0);
	cr_assert_eq(cursor(0), 96);
	tap_free(&tap);
}

Test(libring_hold, next_gives_back_when_it_looks_for_more)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open_held(&tap);
	tap_put(&tap, 0, 1);
	tap_put(&tap, 1, 2);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	cr_assert_eq(cursor(0), 32);
	cr_assert_eq(cursor(1), 32);
	tap_free(&tap);
}

/* What went straight from the ring to the hands leaves nothing behind to remember it by */
Test(libring_hold, a_look_that_finds_nothing_gives_back)
{
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 1; n < 5; n++) {
		tap_put(&tap, 0, n);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(ring_next(tap.ring, &record), 0);
		cr_assert_eq(cursor(0), n * 32);
	}
	tap_free(&tap);
}

Test(libring_hold, a_full_ring_refuses_until_it_is_given_back)
{
	u64 n = 0, refused = 0, next = 0;
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (int round = 0; round < 50; round++) {
		while (tap_put(&tap, 0, n))
			n++;
		refused++;
		while (ring_next(tap.ring, &record) == 1) {
			if (record.kind == RING_LOST) {
				cr_assert_eq(record.overwritten, 0);
				cr_assert_eq(record.refused, 1);
				cr_assert_eq(record.flags, 0);
				continue;
			}
			cr_assert_eq(tap_value(&record), next);
			next++;
		}
	}
	cr_assert_eq(next, n);
	cr_assert_eq(tap_stats(&tap).refused, refused);
	cr_assert_eq(tap_stats(&tap).revoked, 0);
	tap_free(&tap);
}

/* Nested, the outer one last: it lies in front and goes last */
Test(libring_hold, the_cursor_stays_before_what_was_not_handed_out)
{
	struct kring_slot outer;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	tap_put_at(&tap, 0, 0, 5);
	tap_begin(&tap, 0, &outer, 3);
	tap_put_at(&tap, 0, 1, 10);
	tap_put_at(&tap, 0, 2, 20);
	tap_end_at(&outer, 30);
	tap_put_at(&tap, 0, 4, 40);
	tap_expect(&tap, 0);
	for (u64 n = 1; n <= 2; n++) {
		tap_expect(&tap, n);
		cr_assert_eq(ring_release(tap.ring), 0);
		cr_assert_eq(cursor(0), 32);
	}
	tap_expect(&tap, 3);
	ring_release(tap.ring);
	cr_assert_eq(cursor(0), 4 * 32);
	tap_expect(&tap, 4);
	ring_release(tap.ring);
	cr_assert_eq(cursor(0), 5 * 32);
	tap_free(&tap);
}

/* At any time: whatever was not handed out lies behind the cursor. */
Test(libring_hold, the_cursor_passes_nothing_in_a_long_disorder)
{
	static struct kring_slot slots[700];
	struct ring_record record;
	bool seen[700] = { 0 };
	u64 low = 0;

	tap_init(&tap, 0, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 700; n++)
		tap_begin(&tap, 0, &slots[n], n);
	for (u64 n = 0; n < 700; n++)
		tap_end_at(&slots[n], 1000 + (n * 37) % 700);
	for (u64 n = 0; n < 700; n++) {
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(record.time, 1000 + n);
		seen[tap_value(&record)] = true;
		while (low < 700 && seen[low])
			low++;
		cr_assert_eq(ring_release(tap.ring), 0);
		cr_assert_eq(cursor(0), low * 32);
	}
	tap_free(&tap);
}

Test(libring_hold, a_snapshot_holds_nothing_once_it_is_complete)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_open(&tap, .flags = RING_HOLD | RING_SNAPSHOT, .from = RING_FROM_OLDEST);
	tap_hold(&tap);
	tap_expect(&tap, 1);
	tap_expect_result(&tap, -ENODATA);
	ring_release(tap.ring);
	tap_lap(&tap, 0);
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}

/* A quarter of a small ring is in hand at once, however it was found */
Test(libring_hold, what_was_read_is_given_back_before_all_is)
{
	for (int order = RING_ORDER_TIME; order <= RING_ORDER_RING; order++) {
		tap_init(&tap, 1, 64 * KIB);
		tap_open_held(&tap, .order = order);
		for (u64 n = 0; n < 10; n++) {
			tap_put(&tap, 0, n);
			tap_expect(&tap, n);
		}
		for (u64 n = 0; n < 1500; n++)
			tap_put(&tap, 0, n);
		for (u64 n = 0; n < 1500; n++) {
			tap_expect(&tap, n);
			cr_assert_leq(32 * (10 + n + 1) - cursor(0), 16 * KIB);
		}
		tap_free(&tap);
	}
}

Test(libring_hold, a_snapshot_in_ring_order_ends_too)
{
	tap_init(&tap, 1, 64 * KIB);
	for (u64 n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_open(&tap, .flags = RING_HOLD | RING_SNAPSHOT, .from = RING_FROM_OLDEST,
		 .order = RING_ORDER_RING);
	tap_hold(&tap);
	for (u64 n = 0; n < 10; n++) {
		tap_put(&tap, 0, 100);
		tap_expect(&tap, n);
	}
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}

static void from_there(u64 pos, u32 seq)
{
	struct ring_record record;
	u64 next = 0;

	tap_init(&tap, 1, 64 * KIB);
	fixture_free(tap_ring(&tap, 0));
	fixture_init_at(tap_ring(&tap, 0), 64 * KIB, pos, seq);
	tap_ring(&tap, 0)->ring.meta->cpu = 0;
	tap_open_held(&tap);
	for (u64 n = 0; n < 10000; n++) {
		cr_assert(tap_put(&tap, 0, n));
		if (n % 7)
			continue;
		while (ring_next(tap.ring, &record) == 1) {
			cr_assert_eq(tap_value(&record), next);
			cr_assert_eq(record.seq, next);
			next++;
		}
	}
	cr_assert_eq(tap_stats(&tap).reported, 10000);
	tap_free(&tap);
}

Test(libring_hold, positions_and_numbers_over_powers_of_two)
{
	from_there((1ULL << 32) - 4096, 0x7ffffff0);
	from_there((1ULL << 35) - 4096, 0xfffffff0);
	from_there((1ULL << 36) - 4096, 0xffffffff);
}

static u64 written[2];
static int running;

static void *produce(void *arg)
{
	u32 number = (uintptr_t)arg;
	u64 n, goal = fixture_scaled(300000);

	for (n = 0; n < goal; n++)
		if (fixture_write_load(tap_ring(&tap, number % tap.ch.nr), number, n,
				       KRING_LOAD_TASK, BYTES))
			written[number]++;
		else
			sched_yield();
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void hold_against(u32 rings, u32 order)
{
	u64 events = 0, time = 0, seq[2] = { 0 };
	struct ring_record record;
	struct ring_stats s;
	pthread_t threads[2];
	bool last;

	tap_init(&tap, rings, 64 * KIB);
	tap_open_held(&tap, .order = order);
	running = 2;
	memset(written, 0, sizeof(written));
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, produce, (void *)i);
	do {
		last = !__atomic_load_n(&running, __ATOMIC_SEQ_CST);
		while (ring_next(tap.ring, &record) == 1) {
			if (order == RING_ORDER_TIME)
				cr_assert_geq(record.time, time);
			else
				cr_assert_eq(record.seq, seq[record.ring]);
			time = record.time;
			cr_assert_eq(record.overwritten, 0);
			seq[record.ring] += record.kind == RING_LOST ? record.refused : 1;
			if (record.kind == RING_LOST)
				continue;
			cr_assert(is_in_ring(&record));
			cr_assert(fixture_check_load(record.data, record.size), "torn");
			events++;
		}
		sched_yield();
	} while (!last);
	for (u32 i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	s = tap_stats(&tap);
	cr_assert_eq(events, written[0] + written[1]);
	cr_assert_eq(s.events, events);
	cr_assert_eq(s.overwritten + s.left + s.revoked, 0);
	tap_free(&tap);
}

Test(libring_hold, nothing_is_lost_of_two_producers_in_one_ring)
{
	hold_against(0, RING_ORDER_TIME);
	hold_against(0, RING_ORDER_RING);
}

Test(libring_hold, nothing_is_lost_of_two_rings)
{
	hold_against(2, RING_ORDER_TIME);
	hold_against(2, RING_ORDER_RING);
}
