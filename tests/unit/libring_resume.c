// SPDX-License-Identifier: GPL-2.0
/* ring_save() and going on there: every event once, what is missing exactly */
#include "libring_tap.h"

#define EVENTS_MAX	4000

static struct tap tap;
static u8 state[64 * KIB];
static int state_size;
static u64 kept[2];		/* holds that outlive the handle */
static char message[200];

static void save(void)
{
	state_size = ring_save(tap.ring, state, sizeof(state));
	cr_assert_gt(state_size, 0);
	cr_assert_leq((u64)state_size, sizeof(state));
}

/* The handle goes, its holds stay where they are. */
static void close_kept(void)
{
	for (u32 i = 0; i < tap.ch.nr; i++) {
		kept[i] = *tap.ring->readers[i].cursor;
		tap_ring(&tap, i)->ring.holds[1] = &kept[i];
	}
	tap_close(&tap);
}

static void resume(u32 order)
{
	tap_open_held(&tap, .order = order, .state = state, .state_size = state_size);
	for (u32 i = 0; i < tap.ch.nr; i++)
		tap_ring(&tap, i)->ring.holds[1] = NULL;
}

/* Events of two rings, with nested, late, discarded and refused ones among them */
static u64 write_some(u64 number)
{
	static char big[64 * KIB];
	struct kring_slot outer, inner;
	u64 time = 1000 + number * 10;

	for (u32 i = 0; i < 2; i++) {
		tap_begin(&tap, i, &outer, number);
		tap_begin(&tap, i, &inner, number + 2);
		fixture_write(tap_ring(&tap, i), TAP_TYPE, big, sizeof(big));
		tap_put_at(&tap, i, number + 3, time + 1);
		tap_end_at(&inner, time + 2 + i);
		tap_put_at(&tap, i, number + 1, time);
		tap_end_at(&outer, time + 60);
		tap_begin(&tap, i, &inner, 0);
		kring_ring_commit(&inner, true);
		number += 4;
	}
	tap_put_at(&tap, number / 4 % 2, number, time + 50);
	return number + 1;
}

static u64 take(bool *seen, u64 most)
{
	struct ring_record record;
	u64 refused = 0;

	while (most-- && ring_next(tap.ring, &record) == 1) {
		cr_assert_eq(record.overwritten, 0);
		if (record.kind == RING_LOST) {
			refused += record.refused;
			continue;
		}
		cr_assert_lt(tap_value(&record), EVENTS_MAX);
		cr_assert_not(seen[tap_value(&record)], "%llu came twice", tap_value(&record));
		seen[tap_value(&record)] = true;
	}
	return refused;
}

static void every_point(u32 order, bool often)
{
	u64 events = 0, refused, n, stop;

	for (stop = 0; !stop || stop < events + 10; stop++) {
		static bool seen[EVENTS_MAX];

		memset(seen, 0, sizeof(seen));
		tap_init(&tap, 2, 64 * KIB);
		tap_open_held(&tap, .order = order);
		for (events = 0; events < 100; )
			events = write_some(events);
		refused = take(seen, stop);
		save();
		close_kept();
		if (often) {
			resume(order);
			save();
			refused += take(seen, 3);
			save();
			close_kept();
		}
		resume(order);
		tap_stats(&tap);
		events = write_some(events);
		refused += take(seen, ~0ULL);
		cr_assert_eq(tap_stats(&tap).left, 0);
		for (n = 0; n < events; n++)
			cr_assert(seen[n], "%llu is missing after %llu", n, stop);
		cr_assert_eq(refused, events / 9 * 2);
		tap_free(&tap);
	}
}

Test(libring_resume, at_every_point_of_a_stream)
{
	every_point(RING_ORDER_TIME, false);
	every_point(RING_ORDER_RING, false);
}

Test(libring_resume, several_times_over)
{
	every_point(RING_ORDER_TIME, true);
}

Test(libring_resume, what_was_overwritten_meanwhile_is_exact)
{
	for (int more = 0; more < 5000; more += 7) {
		struct ring_record record;
		u64 next = 10, n;

		tap_init(&tap, 1, 64 * KIB);
		tap_open_held(&tap);
		for (n = 0; n < 30; n++)
			tap_put(&tap, 0, n);
		for (u64 i = 0; i < next; i++)
			tap_expect(&tap, i);
		save();
		tap_close(&tap);
		for (int i = 0; i < more; i++)
			tap_put(&tap, 0, n++);
		resume(RING_ORDER_TIME);
		cr_assert_eq(tap_stats(&tap).reported, n - next);
		while (ring_next(tap.ring, &record) == 1) {
			next += record.overwritten;
			if (record.kind == RING_EVENT)
				cr_assert_eq(tap_value(&record), next++);
		}
		cr_assert_eq(next, n);
		tap_free(&tap);
	}
}

Test(libring_resume, more_than_32_bits_were_overwritten_meanwhile)
{
	u64 many = 3ULL << 32;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	tap_put(&tap, 0, 1);
	tap_expect(&tap, 1);
	save();
	tap_close(&tap);
	/* as if the ring had been written very often; seq comes out the same */
	tap_ring(&tap, 0)->ring.meta->counters.overwritten += many;
	for (int n = 0; n < 3000; n++)
		tap_put(&tap, 0, n);
	resume(RING_ORDER_TIME);
	tap_expect_lost(&tap, many + 1 + 3000 - 2048 - 1 +
			(tap_ring(&tap, 0)->meta->tail / 32 - (3001 - 2048)), 0);
	cr_assert_eq(tap_stats(&tap).reported, many + 3000);
	tap_free(&tap);
}

/* Nested ones that were handed out are overwritten: they are not lost. */
Test(libring_resume, what_was_delivered_is_not_lost_too)
{
	struct kring_slot outer;
	struct ring_record record;
	u64 lost = 0;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	tap_begin(&tap, 0, &outer, 3);
	tap_put_at(&tap, 0, 1, 10);
	tap_put_at(&tap, 0, 2, 20);
	tap_end_at(&outer, 30);
	tap_put_at(&tap, 0, 4, 40);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	save();
	tap_close(&tap);
	for (u64 n = 0; n < 3000; n++)
		tap_put(&tap, 0, n);
	resume(RING_ORDER_TIME);
	cr_assert_eq(tap_stats(&tap).reported, 2 + 3000);
	while (ring_next(tap.ring, &record) == 1)
		lost += record.overwritten;
	cr_assert_eq(lost + 2, tap_ring(&tap, 0)->meta->counters.overwritten);
	cr_assert_eq(tap_stats(&tap).left, 0);
	tap_free(&tap);
}

Test(libring_resume, peeked_at_but_not_taken_comes_again)
{
	const struct ring_record *batch;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 20; n++)
		tap_put(&tap, 0, n);
	cr_assert_eq(ring_peek(tap.ring, &batch, 10), 10);
	cr_assert_eq(ring_advance(tap.ring, 4), 0);
	save();
	tap_close(&tap);
	resume(RING_ORDER_TIME);
	for (u64 n = 4; n < 20; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_resume, after_a_revocation)
{
	u64 n, next = 10;
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (n = 0; n < 1000; n++)
		tap_put(&tap, 0, n);
	for (u64 i = 0; i < next; i++)
		tap_expect(&tap, i);
	tap_drop(&tap);
	while (tap_ring(&tap, 0)->meta->tail < 200 * 32)
		tap_put(&tap, 0, n++);
	cr_assert_eq(ring_save(tap.ring, state, sizeof(state)), -ESTALE);
	save();
	tap_close(&tap);
	tap_put(&tap, 0, n++);
	resume(RING_ORDER_TIME);
	while (ring_next(tap.ring, &record) == 1) {
		next += record.overwritten;
		if (record.kind == RING_EVENT)
			cr_assert_eq(tap_value(&record), next++);
	}
	cr_assert_eq(next, n);
	tap_free(&tap);
}

Test(libring_resume, a_ring_that_is_new_since_is_read_from_its_start)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	tap_put(&tap, 0, 1);
	save();
	tap_close(&tap);
	fixture_channel_add(&tap.ch, 1ULL << 35, ~0u);
	fixture_channel_show(&tap.ch);
	tap.ch.info.nr_rings = 2;
	tap_put(&tap, 1, 2);
	resume(RING_ORDER_TIME);
	tap_expect(&tap, 1);
	tap_expect(&tap, 2);
	tap_free(&tap);
}

static int try_state(const void *block, size_t size)
{
	struct ring_opts opts = { .size = sizeof(opts), .flags = RING_HOLD, .state = block,
				  .state_size = size, .message = message,
				  .message_size = sizeof(message) };
	int ret = tap_try_open(&tap, &opts);

	if (!ret)
		ring_close(tap.ring);
	tap.ring = NULL;
	return ret;
}

static void begin_saved(void)
{
	struct kring_slot outer;

	tap_init(&tap, 2, 64 * KIB);
	tap_open_held(&tap);
	tap_begin(&tap, 0, &outer, 3);
	tap_put_at(&tap, 0, 1, 10);
	tap_end_at(&outer, 30);
	tap_expect(&tap, 1);
	save();
	tap_close(&tap);
	cr_assert_eq(try_state(state, state_size), 0);
}

Test(libring_resume, a_block_that_is_no_state)
{
	static u8 other[sizeof(state)];

	begin_saved();
	for (int n = 0; n < state_size; n++) {
		memcpy(other, state, state_size);
		other[n] ^= 1 << n % 8;
		cr_assert_eq(try_state(other, state_size), -EBADMSG, "byte %d", n);
		cr_assert_eq(try_state(state, n), -EBADMSG, "%d bytes", n);
	}
	cr_assert_eq(try_state(state, state_size + 1), -EBADMSG);
	cr_assert(strstr(message, "size"), "%s", message);
	tap_free(&tap);
}

/* state.c's layout: size at 8, sum at 16, channel at 24, boot id at 32, counts at 72 */
static void sign(u8 *block)
{
	u64 sum = state_size;

	for (int n = 24; n < state_size; n++)
		sum = (sum ^ block[n]) * 0x100000001b3ULL;
	memcpy(block + 16, &sum, sizeof(sum));
}

Test(libring_resume, a_state_of_another_boot_or_channel)
{
	begin_saved();
	state[24]++;
	sign(state);
	cr_assert_eq(try_state(state, state_size), -ESTALE);
	cr_assert(strstr(message, "channel"), "%s", message);
	state[24]--;
	state[32] ^= 1;
	sign(state);
	cr_assert_eq(try_state(state, state_size), -ESTALE);
	cr_assert(strstr(message, "reboot"), "%s", message);
	tap_free(&tap);
}

/* What is signed and makes no sense is refused, or read without harm. */
Test(libring_resume, hostile_states_do_no_harm)
{
	static const u64 nonsense[] = { 0, 1, 15, 16, 32, 48, 1000, 0x80000000, 0xffffffff,
					1ULL << 40, 1ULL << 63, ~0ULL, ~15ULL };
	u64 refused = 0;

	begin_saved();
	for (int at = 72; at + 8 <= state_size; at += 4) {
		for (u64 i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
			static u8 other[sizeof(state)];
			struct ring_opts opts = { .size = sizeof(opts), .flags = RING_HOLD,
						  .state = other, .state_size = state_size };
			struct ring_stats s = { .size = sizeof(s) };
			struct ring_record record;
			int ret;

			memcpy(other, state, state_size);
			memcpy(other + at, &nonsense[i], sizeof(nonsense[i]));
			sign(other);
			ret = tap_try_open(&tap, &opts);
			if (ret) {
				cr_assert_eq(ret, -EBADMSG);
				refused++;
				continue;
			}
			for (int n = 0; n < 100 && ring_next(tap.ring, &record) == 1; n++)
				;
			ring_stats(tap.ring, &s);
			ring_close(tap.ring);
			tap.ring = NULL;
		}
	}
	cr_assert_gt(refused, 0);
	tap_free(&tap);
}

Test(libring_resume, a_buffer_that_is_too_small_gets_what_fits)
{
	u8 small[16];
	int size;

	begin_saved();
	tap_open_held(&tap);
	size = ring_save(tap.ring, small, sizeof(small));
	cr_assert_gt(size, (int)sizeof(small));
	cr_assert_eq(ring_save(tap.ring, NULL, 0), size);
	cr_assert_eq(ring_save(tap.ring, state, sizeof(state)), size);
	cr_assert_arr_eq(small, state, sizeof(small) / 2);
	tap_free(&tap);
}

/* Who dies between saving and releasing finds it all again, and nothing twice */
Test(libring_resume, saving_gives_nothing_back)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	for (u64 n = 0; n < 100; n++)
		tap_put(&tap, 0, n);
	for (u64 n = 0; n < 40; n++)
		tap_expect(&tap, n);
	save();
	cr_assert_eq(*tap.ring->readers[0].cursor, 0);
	close_kept();
	while (tap_put(&tap, 0, 1000))
		;
	resume(RING_ORDER_TIME);
	for (u64 n = 40; n < 100; n++)
		tap_expect(&tap, n);
	tap_expect(&tap, 1000);
	tap_free(&tap);
}
