// SPDX-License-Identifier: GPL-2.0
/* Records as they lie: ring_next_raw() and ring_raw_step() */
#include "libring_tap.h"

static struct tap tap;
static struct ring_raw raw;

static u64 value_of(const struct kring_record *record)
{
	cr_assert_eq(raw.size, sizeof(u64));
	return *(const u64 *)(record + 1);
}

/* The next ones are so many of one ring, from that value on, and follow one another */
static void expect_run(u64 first, u64 count)
{
	const struct kring_record *record;
	u64 n;

	cr_assert_eq(ring_next_raw(tap.ring, &raw), 1);
	cr_assert_eq(raw.nr, count);
	for (n = 0; (record = ring_raw_step(&raw)); n++)
		cr_assert_eq(value_of(record), first + n);
	cr_assert_eq(n, count);
	cr_assert_eq(raw.at, raw.end);
	cr_assert_null(ring_raw_step(&raw));
}

/* All there is, by whichever way; values count up from `next`. Returns the next one */
static u64 drain(u64 next, u64 *lost)
{
	const struct kring_record *at;
	struct ring_record record;
	int ret;

	while ((ret = ring_next_raw(tap.ring, &raw))) {
		if (ret == 1) {
			cr_assert_gt(raw.nr, 0);
			while ((at = ring_raw_step(&raw)))
				cr_assert_eq(value_of(at), next++);
			continue;
		}
		cr_assert_eq(ret, -ENOMSG);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		if (record.kind == RING_EVENT)
			cr_assert_eq(tap_value(&record), next++);
		else
			*lost += record.overwritten + record.refused;
	}
	return next;
}

Test(libring_raw, held)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	expect_run(0, 100);
	cr_assert_eq(raw.seq, 0);
	cr_assert_eq(raw.ring, 0);
	/* In the ring itself */
	cr_assert_eq((const u8 *)raw.end, tap_ring(&tap, 0)->data + 3200);
	cr_assert_eq(tap_stats(&tap).events, 100);
	cr_assert_eq(tap_stats(&tap).bytes, 800);
	/* Given back when it is said, or when more is looked for */
	cr_assert_eq(*tap.ring->readers[0].cursor, 0);
	cr_assert_eq(ring_release(tap.ring), 0);
	cr_assert_eq(*tap.ring->readers[0].cursor, 3200);
	tap_put(&tap, 0, 100);
	expect_run(100, 1);
	cr_assert_eq(raw.seq, 100);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), 0);
	cr_assert_eq(*tap.ring->readers[0].cursor, 3232);
	tap_free(&tap);
}

Test(libring_raw, observed)
{
	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING, .flags = RING_SNAPSHOT,
		 .from = RING_FROM_OLDEST);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), -ENODATA);
	tap_close(&tap);
	for (u64 n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	tap_open(&tap, .order = RING_ORDER_RING, .flags = RING_SNAPSHOT,
		 .from = RING_FROM_OLDEST);
	expect_run(0, 100);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), -ENODATA);
	tap_free(&tap);
}

Test(libring_raw, sizes_differ)
{
	const struct kring_record *record;
	char payload[300];
	u64 n, total = 0;

	tap_init(&tap, 1, 1024 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (n = 0; n < 2000; n++) {
		memset(payload, n, sizeof(payload));
		cr_assert(fixture_write(tap_ring(&tap, 0), TAP_TYPE, payload, n % 300));
	}
	for (n = 0; n < 2000; ) {
		cr_assert_eq(ring_next_raw(tap.ring, &raw), 1);
		cr_assert_eq(raw.seq, n);
		while ((record = ring_raw_step(&raw))) {
			cr_assert_eq(record->seq, n);
			cr_assert_eq(raw.size, n % 300);
			for (u32 i = 0; i < raw.size; i++)
				cr_assert_eq(((const u8 *)(record + 1))[i], (u8)n);
			total += raw.size;
			n++;
		}
	}
	cr_assert_eq(tap_stats(&tap).bytes, total);
	tap_free(&tap);
}

/* What ring_next() has to say comes between, in its place */
Test(libring_raw, what_is_missing)
{
	u64 lost = 0;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_refuse(&tap, 0);
	tap_refuse(&tap, 0);
	for (u64 n = 10; n < 20; n++)
		tap_put(&tap, 0, n);
	tap_discard(&tap, 0);
	for (u64 n = 20; n < 30; n++)
		tap_put(&tap, 0, n);
	expect_run(0, 10);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), -ENOMSG);
	tap_expect_lost(&tap, 0, 2);
	cr_assert_eq(drain(10, &lost), 30);
	cr_assert_eq(lost, 0);
	cr_assert_eq(tap_stats(&tap).refused, 2);
	cr_assert_eq(tap_stats(&tap).discarded, 1);
	cr_assert_eq(tap_stats(&tap).events, 30);
	tap_free(&tap);
}

Test(libring_raw, what_was_overwritten)
{
	u64 lost = 0, count;

	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING);
	count = tap_lap(&tap, 0);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), -ENOMSG);
	lost = tap_stats(&tap).left;
	tap_expect_lost(&tap, count - lost, 0);
	cr_assert_eq(drain(count - lost, &lost), count);
	tap_free(&tap);
}

/* By time: no further than the other ring's next */
Test(libring_raw, by_time)
{
	u64 next = 0, lost = 0;

	tap_init(&tap, 2, 256 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 2000; n++)
		tap_put(&tap, n / 7 % 3 % 2, n);
	next = drain(next, &lost);
	cr_assert_eq(next, 2000);
	cr_assert_eq(lost, 0);
	cr_assert_eq(tap_stats(&tap).events, 2000);
	tap_free(&tap);
}

Test(libring_raw, by_time_a_ring_alone)
{
	struct kring_slot slot;
	u64 lost = 0;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	/* Nobody knows yet that no record is to come in front of the last one */
	tap_begin(&tap, 0, &slot, 100);
	expect_run(0, 99);
	kring_ring_commit(&slot, false);
	cr_assert_eq(drain(99, &lost), 101);
	tap_free(&tap);
}

/* With the others: what was shown, and not taken, comes again */
Test(libring_raw, beside_a_batch)
{
	const struct ring_record *batch;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 20; n++)
		tap_put(&tap, 0, n);
	tap_expect(&tap, 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(ring_advance(tap.ring, 4), 0);
	expect_run(5, 15);
	/* They are taken: none is left to advance over */
	cr_assert_eq(ring_advance(tap.ring, 1), -EINVAL);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).events, 20);
	tap_free(&tap);
}

/* Where a hold was revoked somebody writes: no step leads beyond what there was */
static void write_over(u32 steps, u32 size)
{
	struct kring_record *record;
	u32 left = 3200 - 32 * steps;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), 1);
	/* As a program may that has it on its stack */
	raw.length = 1ULL << 40;
	for (u32 n = 0; n < steps; n++)
		cr_assert_not_null(ring_raw_step(&raw));
	record = (void *)(tap_ring(&tap, 0)->ring.data + 32 * steps);
	record->size = size ?: left - sizeof(*record) + 1;
	cr_assert_null(ring_raw_step(&raw));
	cr_assert_null(ring_raw_step(&raw));
	/* Up to the end it may */
	record->size = left - sizeof(*record);
	cr_assert_not_null(ring_raw_step(&raw));
	cr_assert_eq(raw.size, left - sizeof(*record));
	cr_assert_eq(raw.at, raw.end);
	tap_free(&tap);
}

Test(libring_raw, written_over)
{
	const u32 steps[] = { 0, 1, 50, 99 };

	for (size_t i = 0; i < 4; i++) {
		write_over(steps[i], 0);
		write_over(steps[i], 64 * KIB);
		write_over(steps[i], ~0u);
	}
}

/* One that was revoked meanwhile hands out what can be shown to be whole */
Test(libring_raw, revoked)
{
	u64 lost = 0, count;

	tap_init(&tap, 1, 64 * KIB);
	tap_ring(&tap, 0)->ring.lag_limit = 32 * KIB;
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	expect_run(0, 10);
	for (count = 10; !tap_ring(&tap, 0)->meta->counters.revoked; count++)
		tap_put(&tap, 0, count);
	for (; tap_ring(&tap, 0)->meta->tail < 1000; count++)
		tap_put(&tap, 0, count);
	cr_assert_eq(ring_next_raw(tap.ring, &raw), -ENOMSG);
	for (struct ring_record record; ring_next(tap.ring, &record) == 1; ) {
		lost += record.overwritten;
		if (record.kind == RING_EVENT) {
			cr_assert_eq(tap_value(&record), 10 + lost);
			break;
		}
		cr_assert_eq(record.flags, RING_REVOKED);
	}
	cr_assert_eq(drain(11 + lost, &lost), count);
	tap_free(&tap);
}
