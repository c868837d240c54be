// SPDX-License-Identifier: GPL-2.0
/* Waking: when commit says that a sleeper must be woken. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include "walk.h"

#define SIZE	(64u << 10)
#define BYTES	64u
#define SECONDS_MAX	10	/* of a race */

static struct fixture f;

/* Writes one record of BYTES; returns what commit says */
static bool write_one(void)
{
	struct kring_slot slot;

	if (!kring_ring_reserve(&f.ring, &slot, 9, 40, 0))
		cr_assert_fail("refused");
	return kring_ring_commit(&slot, false);
}

Test(ring_wake, not_armed)
{
	int i;

	fixture_init(&f, SIZE);
	for (i = 0; i < 100; i++)
		cr_assert_not(write_one());
	cr_assert_eq(f.meta->counters.wakeups, 0);
	fixture_free(&f);
}

Test(ring_wake, fires_once)
{
	int i;

	fixture_init(&f, SIZE);
	cr_assert_not(kring_ring_arm(&f.ring, 1));
	cr_assert(write_one());
	for (i = 0; i < 100; i++)
		cr_assert_not(write_one());
	cr_assert_eq(f.meta->counters.wakeups, 1);
	cr_assert_not(kring_ring_arm(&f.ring, f.meta->head + 1));
	cr_assert(write_one());
	cr_assert_eq(f.meta->counters.wakeups, 2);
	fixture_free(&f);
}

/* At the very byte, not one before and not one later */
Test(ring_wake, threshold)
{
	fixture_init(&f, SIZE);
	cr_assert_not(kring_ring_arm(&f.ring, 3 * BYTES));
	cr_assert_not(write_one());
	cr_assert_not(write_one());
	cr_assert(write_one());
	cr_assert_not(kring_ring_arm(&f.ring, 4 * BYTES + 1));
	cr_assert_not(write_one());
	cr_assert(write_one());
	fixture_free(&f);
}

Test(ring_wake, lower_wins)
{
	fixture_init(&f, SIZE);
	cr_assert_not(kring_ring_arm(&f.ring, 5 * BYTES));
	cr_assert_not(kring_ring_arm(&f.ring, 2 * BYTES));
	cr_assert_not(kring_ring_arm(&f.ring, 9 * BYTES));
	cr_assert_not(write_one());
	cr_assert(write_one());
	fixture_free(&f);
}

Test(ring_wake, there_already)
{
	fixture_init(&f, SIZE);
	write_one();
	write_one();
	cr_assert(kring_ring_arm(&f.ring, BYTES));
	write_one();
	cr_assert(kring_ring_arm(&f.ring, 3 * BYTES));
	write_one();
	cr_assert_not(kring_ring_arm(&f.ring, 4 * BYTES + 1));
	fixture_free(&f);
}

/* Whoever publishes wakes, be it a nested producer's record or a late one's */
Test(ring_wake, out_of_turn)
{
	struct kring_slot outer, inner;

	fixture_init(&f, SIZE);
	cr_assert_not(kring_ring_arm(&f.ring, 2 * BYTES));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &outer, 9, 40, 0));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &inner, 9, 40, 0));
	cr_assert_not(kring_ring_commit(&inner, false), "nothing is published yet");
	cr_assert(kring_ring_commit(&outer, false));
	fixture_free(&f);
}

Test(ring_wake, discarded_counts)
{
	struct kring_slot slot;

	fixture_init(&f, SIZE);
	cr_assert_not(kring_ring_arm(&f.ring, BYTES));
	cr_assert_not_null(kring_ring_reserve(&f.ring, &slot, 9, 40, 0));
	cr_assert(kring_ring_commit(&slot, true));
	fixture_free(&f);
}

/*
 * The races. "Waking" is a counter that whoever was told by commit increments;
 * a sleeper spins on it, as one on a wait queue it registered before it armed.
 * The producer writes nothing more until all sleepers have seen their record,
 * so a wakeup lost once is lost for good.
 */

static u64 wakes;		/* the wait queue */
static u64 rounds;
static u64 seen[2];		/* by each sleeper: rounds */
static u64 gap[2];		/* bytes that each waits for in a round */

static void spin(u64 n)
{
	while (n--)
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void give_way(u64 *tries)
{
	/* Running, the other CPU answers in less; then it may need this one */
	if (++*tries % 1024 == 0)
		sched_yield();
}

/* A sleeper's side of a round; true if it did not have to sleep */
static bool sleep_until(u64 at)
{
	u64 tries = 0;

	for (;;) {
		u64 before = __atomic_load_n(&wakes, __ATOMIC_SEQ_CST);

		if (kring_ring_arm(&f.ring, at))
			return !tries;
		do
			give_way(&tries);
		while (__atomic_load_n(&wakes, __ATOMIC_SEQ_CST) == before);
	}
}

static void *sleeper(void *arg)
{
	u64 me = (u64)(unsigned long)arg;
	u64 step = gap[1] > gap[0] ? gap[1] : gap[0];
	u64 n, delay = 0;

	for (n = 0; n < __atomic_load_n(&rounds, __ATOMIC_SEQ_CST); n++) {
		/* Later if it came before the record, sooner if after: they meet */
		spin(delay + n % 61);
		if (sleep_until(n * step + gap[me]))
			delay -= delay ? 16 : 0;
		else
			delay += delay < 4096 ? 16 : 0;
		__atomic_store_n(&seen[me], n + 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static u64 now(void)
{
	return kring_clock(KRING_CLOCK_MONOTONIC);
}

static void race(u32 fence_mask, u64 nr, u64 *to_gap)
{
	pthread_t thread[2];
	u64 n, i, tries = 0, woken = 0;
	u64 start = now();
	u64 records;

	fixture_init(&f, SIZE);
	f.ring.locked = false;
	f.ring.fence_mask = fence_mask;
	memcpy(gap, to_gap, sizeof(gap));
	records = (gap[1] > gap[0] ? gap[1] : gap[0]) / BYTES;
	for (i = 0; i < nr; i++)
		pthread_create(&thread[i], NULL, sleeper, (void *)(unsigned long)i);
	for (n = 0; n < rounds; n++) {
		/* Where threads have to wait for a CPU, this would take minutes */
		if (n % 256 == 0 && now() - start > SECONDS_MAX * 1000000000ULL)
			__atomic_store_n(&rounds, n + 1, __ATOMIC_SEQ_CST);
		spin(n % 67);
		for (i = 0; i < records; i++)
			if (write_one()) {
				woken++;
				__atomic_add_fetch(&wakes, 1, __ATOMIC_SEQ_CST);
			}
		for (i = 0; i < nr; i++)
			while (__atomic_load_n(&seen[i], __ATOMIC_SEQ_CST) <= n)
				give_way(&tries);
	}
	for (i = 0; i < nr; i++)
		pthread_join(thread[i], NULL);
	cr_assert_eq(f.meta->counters.wakeups, woken);
	fprintf(stderr, "%llu rounds, %llu wakeups\n", rounds, woken);
	fixture_free(&f);
}

Test(ring_wake, race, .timeout = 40)
{
	u64 to[2] = { BYTES, 0 };

	rounds = fixture_scaled(1000000);
	race(KRING_FENCE_EACH, 1, to);
}

/* The first record of a round may not tell; the fourth, where a page begins, does */
Test(ring_wake, race_of_pages, .timeout = 40)
{
	u64 to[2] = { BYTES, 4 * BYTES };

	rounds = fixture_scaled(200000);
	race(-to[1], 1, to);
}

/* Two with different thresholds: the second may arm while the first's fires */
Test(ring_wake, race_of_two, .timeout = 40)
{
	u64 to[2] = { BYTES, 2 * BYTES };

	rounds = fixture_scaled(100000);
	race(KRING_FENCE_EACH, 2, to);
}
