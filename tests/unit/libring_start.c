// SPDX-License-Identifier: GPL-2.0
/* Where a handle starts and, with a snapshot, where it ends */
#include "libring_tap.h"

static struct tap tap;

Test(libring_start, newest_sees_only_what_comes_later)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_open(&tap, .from = RING_FROM_NEWEST);
	tap_expect_nothing(&tap);
	tap_put(&tap, 0, 2);
	tap_expect(&tap, 2);
	cr_assert_eq(tap_stats(&tap).reported, 1);
	tap_free(&tap);
}

Test(libring_start, newest_passes_over_events_that_have_begun)
{
	struct kring_slot slot;

	tap_init(&tap, 1, 64 * KIB);
	tap_begin(&tap, 0, &slot, 1);
	tap_open(&tap, .from = RING_FROM_NEWEST);
	tap_put(&tap, 0, 2);
	tap_expect_nothing(&tap);
	kring_ring_commit(&slot, false);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).reported, 1);
	tap_free(&tap);
}

/* It looks a while, and does not wait for who may never go on */
Test(libring_start, oldest_of_a_ring_with_one_event_that_has_begun)
{
	struct kring_slot slot;

	tap_init(&tap, 1, 64 * KIB);
	tap_begin(&tap, 0, &slot, 1);
	tap_open(&tap, .from = RING_FROM_OLDEST);
	kring_ring_commit(&slot, false);
	tap_put(&tap, 0, 2);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_start, oldest_begins_with_what_the_ring_has)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_put(&tap, 0, 2);
	tap_open(&tap, .from = RING_FROM_OLDEST);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_start, oldest_does_not_count_what_was_overwritten_before)
{
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	tap_lap(&tap, 0);
	tap_open(&tap, .from = RING_FROM_OLDEST);
	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(record.kind, RING_EVENT);
	cr_assert_eq(record.seq, 0);
	cr_assert_eq(tap_stats(&tap).overwritten, 0);
	tap_free(&tap);
}

Test(libring_start, oldest_of_an_empty_ring_counts_from_there)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap, .from = RING_FROM_OLDEST);
	tap_expect_nothing(&tap);
	tap_lap(&tap, 0);
	cr_assert_gt(tap_stats(&tap).overwritten, 0);
	tap_free(&tap);
}

Test(libring_start, a_ring_with_a_past_counts_from_zero)
{
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	fixture_free(tap_ring(&tap, 0));
	fixture_init_at(tap_ring(&tap, 0), 64 * KIB, 0xfffffffff0ULL, 0xfffffffe);
	tap_ring(&tap, 0)->ring.meta->cpu = 0;
	tap_open(&tap, .from = RING_FROM_NEWEST);
	for (u64 n = 0; n < 5; n++) {
		tap_put(&tap, 0, n);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(tap_value(&record), n);
		cr_assert_eq(record.seq, n);
	}
	cr_assert_eq(tap_stats(&tap).reported, 5);
	tap_free(&tap);
}

Test(libring_start, only_the_rings_of_chosen_cpus_are_read)
{
	u32 cpus[] = { 2, 0, 2 };

	tap_init(&tap, 3, 64 * KIB);
	tap_open(&tap, .nr_cpus = 3, .cpus = cpus);
	tap_put(&tap, 0, 0);
	tap_put(&tap, 1, 1);
	tap_put(&tap, 2, 2);
	tap_expect(&tap, 0);
	tap_expect(&tap, 2);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).reported, 2);
	tap_free(&tap);
}

Test(libring_start, a_cpu_without_a_ring_is_refused_by_name)
{
	char message[200] = "";
	u32 cpu = 7;
	struct ring_opts opts = { .size = sizeof(opts), .nr_cpus = 1, .cpus = &cpu,
				  .message = message, .message_size = sizeof(message) };

	tap_init(&tap, 2, 64 * KIB);
	cr_assert_eq(tap_try_open(&tap, &opts), -EINVAL);
	cr_assert(strstr(message, "CPU 7"), "%s", message);
	cr_assert_null(tap.ring);
	tap_free(&tap);
}

Test(libring_start, snapshot_ends_where_the_ring_ended)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_put(&tap, 1, 2);
	tap_open(&tap, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT);
	tap_put(&tap, 0, 3);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_result(&tap, -ENODATA);
	tap_expect_result(&tap, -ENODATA);
	cr_assert_eq(ring_wait(tap.ring, -1), -ENODATA);
	cr_assert_eq(tap_stats(&tap).reported, 2);
	tap_free(&tap);
}

Test(libring_start, snapshot_waits_for_events_that_had_begun)
{
	struct kring_slot slot;

	tap_init(&tap, 1, 64 * KIB);
	tap_put(&tap, 0, 1);
	tap_begin(&tap, 0, &slot, 2);
	tap_open(&tap, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT);
	tap_put(&tap, 0, 3);
	kring_ring_commit(&slot, false);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}

Test(libring_start, snapshot_that_was_overwritten_counts_its_own_part)
{
	tap_init(&tap, 1, 64 * KIB);
	for (int n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_open(&tap, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT);
	tap_lap(&tap, 0);
	cr_assert_eq(tap_stats(&tap).overwritten, 10);
	tap_expect_lost(&tap, 10, 0);
	tap_expect_result(&tap, -ENODATA);
	cr_assert_eq(tap_stats(&tap).reported, 10);
	tap_free(&tap);
}

Test(libring_start, snapshot_ends_with_refusals_before_it)
{
	char big[64 * KIB];

	tap_init(&tap, 1, 64 * KIB);
	memset(big, 0, sizeof(big));
	tap_put(&tap, 0, 1);
	cr_assert_not(fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
	tap_open(&tap, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT);
	cr_assert_not(fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
	tap_expect(&tap, 1);
	tap_expect_lost(&tap, 0, 1);
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}

Test(libring_start, snapshot_in_ring_order)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_put(&tap, 1, 1);
	tap_put(&tap, 0, 2);
	tap_put(&tap, 1, 3);
	tap_open(&tap, .from = RING_FROM_OLDEST, .flags = RING_SNAPSHOT,
		 .order = RING_ORDER_RING);
	tap_expect(&tap, 2);
	tap_expect(&tap, 1);
	tap_expect(&tap, 3);
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}
