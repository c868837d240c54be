// SPDX-License-Identifier: GPL-2.0
/* Events that go to a reader's hands as they lie, while they are simple */
#include "libring_tap.h"

static struct tap tap;
static const struct ring_record *batch;

static void begin(u32 rings, u64 count)
{
	tap_init(&tap, rings, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < count; n++)
		cr_assert(tap_put(&tap, n % rings, n));
}

static u64 cursor(void)
{
	return *tap.ring->readers[0].cursor;
}

static void expect_batch(int max, u64 first, int count)
{
	cr_assert_eq(ring_peek(tap.ring, &batch, max), count);
	for (int n = 0; n < count; n++) {
		cr_assert_eq(tap_value(&batch[n]), first + n);
		cr_assert_eq(batch[n].seq, first + n);
	}
}

Test(libring_straight, one_by_one)
{
	struct ring_record record;

	begin(1, 1500);
	for (u64 n = 0; n < 1500; n++) {
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(tap_value(&record), n);
		cr_assert_eq(record.seq, n);
		cr_assert_eq(record.type, TAP_TYPE);
		/* In the ring itself */
		cr_assert_eq((const u8 *)record.data, tap_ring(&tap, 0)->data + 32 * n +
						      sizeof(struct kring_record));
		cr_assert_eq(tap_stats(&tap).left, 1499 - n);
		cr_assert_eq(ring_release(tap.ring), 0);
		cr_assert_eq(cursor(), 32 * (n + 1));
	}
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).bytes, 1500 * 8);
	tap_free(&tap);
}

Test(libring_straight, parts_of_batches_add_up)
{
	u64 next = 0;

	begin(1, 1500);
	for (int part = 1; next < 1500; part = part % 60 + 1) {
		int got = ring_peek(tap.ring, &batch, 100);

		cr_assert_gt(got, 0);
		cr_assert_eq(tap_value(&batch[0]), next);
		for (int done = 0; done < got; done += part) {
			int n = part < got - done ? part : got - done;

			cr_assert_eq(ring_advance(tap.ring, n), 0);
			next += n;
			cr_assert_eq(cursor(), 32 * next);
			cr_assert_eq(tap_stats(&tap).events, next);
			cr_assert_eq(tap_stats(&tap).bytes, next * 8);
		}
		cr_assert_eq(ring_advance(tap.ring, 1), -EINVAL);
	}
	cr_assert_eq(ring_peek(tap.ring, &batch, 100), 0);
	tap_free(&tap);
}

Test(libring_straight, what_is_not_simple_comes_all_the_same)
{
	begin(1, 5);
	tap_discard(&tap, 0);
	for (u64 n = 5; n < 10; n++)
		tap_put(&tap, 0, n);
	tap_refuse(&tap, 0);
	tap_put(&tap, 0, 10);
	for (u64 n = 0; n < 10; n++)
		tap_expect(&tap, n);
	tap_expect_lost(&tap, 0, 1);
	tap_expect(&tap, 10);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).discarded, 1);

	/* Nothing else: not the end of what there is */
	tap_discard(&tap, 0);
	tap_discard(&tap, 0);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 0);
	cr_assert_eq(tap_stats(&tap).discarded, 3);
	tap_free(&tap);
}

/* In the midst of simple ones, and in none of the ways are they passed over */
Test(libring_straight, a_loss_comes_where_it_was)
{
	for (int way = 0; way < 4; way++) {
		struct ring_opts opts = {
			.size = sizeof(opts),
			.flags = way % 2 ? RING_HOLD : 0,
			.order = way / 2 ? RING_ORDER_TIME : RING_ORDER_RING,
		};

		tap_init(&tap, 1, 64 * KIB);
		cr_assert_eq(tap_try_open(&tap, &opts), 0);
		for (u64 n = 0; n < 30; n++) {
			if (n && n % 10 == 0)
				tap_refuse(&tap, 0);
			tap_put(&tap, 0, n);
		}
		for (u64 n = 0; n < 30; n++) {
			if (n && n % 10 == 0)
				tap_expect_lost(&tap, 0, 1);
			tap_expect(&tap, n);
		}
		tap_expect_nothing(&tap);
		tap_free(&tap);
	}
}

/* Where the next record lies is told by this one's length, not the last one's */
Test(libring_straight, no_payload_is_taken_for_a_record)
{
	struct ring_record record;
	struct {
		u64 value;
		struct kring_record fake[2];
	} payload = { .value = 10 };

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 10; n++)
		tap_put(&tap, 0, n);
	for (u32 n = 0; n < 2; n++)
		payload.fake[n] = (struct kring_record) {
			.size = 8, .flags = KRING_RECORD_ORDERED, .seq = 11 + n,
		};
	fixture_write(tap_ring(&tap, 0), TAP_TYPE, &payload, sizeof(payload));
	for (u64 n = 11; n < 20; n++)
		tap_put(&tap, 0, n);
	for (u64 n = 0; n < 10; n++)
		tap_expect(&tap, n);
	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(record.size, sizeof(payload));
	for (u64 n = 11; n < 20; n++)
		tap_expect(&tap, n);
	tap_free(&tap);
}

/* Nothing is looked at behind it, be there memory or not */
Test(libring_straight, a_record_that_fills_the_copy)
{
	static char payload[32 * KIB - sizeof(struct kring_record)];
	struct ring_record record;

	tap_init(&tap, 1, 256 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING);
	for (int n = 0; n < 3; n++) {
		cr_assert(fixture_write(tap_ring(&tap, 0), TAP_TYPE, payload, sizeof(payload)));
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(record.size, sizeof(payload));
	}
	tap_free(&tap);
}

/* The records of a batch are written to only where they differ */
Test(libring_straight, a_batch_after_one_with_a_loss)
{
	begin(1, 0);
	tap_refuse(&tap, 0);
	for (u64 n = 1; n < 4; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 4);
	cr_assert_eq(batch[0].kind, RING_LOST);
	cr_assert_eq(batch[0].refused, 1);
	cr_assert_eq(ring_advance(tap.ring, 4), 0);
	for (u64 n = 4; n < 8; n++)
		tap_put(&tap, 0, n);
	expect_batch(10, 4, 4);
	cr_assert_eq(batch[0].refused, 0);
	tap_free(&tap);
}

Test(libring_straight, a_batch_of_several_rings)
{
	static const u64 expected[] = { 0, 2, 4, 6, 8, 1, 3, 5, 7, 9 };

	begin(2, 10);
	cr_assert_eq(ring_peek(tap.ring, &batch, 100), 10);
	for (int n = 0; n < 10; n++)
		cr_assert_eq(tap_value(&batch[n]), expected[n]);
	cr_assert_eq(batch[9].ring, 1);
	cr_assert_eq(ring_advance(tap.ring, 6), 0);
	tap_expect(&tap, 3);
	cr_assert_eq(tap_stats(&tap).left, 3);
	tap_free(&tap);
}

/* The hold is gone and the ring written over: what lies there is not what was to be read */
static void write_over(void)
{
	tap_drop(&tap);
	tap_lap(&tap, 0);
}

Test(libring_straight, nothing_of_a_revoked_hold_is_taken_as_it_lies)
{
	struct ring_record record;

	begin(1, 100);
	for (u64 n = 0; n < 10; n++)
		tap_expect(&tap, n);
	write_over();
	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(record.kind, RING_LOST);
	cr_assert_geq(record.overwritten, 90);
	cr_assert_eq(record.flags, RING_REVOKED);
	cr_assert_eq(ring_release(tap.ring), -ESTALE);
	tap_free(&tap);

	/* With events that have just the numbers that come next */
	begin(1, 100);
	tap_expect(&tap, 0);
	tap_drop(&tap);
	tap_ring(&tap, 0)->ring.meta->tail = 64 * 32;
	for (u64 n = 1; n <= 36; n++)
		((struct kring_record *)(tap_ring(&tap, 0)->ring.data + 32 * n))->seq = n;
	tap_expect_lost(&tap, 63, 0);
	tap_expect(&tap, 64);
	tap_free(&tap);
}

Test(libring_straight, nothing_of_a_revoked_hold_is_in_a_batch)
{
	begin(1, 100);
	/* Found in a first look, not handed out */
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	tap_drop(&tap);
	tap_ring(&tap, 0)->ring.meta->tail = 50 * 32;
	cr_assert_eq(ring_peek(tap.ring, &batch, 100), 51);
	cr_assert_eq(batch[0].kind, RING_LOST);
	cr_assert_eq(batch[0].overwritten, 50);
	cr_assert_eq(tap_value(&batch[1]), 50);
	tap_free(&tap);
}

Test(libring_straight, a_batch_that_is_revoked_is_stale)
{
	begin(1, 100);
	expect_batch(10, 0, 10);
	write_over();
	cr_assert_eq(ring_advance(tap.ring, 10), -ESTALE);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(batch[0].kind, RING_LOST);
	cr_assert_eq(tap_stats(&tap).revoked, 1);
	tap_free(&tap);
}

Test(libring_straight, nothing_of_one_ring_that_is_revoked_is_merged)
{
	struct ring_record record;
	u64 lost = 0;

	tap_init(&tap, 2, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 100; n++)
		tap_put_at(&tap, n % 2, n, 1000 + n);
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	tap_drop(&tap);
	tap_ring(&tap, 1)->ring.meta->tail = 40 * 32;
	while (ring_next(tap.ring, &record) == 1)
		lost += record.overwritten;
	cr_assert_eq(lost, 40);
	tap_free(&tap);
}

/* Behind a loss there are items; what they stand for lies in the ring */
static void begin_items(void)
{
	begin(1, 0);
	tap_refuse(&tap, 0);
	for (u64 n = 1; n < 100; n++)
		tap_put(&tap, 0, n);
	/* Found in a first look, not handed out */
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
}

Test(libring_straight, items_of_a_revoked_hold_are_not_in_a_batch)
{
	begin_items();
	tap_drop(&tap);
	tap_ring(&tap, 0)->ring.meta->tail = 50 * 32;
	cr_assert_gt(ring_peek(tap.ring, &batch, 100), 50);
	cr_assert_eq(batch[0].refused, 1);
	cr_assert_eq(batch[1].overwritten, 50);
	cr_assert_eq(tap_value(&batch[2]), 51);
	tap_free(&tap);
}

/* As a kernel that is not one may do */
static void long_since_the_look(void)
{
	((struct kring_record *)tap_ring(&tap, 0)->ring.data)->size = ~0u;
	while (ring_peek(tap.ring, &batch, 100) > 0)
		for (int n = 0, nr = ring_peek(tap.ring, &batch, 100);
		     n < nr && !ring_advance(tap.ring, 1); n++)
			cr_assert_leq(batch[n].size, 64 * KIB);
	cr_assert_eq(ring_peek(tap.ring, &batch, 100), -EBADMSG);
	tap_free(&tap);
}

Test(libring_straight, a_length_that_was_another_at_the_look)
{
	begin_items();
	long_since_the_look();
	begin(1, 100);
	cr_assert_eq(ring_wait(tap.ring, 0), 1);
	long_since_the_look();
}

/* An observer's copy outlives what the ring had: it is left, and it comes */
Test(libring_straight, what_was_copied_is_in_hand)
{
	struct ring_record record;
	u64 seen = 0, overwritten = 0, laps;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap, .order = RING_ORDER_RING);
	for (u64 n = 0; n < 100; n++) {
		if (n == 50)
			tap_discard(&tap, 0);
		tap_put(&tap, 0, n);
	}
	tap_expect(&tap, 0);
	laps = tap_lap(&tap, 0);
	struct ring_stats s = tap_stats(&tap);

	cr_assert_lt(s.overwritten, laps);
	for (u64 n = 1; n < 100; n++)
		tap_expect(&tap, n);
	while (ring_next(tap.ring, &record) == 1) {
		seen += record.kind == RING_EVENT;
		overwritten += record.overwritten;
	}
	cr_assert_eq(overwritten, s.overwritten);
	cr_assert_eq(seen + 99, s.left);
	tap_free(&tap);
}

static void bad_length(u32 size, bool batches)
{
	begin(1, 100);
	((struct kring_record *)(tap_ring(&tap, 0)->ring.data + 50 * 32))->size = size;
	if (batches) {
		expect_batch(100, 0, 50);
		cr_assert_eq(ring_advance(tap.ring, 50), 0);
		cr_assert_eq(ring_peek(tap.ring, &batch, 100), -EBADMSG);
		cr_assert_eq(ring_peek(tap.ring, &batch, 100), -EBADMSG);
	} else {
		for (u64 n = 0; n < 50; n++)
			tap_expect(&tap, n);
		tap_expect_result(&tap, -EBADMSG);
		tap_expect_result(&tap, -EBADMSG);
	}
	tap_free(&tap);
}

Test(libring_straight, no_length_reaches_over_the_head)
{
	for (int batches = 0; batches < 2; batches++) {
		bad_length(50 * 32, batches);
		bad_length(64 * KIB, batches);
		bad_length(~0u, batches);
	}
}

/* Delivered by time, out of their places in the ring, before the state was saved */
Test(libring_straight, what_was_delivered_before_is_passed_over)
{
	static char state[4096];
	u64 kept;
	int size;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	struct kring_slot outer;

	tap_begin(&tap, 0, &outer, 2);
	tap_put_at(&tap, 0, 1, 1000);
	tap_end_at(&outer, 2000);
	tap_put_at(&tap, 0, 3, 3000);
	tap_put_at(&tap, 0, 4, 4000);
	tap_expect(&tap, 1);
	size = ring_save(tap.ring, state, sizeof(state));
	cr_assert_gt(size, 0);
	kept = *tap.ring->readers[0].cursor;
	tap_ring(&tap, 0)->ring.holds[1] = &kept;
	tap_close(&tap);
	tap_open_held(&tap, .order = RING_ORDER_RING, .state = state, .state_size = size);
	for (u64 n = 2; n < 5; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_stats(&tap);
	tap_free(&tap);
}

/* Whatever is in the rings, and however it is taken, comes in order, once, with all that is lost */

#define MIX_RINGS	5

static u64 mix_state;

static u32 mix_random(u32 below)
{
	mix_state = mix_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(mix_state >> 33) % below;
}

/* Mostly simple events; in between nested, discarded and refused ones; times are often the same */
static void mix_fill(u32 rings, u32 rare, u32 count)
{
	static char big[64 * KIB];
	u64 time = ring_now();
	u32 at = 0;

	while (count--) {
		struct kring_slot outer;

		if (!mix_random(3))
			at = mix_random(rings);
		time += mix_random(3);
		switch (mix_random(rare)) {
		case 0:
			tap_begin(&tap, at, &outer, 0);
			tap_put_at(&tap, at, 0, time);
			tap_end_at(&outer, time + mix_random(3));
			time += 2;
			break;
		case 1:
			tap_begin(&tap, at, &outer, 0);
			outer.record->time = time;
			kring_ring_commit(&outer, true);
			break;
		case 2:
			fixture_write(tap_ring(&tap, at), TAP_TYPE, big, sizeof(big));
			break;
		default:
			tap_put_at(&tap, at, 0, time);
		}
	}
}

static struct {
	u64 time, ring, seq[MIX_RINGS];
	u64 events, lost;
} mix;

static void mix_see(const struct ring_record *record, bool by_time)
{
	if (by_time) {
		cr_assert_geq(record->time, mix.time);
		cr_assert(record->time > mix.time || record->ring >= mix.ring);
		mix.time = record->time;
		mix.ring = record->ring;
	} else {
		cr_assert_geq(record->seq, mix.seq[record->ring]);
		mix.seq[record->ring] = record->seq + 1;
	}
	mix.events += record->kind == RING_EVENT;
	mix.lost += record->overwritten + record->refused;
}

static int mix_take(const struct ring_record *record, void *ctx)
{
	mix_see(record, *(bool *)ctx);
	return 0;
}

static void mix_drain(bool by_time)
{
	struct ring_record record;
	int ret = 1;

	while (ret > 0) {
		switch (mix_random(4)) {
		case 0:
			ret = ring_next(tap.ring, &record);
			if (ret == 1)
				mix_see(&record, by_time);
			break;
		case 1:
			ret = ring_consume(tap.ring, mix_take, &by_time, 1 + mix_random(60));
			break;
		case 2:
			ring_release(tap.ring);
			break;
		default:
			ret = ring_peek(tap.ring, &batch, 1 + mix_random(200));
			int n = ret > 0 ? mix_random(ret + 1) : 0;

			for (int i = 0; i < n; i++)
				mix_see(&batch[i], by_time);
			if (ret > 0)
				cr_assert_eq(ring_advance(tap.ring, n), 0);
		}
		if (!mix_random(20))
			cr_assert_eq(tap_stats(&tap).events, mix.events);
	}
	cr_assert_eq(ret, 0);
}

Test(libring_straight, all_mixes_come_in_order, .timeout = 60)
{
	for (u32 round = 0; round < fixture_scaled(60); round++) {
		u32 rings = 1 + round % MIX_RINGS;
		bool by_time = round / 2 % 3, held = round % 2;

		mix_state = round + 1;
		memset(&mix, 0, sizeof(mix));
		tap_init(&tap, rings, 64 * KIB);
		if (held)
			tap_open_held(&tap, .order = by_time ? RING_ORDER_TIME : RING_ORDER_RING);
		else
			tap_open(&tap, .order = by_time ? RING_ORDER_TIME : RING_ORDER_RING);
		for (int part = 0; part < 10; part++) {
			mix_fill(rings, round % 7 ? 8 + 50 * (round % 7) : 4, 700);
			mix_drain(by_time);
		}
		struct ring_stats s = tap_stats(&tap);

		cr_assert_eq(s.left, 0);
		cr_assert_eq(s.events, mix.events);
		cr_assert_eq(s.overwritten + s.refused, mix.lost);
		tap_free(&tap);
	}
}
