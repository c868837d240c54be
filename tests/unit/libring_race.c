// SPDX-License-Identifier: GPL-2.0
/* Reading while threads write: nothing torn, doubled, reordered or uncounted */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>
#include "libring_tap.h"

#define PRODUCERS	2
#define BYTES_MAX	232

struct producer {
	pthread_t thread;
	struct fixture *ring;
	u32 number;
	u64 goal;
	u64 written;		/* not refused */
};

static struct tap tap;
static struct producer producers[PRODUCERS];
static int running;

/* Sizes differ, so that records lie anywhere */
static u32 bytes_of(u64 counter)
{
	return KRING_LOAD_BYTES_MIN + counter * 56 % (BYTES_MAX - KRING_LOAD_BYTES_MIN) / 8 * 8;
}

static void *produce(void *arg)
{
	struct producer *p = arg;
	u64 n;

	for (n = 0; n < p->goal; n++)
		p->written += fixture_write_load(p->ring, p->number, n,
						 KRING_LOAD_TASK, bytes_of(n));
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Each event but every tenth is interrupted by another before it has its time */
static void *produce_nested(void *arg)
{
	struct producer *p = arg;
	struct kring_slot slot;
	void *to;
	u64 n;

	for (n = 0; n < p->goal; n += 2) {
		to = kring_ring_reserve(&p->ring->ring, &slot, KRING_LOAD_TYPE,
					bytes_of(n), p->number);
		if (to)
			fixture_fill_load(to, p->number, n, KRING_LOAD_TASK, bytes_of(n));
		if (n % 10)
			p->written += fixture_write_load(p->ring, p->number, n + 1,
							 KRING_LOAD_NMI, bytes_of(n));
		if (!to)
			continue;
		slot.record->time = kring_clock(KRING_CLOCK_MONOTONIC);
		kring_ring_commit(&slot, n % 64 == 0);
		p->written++;
	}
	__atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void start(u32 count, u32 nr_rings, u64 events, void *(*fn)(void *))
{
	u32 i;

	running = count;
	for (i = 0; i < count; i++) {
		struct producer *p = &producers[i];

		p->ring = tap_ring(&tap, i % nr_rings);
		p->number = i;
		p->goal = fixture_scaled(events);
		cr_assert_eq(pthread_create(&p->thread, NULL, fn, p), 0);
	}
}

static u64 finish(u32 count)
{
	u64 written = 0;

	for (u32 i = 0; i < count; i++) {
		pthread_join(producers[i].thread, NULL);
		written += producers[i].written;
	}
	return written;
}

struct seen {
	u64 events, lost, time;
	u64 next[PRODUCERS][KRING_LOAD_NMI + 1];
	u64 seq[PRODUCERS];
};

static void see(struct seen *seen, const struct ring_record *record, bool by_time)
{
	const struct kring_load_event *event = record->data;
	u64 *next;

	if (by_time) {
		cr_assert_geq(record->time, seen->time);
		seen->time = record->time;
	} else {
		cr_assert_eq(record->seq, seen->seq[record->ring]);
		seen->seq[record->ring]++;
	}
	if (record->kind == RING_LOST) {
		u64 lost = record->overwritten + record->refused;

		cr_assert_gt(lost, 0);
		seen->lost += lost;
		seen->seq[record->ring] += lost - 1;
		return;
	}
	cr_assert(fixture_check_load(record->data, record->size), "torn");
	next = &seen->next[event->producer][event->context];
	cr_assert_geq(event->counter, *next, "doubled or out of order");
	*next = event->counter + 1;
	seen->events++;
}

/* Read until the producers are done and nothing is left. rest: sleeps in us */
static void read_all(struct seen *seen, bool by_time, unsigned int rest)
{
	struct ring_record record;
	bool last;
	int ret;

	do {
		last = !__atomic_load_n(&running, __ATOMIC_SEQ_CST);
		while ((ret = ring_next(tap.ring, &record)) == 1) {
			see(seen, &record, by_time);
			if (rest && seen->events % 5000 == 0)
				usleep(rest);
		}
		cr_assert_eq(ret, 0);
		sched_yield();
	} while (!last);
}

static void check_sums(const struct seen *seen, u64 written)
{
	struct ring_stats s = tap_stats(&tap);
	u64 reported = 0, refused = 0, i;

	for (i = 0; i < tap.ch.nr; i++) {
		const struct kring_meta *meta = tap_ring(&tap, i)->meta;

		reported += fixture_seq(tap_ring(&tap, i));
		refused += meta->counters.refused_busy;
	}
	cr_assert_eq(s.reported, reported);
	cr_assert_eq(reported, written + refused);
	cr_assert_eq(s.events, seen->events);
	cr_assert_eq(s.overwritten + s.refused, seen->lost);
	cr_assert_eq(s.left, 0);
	cr_assert_gt(seen->events, 0);
}

static void run(u32 count, u32 rings, u64 events, bool by_time, unsigned int rest)
{
	static struct seen seen;
	u64 written;

	tap_init(&tap, rings, 64 * KIB);
	tap_open(&tap, .order = by_time ? RING_ORDER_TIME : RING_ORDER_RING);
	start(count, rings ? rings : 1, events, produce);
	read_all(&seen, by_time, rest);
	written = finish(count);
	check_sums(&seen, written);
	tap_free(&tap);
}

Test(libring_race, one_producer)
{
	run(1, 0, 1000000, false, 0);
}

Test(libring_race, one_producer_in_time_order)
{
	run(1, 0, 1000000, true, 0);
}

Test(libring_race, two_producers_in_one_ring)
{
	run(2, 0, 500000, false, 0);
}

Test(libring_race, two_producers_in_one_ring_in_time_order)
{
	run(2, 0, 500000, true, 0);
}

Test(libring_race, two_rings_in_time_order)
{
	run(2, 2, 500000, true, 0);
}

Test(libring_race, a_slow_reader_is_lapped_and_still_counts)
{
	run(2, 2, 500000, true, 2000);
}

Test(libring_race, nested_records_in_time_order)
{
	static struct seen seen;
	struct ring_record record;
	bool last;

	tap_init(&tap, 2, 1024 * KIB);
	tap_open(&tap);
	start(2, 2, 400000, produce_nested);
	do {
		last = !__atomic_load_n(&running, __ATOMIC_SEQ_CST);
		while (ring_next(tap.ring, &record) == 1) {
			cr_assert_geq(record.time, seen.time);
			seen.time = record.time;
			if (record.kind == RING_LOST)
				continue;
			cr_assert(fixture_check_load(record.data, record.size), "torn");
			seen.events++;
		}
		sched_yield();
	} while (!last);
	finish(2);
	cr_assert_gt(tap_stats(&tap).discarded, 0);
	cr_assert_eq(tap_stats(&tap).events, seen.events);
	cr_assert_eq(tap_stats(&tap).left, 0);
	tap_free(&tap);
}

Test(libring_race, two_handles_do_not_disturb_each_other)
{
	struct ring_record record;
	struct ring *first;
	static struct seen seen[2];
	bool last;

	tap_init(&tap, 0, 64 * KIB);
	tap_open(&tap);
	first = tap.ring;
	tap_open(&tap, .order = RING_ORDER_RING);
	start(1, 1, 500000, produce);
	do {
		last = !__atomic_load_n(&running, __ATOMIC_SEQ_CST);
		while (ring_next(first, &record) == 1)
			see(&seen[0], &record, true);
		while (ring_next(tap.ring, &record) == 1)
			see(&seen[1], &record, false);
	} while (!last);
	finish(1);
	cr_assert_eq(seen[0].events + seen[0].lost, seen[1].events + seen[1].lost);
	ring_close(first);
	tap_free(&tap);
}

Test(libring_race, statistics_close_while_threads_write)
{
	struct ring_stats s = { .size = sizeof(s) };
	u64 before = 0;
	int ret;

	tap_init(&tap, 2, 64 * KIB);
	tap_open(&tap);
	start(2, 2, 300000, produce);
	while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
		ret = ring_stats(tap.ring, &s);
		cr_assert_geq(s.reported, before);
		before = s.reported;
		if (ret == -EAGAIN)
			continue;
		cr_assert_eq(ret, 0);
		cr_assert_eq(s.reported, s.events + s.overwritten + s.refused +
					 s.discarded + s.left);
	}
	finish(2);
	tap_stats(&tap);
	tap_free(&tap);
}
