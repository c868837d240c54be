// SPDX-License-Identifier: GPL-2.0
/* Channels with each of the clocks: what is merged, what is refused, what is not known */
#include "libring_tap.h"

static struct tap tap;
static char message[200];

static void init(u32 nr, u32 clock)
{
	u32 i;

	tap_init(&tap, nr, 64 * KIB);
	tap.ch.info.clock = clock;
	for (i = 0; i < tap.ch.nr; i++) {
		tap_ring(&tap, i)->ring.clock = clock;
		tap_ring(&tap, i)->ring.meta->clock = clock;
	}
}

/* Put 3, 1, 2: by time they are 1, 2, 3; as in each ring 1, 2 of the first, 3 of the second */
static void put_three(void)
{
	tap_put_at(&tap, 1, 3, 10);
	tap_put_at(&tap, 0, 1, 30);
	tap_put_at(&tap, 0, 2, 20);
}

static int check(u32 order)
{
	struct ring_opts opts = { .order = order, .message = message,
				  .message_size = sizeof(message) };

	return ring_check_info(&tap.ch.info, &opts);
}

static u64 now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

Test(libring_clock, names)
{
	cr_assert_str_eq(ring_clock_name(KRING_CLOCK_MONOTONIC), "mono");
	cr_assert_str_eq(ring_clock_name(KRING_CLOCK_BOOTTIME), "boot");
	cr_assert_str_eq(ring_clock_name(KRING_CLOCK_LOCAL), "local");
	cr_assert_str_eq(ring_clock_name(KRING_CLOCK_NONE), "none");
	cr_assert_null(ring_clock_name(0));
	cr_assert_null(ring_clock_name(KRING_CLOCK_NONE + 1));
}

/* Only what a program can read tells that nothing earlier will come */
Test(libring_clock, time_order_takes_a_clock_that_programs_can_read)
{
	static const struct {
		u32 clock;
		const char *name;
	} unread[] = { { KRING_CLOCK_LOCAL, "local" }, { KRING_CLOCK_NONE, "none" } };

	for (int i = 0; i < 2; i++) {
		init(1, unread[i].clock);
		cr_assert_eq(check(RING_ORDER_TIME), -EINVAL);
		cr_assert(strstr(message, unread[i].name), "%s", message);
		cr_assert(strstr(message, "RING_ORDER_RING or RING_ORDER_BEST"), "%s", message);
		cr_assert_eq(check(RING_ORDER_RING), 0);
		cr_assert_eq(check(RING_ORDER_BEST), 0);
		tap_free(&tap);
	}
	init(1, KRING_CLOCK_BOOTTIME);
	cr_assert_eq(check(RING_ORDER_TIME), 0);
	tap_free(&tap);
}

Test(libring_clock, best_order_is_by_time_where_that_can_be)
{
	static const u32 clocks[] = { KRING_CLOCK_MONOTONIC, KRING_CLOCK_BOOTTIME };

	for (int i = 0; i < 2; i++) {
		init(2, clocks[i]);
		tap_open(&tap, .order = RING_ORDER_BEST);
		tap_put_at(&tap, 1, 2, 20);
		tap_put_at(&tap, 0, 1, 10);
		tap_put_at(&tap, 0, 3, 30);
		for (int n = 1; n <= 3; n++)
			tap_expect(&tap, n);
		tap_expect_nothing(&tap);
		tap_free(&tap);
	}
}

Test(libring_clock, best_order_is_that_of_rings_where_not)
{
	static const u32 clocks[] = { KRING_CLOCK_LOCAL, KRING_CLOCK_NONE };

	for (int i = 0; i < 2; i++) {
		init(2, clocks[i]);
		tap_open(&tap, .order = RING_ORDER_BEST);
		put_three();
		for (int n = 1; n <= 3; n++)
			tap_expect(&tap, n);
		tap_expect_nothing(&tap);
		tap_free(&tap);
	}
}

/* A ring with a record later than the reader's look waits for the next one */
Test(libring_clock, boot_time_is_compared_with_boot_time)
{
	u64 later = now(CLOCK_BOOTTIME) + 1000000000;

	init(2, KRING_CLOCK_BOOTTIME);
	tap_open(&tap);
	tap_put_at(&tap, 0, 2, later);
	tap_expect_nothing(&tap);
	tap_put(&tap, 1, 1);
	tap_expect(&tap, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

Test(libring_clock, without_a_clock_times_are_zero)
{
	static const char big[64 * KIB];
	struct ring_record record;

	init(1, KRING_CLOCK_NONE);
	tap_open(&tap, .order = RING_ORDER_BEST);
	cr_assert(tap_put(&tap, 0, 1));
	cr_assert(!fixture_write(tap_ring(&tap, 0), TAP_TYPE, big, sizeof(big)));
	cr_assert_eq(ring_next(tap.ring, &record), 1);
	cr_assert_eq(record.kind, RING_EVENT);
	cr_assert_eq(record.time, 0);
	while (ring_next(tap.ring, &record) != 1)
		;
	cr_assert_eq(record.kind, RING_LOST);
	cr_assert_eq(record.refused, 1);
	cr_assert_eq(record.time, 0);
	tap_free(&tap);
}

Test(libring_clock, each_clock_stamps_its_own)
{
	static const struct {
		u32 clock;
		clockid_t id;
	} clocks[] = {
		{ KRING_CLOCK_MONOTONIC, CLOCK_MONOTONIC },
		{ KRING_CLOCK_BOOTTIME, CLOCK_BOOTTIME },
	};
	struct ring_record record;

	for (int i = 0; i < 2; i++) {
		u64 before = now(clocks[i].id);

		init(1, clocks[i].clock);
		tap_open(&tap);
		tap_put(&tap, 0, 1);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert(record.time >= before && record.time <= now(clocks[i].id));
		tap_free(&tap);
	}
}
