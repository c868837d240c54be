// SPDX-License-Identifier: GPL-2.0
/* Time order, across rings and within one */
#include "libring_tap.h"

static struct tap tap;

Test(libring_merge, rings_are_merged_by_time)
{
	tap_init(&tap, 3, 64 * KIB);
	tap_open(&tap);
	tap_put_at(&tap, 2, 1, 10);
	tap_put_at(&tap, 0, 2, 20);
	tap_put_at(&tap, 1, 3, 30);
	tap_put_at(&tap, 2, 4, 40);
	for (int n = 1; n <= 4; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_merge, equal_times_go_by_ring_and_position)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_put_at(&tap, 1, 3, 10);
	tap_put_at(&tap, 1, 4, 10);
	tap_put_at(&tap, 0, 1, 10);
	tap_put_at(&tap, 0, 2, 10);
	for (int n = 1; n <= 4; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

Test(libring_merge, equal_times_go_by_ring_in_the_middle_too)
{
	tap_init(&tap, 3, 64 * KIB);
	tap_open(&tap);
	tap_put_at(&tap, 2, 1, 10);
	tap_put_at(&tap, 2, 4, 20);
	tap_put_at(&tap, 1, 3, 20);
	tap_put_at(&tap, 0, 2, 20);
	tap_put_at(&tap, 0, 5, 30);
	tap_put_at(&tap, 1, 6, 30);
	tap_put_at(&tap, 2, 7, 40);
	for (int n = 1; n <= 7; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

Test(libring_merge, ring_order_goes_by_position)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING);
	tap_put_at(&tap, 1, 3, 10);
	tap_put_at(&tap, 0, 1, 30);
	tap_put_at(&tap, 0, 2, 20);
	for (int n = 1; n <= 3; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_merge, nested_records_are_put_right)
{
	struct kring_slot outer, inner;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put_at(&tap, 0, 1, 10);
	tap_begin(&tap, 0, &outer, 4);
	tap_begin(&tap, 0, &inner, 3);
	tap_put_at(&tap, 0, 2, 20);
	tap_end_at(&inner, 30);
	tap_end_at(&outer, 40);
	tap_put_at(&tap, 0, 5, 50);
	for (int n = 1; n <= 5; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_merge, nested_records_of_two_rings)
{
	struct kring_slot outer[2];

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_begin(&tap, 0, &outer[0], 3);
	tap_begin(&tap, 1, &outer[1], 4);
	tap_put_at(&tap, 0, 2, 20);
	tap_put_at(&tap, 1, 1, 10);
	tap_end_at(&outer[0], 30);
	tap_end_at(&outer[1], 40);
	for (int n = 1; n <= 4; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

Test(libring_merge, a_loss_stays_before_its_record_when_sorted)
{
	struct kring_slot outer;
	char big[64 * KIB];

	memset(big, 0, sizeof(big));
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_begin(&tap, 0, &outer, 3);
	fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big));
	tap_put_at(&tap, 0, 1, 10);
	tap_put_at(&tap, 0, 2, 20);
	tap_end_at(&outer, 30);
	tap_expect_lost(&tap, 0, 1);
	for (int n = 1; n <= 3; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

Test(libring_merge, an_unfinished_event_holds_later_ones_back)
{
	struct kring_slot slot;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_begin(&tap, 0, &slot, 1);
	tap_put(&tap, 1, 2);
	tap_expect_nothing(&tap);
	tap_end_at(&slot, 10);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_merge, an_unfinished_event_does_not_hold_earlier_ones_back)
{
	struct kring_slot slot;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_expect_nothing(&tap);	/* nothing before this comes any more */
	tap_put_at(&tap, 1, 1, 1);
	tap_begin(&tap, 0, &slot, 2);
	tap_expect(&tap, 1);
	kring_ring_commit(&slot, false);
	tap_expect(&tap, 2);
	tap_free(&tap);
}

Test(libring_merge, a_record_of_the_future_waits_for_its_time)
{
	struct ring_record record;
	u64 time = ring_now() + 50000000;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_put_at(&tap, 0, 1, time);
	while (ring_next(tap.ring, &record) != 1)
		cr_assert(tap.ring->held);
	cr_assert_gt(ring_now(), time);
	cr_assert_eq(tap_value(&record), 1);
	tap_free(&tap);
}

/* Every event but the first begins before the one before it has ended */
static void chain(u64 count, u64 bytes, u64 *value)
{
	struct kring_ring *ring = &tap_ring(&tap, 0)->ring;
	static struct kring_slot last;
	struct kring_slot slot;
	u64 *to;

	for (; count--; last = slot) {
		to = kring_ring_reserve(ring, &slot, TAP_TYPE, bytes, 0);
		cr_assert_not_null(to);
		memset(to, 0, bytes);
		/* pairs of them are out of order */
		*to = *value ^ 1;
		slot.record->time = 1000 + *to;
		++*value;
		if (last.ring)
			kring_ring_commit(&last, false);
	}
}

static u64 drain_in_order(u64 next)
{
	struct ring_record record;

	while (ring_next(tap.ring, &record) == 1) {
		cr_assert_eq(record.kind, RING_EVENT);
		cr_assert_eq(*(const u64 *)record.data, next);
		next++;
	}
	return next;
}

Test(libring_merge, a_group_larger_than_the_buffer_is_sorted_whole)
{
	u64 value = 0;

	tap_init(&tap, 0, 1024 * KIB);
	tap_open(&tap);
	chain(900, 1000, &value);
	cr_assert_eq(drain_in_order(0), 0);
	tap_put(&tap, 0, 0);	/* the last of the chain is still unfinished */
	cr_assert_eq(drain_in_order(0), 0);
	cr_assert_gt(tap.ring->readers[0].used, 512 * KIB);
	tap_free(&tap);
}

Test(libring_merge, a_group_without_end_is_delivered_a_ring_later)
{
	u64 value = 0, seen = 0;

	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap);
	for (int n = 0; n < 200; n++) {
		chain(100, 104, &value);
		seen = drain_in_order(seen);
	}
	cr_assert_geq(seen + 2 * 64 * KIB / 128, value);
	cr_assert_leq(tap.ring->readers[0].room, 512 * KIB);
	tap_free(&tap);
}

Test(libring_merge, a_group_far_out_of_order_is_sorted)
{
	static struct kring_slot slots[500];
	struct ring_record record;

	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap);
	for (int n = 0; n < 500; n++)
		tap_begin(&tap, 0, &slots[n], n);
	for (int n = 0; n < 500; n++)
		tap_end_at(&slots[n], 1000 - n);
	for (int n = 499; n >= 0; n--) {
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(tap_value(&record), n);
	}
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_merge, the_largest_records_come_whole)
{
	static char big[64 * KIB - sizeof(struct kring_record)];

	tap_init(&tap, 0, 256 * KIB);
	tap_open(&tap);
	for (int n = 0; n < 20; n++) {
		struct ring_record record;

		tap_put(&tap, 0, n);
		memset(big, n, sizeof(big));
		cr_assert(fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
		tap_expect(&tap, n);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(record.size, sizeof(big));
		cr_assert_arr_eq(record.data, big, sizeof(big));
	}
	tap_free(&tap);
}

Test(libring_merge, many_rings)
{
	u64 time = 1000, next = 1;

	tap_init(&tap, 37, 64 * KIB);
	tap_open(&tap);
	for (u64 n = 1; n <= 1000; n++)
		tap_put_at(&tap, n * 17 % 37, n, time++);
	while (next <= 1000)
		tap_expect(&tap, next++);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

static int count_to(const struct ring_record *record, void *ctx)
{
	const u64 *stop = ctx;

	return tap_value(record) == *stop ? (*stop == 9 ? -EPERM : 1) : 0;
}

Test(libring_merge, consume_keeps_its_budget_and_stops_when_told)
{
	u64 stop = 5;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	for (int n = 1; n <= 9; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_consume(tap.ring, count_to, &stop, 0), -EINVAL);
	cr_assert_eq(ring_consume(tap.ring, count_to, &stop, 3), 3);
	cr_assert_eq(ring_consume(tap.ring, count_to, &stop, 9), 2);
	stop = 9;
	cr_assert_eq(ring_consume(tap.ring, count_to, &stop, 9), -EPERM);
	cr_assert_eq(ring_consume(tap.ring, count_to, &stop, 9), 0);
	tap_free(&tap);
}
