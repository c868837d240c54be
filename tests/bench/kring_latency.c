// SPDX-License-Identifier: GPL-2.0
/*
 * From commit to the consumer's hands, on the other CPU, one record at a time;
 * asleep: in poll() on an eventfd, which whoever is told to wake a sleeper writes to
 */
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "kring.h"

#define AWAKE_TICKS	1000		/* between one in hand and the next commit */
#define ASLEEP_NS	50000		/* so that the consumer is asleep */

struct meeting {
	struct fixture_channel ch;
	struct reader reader;
	bool sleeps;
	int event;
	size_t n;
	double *ns;
	/* The other CPU's: in another cache line */
	unsigned long got __attribute__((aligned(64)));
};

static void *hand(void *arg)
{
	struct meeting *m = arg;
	double rate = bench_ns_per_tick();
	struct ring_record record;
	unsigned long got;
	int ret;

	bench_pin(1);
	for (got = 0; got < m->n; ) {
		ret = ring_next(m->reader.ring, &record);
		if (ret == 0 && m->sleeps)
			reader_sleep(&m->reader, &m->ch, m->event, KRING_GRANULE);
		if (ret != 1)
			continue;
		m->ns[got++] = bench_since(*(const u64 *)record.data) * rate;
		smp_store_release(&m->got, got);
	}
	return NULL;
}

static void commit_one(struct meeting *m)
{
	struct kring_ring *ring = &m->ch.rings[0].ring;
	struct kring_slot slot;
	u64 *to = kring_ring_reserve(ring, &slot, KRING_BENCH_TYPE, 64, 0);

	bench_fill(to, 0, 64);
	*to = bench_ticks();
	if (kring_ring_commit(&slot, false))
		reader_wake(m->event);
}

static bool meet(double *ns, size_t n, bool sleeps)
{
	struct ring_opts opts = { .flags = RING_HOLD, .order = RING_ORDER_RING };
	struct meeting m = { .sleeps = sleeps, .n = n, .ns = ns };
	double rate = bench_ns_per_tick();
	pthread_t thread;
	size_t i;

	if (!bench_pin(1) || !bench_pin(0)) {
		bench_none("needs two CPUs");
		return false;
	}
	channel_init(&m.ch, 1, KRING_CLOCK_NONE);
	if (sleeps)
		channel_sleep_lightly(&m.ch);
	reader_open(&m.reader, &m.ch, &opts);
	reader_hold(&m.reader, &m.ch, 0);
	m.event = eventfd(0, 0);
	pthread_create(&thread, NULL, hand, &m);
	for (i = 0; i < n; i++) {
		while (smp_load_acquire(&m.got) != i)
			bench_relax();
		bench_idle(sleeps ? ASLEEP_NS / rate : AWAKE_TICKS);
		commit_one(&m);
	}
	pthread_join(thread, NULL);
	close(m.event);
	reader_close(&m.reader);
	fixture_channel_free(&m.ch);
	return true;
}

static bool meet_spinning(double *ns, size_t n)
{
	return meet(ns, n, false);
}

static bool meet_asleep(double *ns, size_t n)
{
	return meet(ns, n, true);
}

double latency_spin(u32 bytes, long which)
{
	static struct bench_latency latency = { .run = meet_spinning, .n = BENCH_LATENCIES_MAX };

	(void)bytes;
	return bench_percentile(&latency, which);
}

double latency_sleep(u32 bytes, long which)
{
	static struct bench_latency latency = { .run = meet_asleep, .n = 1000 };

	(void)bytes;
	return bench_percentile(&latency, which);
}
