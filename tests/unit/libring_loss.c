// SPDX-License-Identifier: GPL-2.0
/* What is missing is counted, by cause, and delivered where it is missing */
#include "libring_tap.h"

static struct tap tap;

/* Read all there is; returns the events */
static u64 drain(void)
{
	struct ring_record record;
	u64 events = 0;
	int ret;

	while ((ret = ring_next(tap.ring, &record)) == 1)
		events += record.kind == RING_EVENT;
	cr_assert_eq(ret, 0);
	return events;
}

Test(libring_loss, lapped_reader_gets_the_exact_number)
{
	u64 written, events;
	struct ring_stats s;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	for (int n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	written = 100 + tap_lap(&tap, 0);
	tap_expect_lost(&tap, tap_ring(&tap, 0)->meta->counters.overwritten, 0);
	events = drain();
	s = tap_stats(&tap);
	cr_assert_eq(s.reported, written);
	cr_assert_eq(s.events, events);
	cr_assert_eq(s.overwritten, tap_ring(&tap, 0)->meta->counters.overwritten);
	cr_assert_eq(s.left, 0);
	tap_free(&tap);
}

Test(libring_loss, lost_comes_right_before_the_event_behind_the_gap)
{
	struct ring_record lost, event;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_refuse(&tap, 0);
	tap_refuse(&tap, 0);
	tap_put(&tap, 0, 2);
	tap_expect(&tap, 1);
	cr_assert_eq(ring_next(tap.ring, &lost), 1);
	cr_assert_eq(lost.kind, RING_LOST);
	cr_assert_eq(lost.refused, 2);
	cr_assert_eq(lost.overwritten, 0);
	cr_assert_eq(lost.seq, 1);
	cr_assert_eq(lost.cpu, 0);
	cr_assert_eq(ring_next(tap.ring, &event), 1);
	cr_assert_eq(tap_value(&event), 2);
	cr_assert_eq(event.seq, 3);
	cr_assert_eq(event.time, lost.time);
	tap_free(&tap);
}

Test(libring_loss, a_hold_makes_it_refused_not_overwritten)
{
	u64 hold = 0, refused = 0;

	tap_init(&tap, 1, 64 * KIB);
	tap_ring(&tap, 0)->ring.holds[0] = &hold;
	tap_open(&tap);
	for (int n = 0; n < 3000; n++)
		refused += !tap_put(&tap, 0, n);
	cr_assert_gt(refused, 0);
	cr_assert_eq(drain(), 3000 - refused);
	cr_assert_eq(tap_stats(&tap).refused, refused);
	cr_assert_eq(tap_stats(&tap).overwritten, 0);
	tap_free(&tap);
}

Test(libring_loss, trailing_refusals_are_told_at_once)
{
	struct ring_record record;
	u64 before;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	tap_refuse(&tap, 0);
	tap_refuse(&tap, 0);
	tap_refuse(&tap, 0);
	before = ring_now();
	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(record.kind, RING_LOST);
	cr_assert_eq(record.refused, 3);
	cr_assert_geq(record.time, before);
	tap_expect_nothing(&tap);
	tap_refuse(&tap, 0);
	tap_expect_lost(&tap, 0, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

static void expect_refused(u64 since)
{
	struct ring_record lost;

	cr_assert_eq(ring_next(tap.ring, &lost), 1);
	cr_assert_eq(lost.kind, RING_LOST);
	cr_assert_eq(lost.refused, 1);
	cr_assert_geq(lost.time, since);
}

Test(libring_loss, trailing_refusals_in_ring_order)
{
	u64 before = ring_now();

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING);
	tap_refuse(&tap, 1);
	expect_refused(before);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_loss, refusals_at_a_snapshots_end_in_ring_order)
{
	u64 before = ring_now();

	tap_init(&tap, 1, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_refuse(&tap, 0);
	tap_open(&tap, .order = RING_ORDER_RING, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT);
	tap_expect(&tap, 1);
	expect_refused(before);
	tap_free(&tap);
}

Test(libring_loss, many_trailing_refusals_do_not_pile_up)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	for (int n = 0; n < 1000; n++) {
		tap_refuse(&tap, 0);
		tap_expect_lost(&tap, 0, 1);
	}
	cr_assert_lt(tap.ring->readers[0].items_room, 1000);
	tap_free(&tap);
}

Test(libring_loss, refusals_before_a_lap_count_as_overwritten)
{
	u64 written;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_refuse(&tap, 0);
	written = 2 + tap_lap(&tap, 0);
	tap_expect_lost(&tap, 1 + tap_ring(&tap, 0)->meta->counters.overwritten, 0);
	drain();
	cr_assert_eq(tap_stats(&tap).reported, written);
	tap_free(&tap);
}

Test(libring_loss, discarded_is_neither_delivered_nor_lost)
{
	struct ring_stats s;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_discard(&tap, 0);
	tap_put(&tap, 0, 2);
	s = tap_stats(&tap);
	cr_assert_eq(s.discarded, 1);
	cr_assert_eq(s.left, 2);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	s = tap_stats(&tap);
	cr_assert_eq(s.reported, 3);
	cr_assert_eq(s.discarded, 1);
	cr_assert_eq(s.overwritten + s.refused, 0);
	tap_free(&tap);
}

Test(libring_loss, only_discarded_records_take_no_memory)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	for (int round = 0; round < 20; round++) {
		for (int n = 0; n < 1500; n++)
			tap_discard(&tap, 0);
		tap_expect_nothing(&tap);
	}
	cr_assert_eq(tap_stats(&tap).discarded, 20 * 1500);
	cr_assert_leq(tap.ring->readers[0].room, 256 * KIB);
	tap_free(&tap);
}

Test(libring_loss, a_gap_before_a_discarded_record_is_delivered)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_refuse(&tap, 0);
	tap_discard(&tap, 0);
	tap_put(&tap, 0, 1);
	tap_expect_lost(&tap, 0, 1);
	tap_expect(&tap, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

/* As if so many more events had been refused */
static void refuse_many(u64 count)
{
	struct kring_meta *meta = tap_ring(&tap, 0)->ring.meta;

	meta->reserve += count << 32;
	meta->counters.refused_held += count;
}

Test(libring_loss, a_gap_of_more_than_32_bits)
{
	u64 many = (5ULL << 32) + 3;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	refuse_many(many);
	tap_expect(&tap, 1);
	tap_expect_lost(&tap, 0, many);
	tap_put(&tap, 0, 2);
	tap_expect(&tap, 2);
	cr_assert_eq(tap_stats(&tap).reported, many + 2);
	tap_free(&tap);
}

Test(libring_loss, a_gap_of_a_multiple_of_32_bits)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	refuse_many(1ULL << 32);
	tap_expect_lost(&tap, 0, 1ULL << 32);
	tap_free(&tap);
}

Test(libring_loss, a_lap_of_more_than_32_bits)
{
	u64 many = 3ULL << 32;
	struct ring_stats s;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	/* as if the ring had been written very often; seq comes out the same */
	tap_ring(&tap, 0)->ring.meta->counters.overwritten += many;
	for (int n = 0; n < 3000; n++) {
		tap_put(&tap, 0, n);
		/* the gaps that are still in the ring are small ones */
		if (n % 100 == 0)
			tap_refuse(&tap, 0);
	}
	cr_assert_eq(tap_stats(&tap).reported, 1 + many + 3000 + 30);
	drain();
	s = tap_stats(&tap);
	cr_assert_eq(s.reported, 1 + many + 3000 + 30);
	cr_assert_geq(s.overwritten, many);
	cr_assert_lt(s.refused, 30);
	tap_free(&tap);
}

Test(libring_loss, refusals_behind_a_gap_do_not_count_for_it)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_refuse(&tap, 0);
	tap_put(&tap, 0, 1);
	refuse_many(7ULL << 32);
	tap_expect_lost(&tap, 0, 1);
	tap_expect(&tap, 1);
	tap_expect_lost(&tap, 0, 7ULL << 32);
	tap_free(&tap);
}

Test(libring_loss, statistics_close_at_every_step)
{
	struct ring_record record;
	u64 total = 0;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	for (u32 n = 0; n < 20; n++) {
		tap_put(&tap, n % 2, n);
		if (n % 3 == 0)
			tap_refuse(&tap, n % 2);
		if (n % 5 == 0)
			tap_discard(&tap, 0);
		total += 1 + (n % 3 == 0) + (n % 5 == 0);
	}
	do {
		cr_assert_eq(tap_stats(&tap).reported, total);
	} while (ring_next(tap.ring, &record) == 1);
	cr_assert_eq(tap_stats(&tap).left, 0);
	tap_free(&tap);
}

Test(libring_loss, statistics_count_what_is_left_after_a_lap)
{
	struct ring_stats s;
	u64 written;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	written = tap_lap(&tap, 0);
	s = tap_stats(&tap);
	cr_assert_eq(s.reported, written);
	cr_assert_eq(s.left, written - s.overwritten);
	cr_assert_eq(drain(), s.left);
	tap_free(&tap);
}

Test(libring_loss, statistics_say_again_while_an_event_is_not_finished)
{
	struct ring_stats s = { .size = sizeof(s) };
	struct kring_slot slot;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	tap_begin(&tap, 0, &slot, 2);
	cr_assert_eq(ring_stats(tap.ring, &s), -EAGAIN);
	cr_assert_eq(s.reported, 2);
	cr_assert_eq(s.events, 1);
	kring_ring_commit(&slot, false);
	cr_assert_eq(tap_stats(&tap).left, 1);
	tap_free(&tap);
}

Test(libring_loss, statistics_count_payload_bytes_and_wakeups_since_the_start)
{
	struct ring_stats s;

	tap_init(&tap, 1, 64 * KIB);
	tap_ring(&tap, 0)->ring.meta->counters.wakeups = 5;
	tap_open(&tap);
	tap_ring(&tap, 0)->ring.meta->counters.wakeups = 7;
	tap_put(&tap, 0, 1);
	tap_put(&tap, 0, 2);
	drain();
	s = tap_stats(&tap);
	cr_assert_eq(s.bytes, 16);
	cr_assert_eq(s.wakeups, 2);
	tap_free(&tap);
}

Test(libring_loss, statistics_of_another_size)
{
	struct {
		struct ring_stats s;
		u64 later;
	} large = { .s.size = sizeof(large), .later = 1 };
	struct ring_stats small = { .size = offsetof(struct ring_stats, bytes),
				    .bytes = 77 };
	struct ring_stats none = { .size = 0 };

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	cr_assert_eq(ring_stats(tap.ring, &large.s), 0);
	cr_assert_eq(large.s.events, 1);
	cr_assert_eq(large.later, 0);
	cr_assert_eq(ring_stats(tap.ring, &small), 0);
	cr_assert_eq(small.events, 1);
	cr_assert_eq(small.bytes, 77);
	cr_assert_eq(ring_stats(tap.ring, &none), -EINVAL);
	tap_free(&tap);
}
