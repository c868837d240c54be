// SPDX-License-Identifier: GPL-2.0
/* Many records at once: ring_peek() and ring_advance() */
#include "libring_tap.h"

static struct tap tap;
static const struct ring_record *batch;

static void begin(u32 rings, u32 flags, u64 count)
{
	tap_init(&tap, rings, 64 * KIB);
	tap_open(&tap, .flags = flags);
	if (flags & RING_HOLD)
		tap_hold(&tap);
	for (u64 n = 0; n < count; n++)
		cr_assert(tap_put_at(&tap, rings ? n % rings : 0, n, 1000 + n));
}

static void expect_batch(u64 first, int count)
{
	for (int n = 0; n < count; n++)
		cr_assert_eq(tap_value(&batch[n]), first + n);
}

static void all_at_once(u32 flags)
{
	u64 next = 0;
	int n;

	begin(3, flags, 1000);
	while ((n = ring_peek(tap.ring, &batch, 77)) > 0) {
		cr_assert_leq(n, 77);
		expect_batch(next, n);
		next += n;
		cr_assert_eq(ring_advance(tap.ring, n), 0);
	}
	cr_assert_eq(n, 0);
	cr_assert_eq(next, 1000);
	cr_assert_eq(tap_stats(&tap).events, 1000);
	cr_assert_eq(tap_stats(&tap).bytes, 8000);
	tap_free(&tap);
}

Test(libring_batch, all_records_in_order)
{
	all_at_once(0);
	all_at_once(RING_HOLD);
}

Test(libring_batch, part_of_a_batch_may_be_taken)
{
	u64 next = 0;
	int n, part = 0;

	begin(2, RING_HOLD, 1000);
	while ((n = ring_peek(tap.ring, &batch, 50)) > 0) {
		expect_batch(next, n);
		cr_assert_eq(tap_stats(&tap).left, 1000 - next);
		part = part % n + 1;
		cr_assert_eq(ring_advance(tap.ring, part), 0);
		next += part;
		cr_assert_eq(*tap.ring->readers[0].cursor, (next + 1) / 2 * 32);
		cr_assert_eq(*tap.ring->readers[1].cursor, next / 2 * 32);
	}
	cr_assert_eq(next, 1000);
	tap_free(&tap);
}

Test(libring_batch, the_rest_may_be_taken_without_another_look)
{
	begin(1, RING_HOLD, 11);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(ring_advance(tap.ring, 4), 0);
	expect_batch(0, 10);
	cr_assert_eq(ring_advance(tap.ring, 7), -EINVAL);
	cr_assert_eq(ring_advance(tap.ring, 6), 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 1);
	expect_batch(10, 1);
	tap_free(&tap);
}

static void next_between(u32 rings, u32 flags)
{
	begin(rings, flags, 20);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(ring_advance(tap.ring, 3), 0);
	for (int n = 3; n < 12; n++)
		tap_expect(&tap, n);
	cr_assert_eq(ring_advance(tap.ring, 1), -EINVAL);
	expect_batch(12, ring_peek(tap.ring, &batch, 200));
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	cr_assert_eq(tap_stats(&tap).left, 8);
	for (int n = 12; n < 20; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_batch, next_takes_the_first_that_is_not_taken)
{
	next_between(1, 0);
	next_between(3, RING_HOLD);
}

Test(libring_batch, peeking_gives_nothing_back)
{
	begin(1, RING_HOLD, 11);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(ring_release(tap.ring), 0);
	cr_assert_eq(*tap.ring->readers[0].cursor, 0);
	expect_batch(0, 10);
	tap_free(&tap);
}

Test(libring_batch, losses_are_records_too)
{
	static char big[64 * KIB];

	begin(1, RING_HOLD, 2);
	fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big));
	tap_put(&tap, 0, 3);
	tap_put(&tap, 0, 4);
	/* In a batch of its own, with the event in front of it */
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 1);
	expect_batch(0, 1);
	cr_assert_eq(ring_advance(tap.ring, 1), 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 3);
	cr_assert_eq(batch[1].kind, RING_LOST);
	cr_assert_eq(batch[1].refused, 1);
	cr_assert_eq(tap_stats(&tap).refused, 1);
	cr_assert_eq(tap_stats(&tap).left, 3);
	cr_assert_eq(ring_advance(tap.ring, 3), 0);
	cr_assert_eq(tap_stats(&tap).refused, 1);
	tap_free(&tap);
}

Test(libring_batch, in_ring_order)
{
	static const u64 expected[] = { 0, 3, 6, 1, 4, 7, 2, 5 };

	tap_init(&tap, 3, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 8; n++)
		tap_put(&tap, n % 3, n);
	cr_assert_eq(ring_peek(tap.ring, &batch, 5), 5);
	cr_assert_eq(ring_advance(tap.ring, 1), 0);
	for (int n = 1; n < 8; n++)
		tap_expect(&tap, expected[n]);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_batch, what_cannot_be_asked_is_refused)
{
	begin(1, 0, 1);
	cr_assert_eq(ring_peek(tap.ring, &batch, 0), -EINVAL);
	cr_assert_eq(ring_advance(tap.ring, 1), -EINVAL);
	cr_assert_eq(ring_advance(tap.ring, -1), -EINVAL);
	cr_assert_eq(ring_advance(tap.ring, 0), 0);
	tap_free(&tap);
}

Test(libring_batch, not_more_than_there_is_room_for)
{
	const struct ring_record *records;
	int got, n;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap, .from = RING_FROM_OLDEST);
	for (n = 0; n < 500; n++)
		tap_put(&tap, 0, n);
	for (n = 0; n < 500; n += got) {
		got = ring_peek(tap.ring, &records, 1000);
		cr_assert(got > 0 && got <= 128, "%d", got);
		cr_assert_eq(tap_value(&records[got - 1]), (u64)n + got - 1);
		cr_assert_eq(ring_advance(tap.ring, got), 0);
	}
	tap_free(&tap);
}
