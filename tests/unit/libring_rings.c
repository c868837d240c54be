// SPDX-License-Identifier: GPL-2.0
/* Rings of CPUs that come online while a handle is read */
#include <pthread.h>
#include "libring_tap.h"

static struct tap tap;

static struct fixture *add_ring(u64 pos, u32 seq)
{
	struct fixture *f = fixture_channel_add(&tap.ch, pos, seq);

	tap.bases[tap.ch.nr] = (void *)f->meta;
	return f;
}

static void show_ring(void)
{
	fixture_channel_show(&tap.ch);
}

Test(libring_rings, a_late_ring_is_read_from_its_start_in_time_order)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_put(&tap, 0, 1);
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 2, 2);
	tap_put(&tap, 1, 3);
	tap_put(&tap, 2, 4);
	for (int n = 1; n <= 4; n++)
		tap_expect(&tap, n);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap_stats(&tap).rings, 3);
	cr_assert_eq(tap_stats(&tap).reported, 4);
	cr_assert_eq(ring_info(tap.ring)->nr_rings, 2);
	tap_free(&tap);
}

Test(libring_rings, a_late_ring_is_found_when_the_others_have_nothing)
{
	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	tap_expect_nothing(&tap);
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 2, 1);
	tap_expect(&tap, 1);
	tap_expect_nothing(&tap);
	tap_free(&tap);
}

/* Though the one there was always has more */
Test(libring_rings, a_late_ring_is_found_beside_a_busy_one)
{
	struct ring_record record;
	int n, ret;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap, .order = RING_ORDER_RING);
	for (n = 0; n < 10; n++) {
		tap_put(&tap, 0, n);
		tap_expect(&tap, n);
	}
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 1, 0);
	for (n = 0; n < 10; n++) {
		tap_put(&tap, 0, n);
		ret = ring_next(tap.ring, &record);
		cr_assert_eq(ret, 1);
		if (record.ring == 1)
			break;
	}
	cr_assert_lt(n, 10);
	tap_free(&tap);
}

Test(libring_rings, a_late_ring_with_a_past_counts_from_zero)
{
	struct ring_record record;

	tap_init(&tap, 1, 64 * KIB);
	tap_open_held(&tap);
	add_ring((1ULL << 36) - 64, ~0u);
	show_ring();
	for (u64 n = 0; n < 5; n++) {
		tap_put(&tap, 1, n);
		cr_assert_eq(ring_next(tap.ring, &record), 1);
		cr_assert_eq(tap_value(&record), n);
		cr_assert_eq(record.seq, n);
		cr_assert_eq(record.ring, 1);
	}
	tap_hold(&tap);
	cr_assert_geq(*tap_ring(&tap, 1)->ring.holds[0], (1ULL << 36) - 64);
	tap_free(&tap);
}

Test(libring_rings, what_a_late_ring_lost_before_is_counted)
{
	struct ring_record record;
	u64 lost;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	add_ring(1ULL << 32, 0xfffffff0);
	show_ring();
	for (u64 n = 0; n < 5000; n++)
		tap_put(&tap, 1, n);
	lost = tap_ring(&tap, 1)->meta->counters.overwritten;
	cr_assert_eq(tap_stats(&tap).rings, 1);
	tap_expect_lost(&tap, lost, 0);
	for (u64 n = lost; n < 5000; n++)
		tap_expect(&tap, n);
	cr_assert_eq(ring_next(tap.ring, &record), 0);
	cr_assert_eq(tap_stats(&tap).reported, 5000);
	tap_free(&tap);
}

Test(libring_rings, a_late_ring_ends_a_wait_and_is_armed)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 1, 1);
	cr_assert_eq(ring_wait(tap.ring, -1), 1);
	cr_assert_eq(tap.ring->known, 2);
	tap_expect(&tap, 1);
	ring_arm(tap.ring);
	cr_assert_eq(tap.ring->positions[1], 32);
	cr_assert_eq(tap.ring->positions[2], ~0ULL);
	tap_free(&tap);
}

Test(libring_rings, who_chose_cpus_or_a_snapshot_ignores_them)
{
	u32 cpu = 0;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap, .cpus = &cpu, .nr_cpus = 1);
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 1, 1);
	tap_expect_nothing(&tap);
	cr_assert_eq(tap.ring->known, 2);
	cr_assert_eq(tap_stats(&tap).rings, 1);
	ring_close(tap.ring);

	tap_open(&tap, .flags = RING_SNAPSHOT, .from = RING_FROM_OLDEST);
	add_ring(0, 0);
	show_ring();
	tap_put(&tap, 2, 2);
	tap_expect_result(&tap, -ENODATA);
	tap_free(&tap);
}

Test(libring_rings, more_rings_than_there_can_be_is_a_bad_channel)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	tap_ring(&tap, 0)->ring.meta->nr_rings = tap.ch.info.max_rings + 1;
	tap_expect_result(&tap, -EBADMSG);
	tap_expect_result(&tap, -EBADMSG);
	tap_free(&tap);
}

Test(libring_rings, a_late_ring_of_another_channel_is_refused)
{
	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	add_ring(0, 0)->ring.meta->channel_id = 99;
	show_ring();
	tap_expect_result(&tap, -EBADMSG);
	tap_free(&tap);
}

static void *bring_online(void *arg)
{
	u64 n = 0;

	for (int ring = 1; ring <= FIXTURE_LATE; ring++) {
		add_ring(0, 0);
		show_ring();
		for (u64 i = 0; i < fixture_scaled(20000); i++)
			n += tap_put(&tap, i % (ring + 1), i);
	}
	__atomic_store_n((u64 *)arg, n, __ATOMIC_SEQ_CST);
	return NULL;
}

Test(libring_rings, rings_that_come_while_it_is_read)
{
	u64 written = 0, time = 0;
	struct ring_record record;
	pthread_t thread;
	bool last;

	tap_init(&tap, 1, 64 * KIB);
	tap_open(&tap);
	pthread_create(&thread, NULL, bring_online, &written);
	do {
		last = __atomic_load_n(&written, __ATOMIC_SEQ_CST);
		while (ring_next(tap.ring, &record) == 1) {
			cr_assert_geq(record.time, time);
			time = record.time;
		}
	} while (!last);
	pthread_join(thread, NULL);
	cr_assert_eq(tap_stats(&tap).reported, written);
	cr_assert_eq(tap_stats(&tap).left, 0);
	cr_assert_eq(tap_stats(&tap).rings, 1 + FIXTURE_LATE);
	tap_free(&tap);
}
