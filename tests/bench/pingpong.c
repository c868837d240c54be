// SPDX-License-Identifier: GPL-2.0
/* The limit of latency: one cache line, stored to by one CPU while the other looks at it */
#include <pthread.h>
#include "bench.h"

#define AWAKE_TICKS	1000		/* as kring_latency.c has it */

static struct {
	uint64_t stamp __attribute__((aligned(64)));
	unsigned long got __attribute__((aligned(64)));
	size_t n;
	double *ns;
} line;

static void *look(void *arg)
{
	double rate = bench_ns_per_tick();
	uint64_t last = 0, stamp;
	size_t got;

	(void)arg;
	bench_pin(1);
	for (got = 0; got < line.n; ) {
		stamp = __atomic_load_n(&line.stamp, __ATOMIC_ACQUIRE);
		if (stamp == last)
			continue;
		line.ns[got++] = bench_since(stamp) * rate;
		last = stamp;
		__atomic_store_n(&line.got, got, __ATOMIC_RELEASE);
	}
	return NULL;
}

static bool meet(double *ns, size_t n)
{
	pthread_t thread;
	size_t i;

	if (!bench_pin(1) || !bench_pin(0)) {
		bench_none("needs two CPUs");
		return false;
	}
	bench_ns_per_tick();
	line.stamp = 0;
	line.got = 0;
	line.n = n;
	line.ns = ns;
	pthread_create(&thread, NULL, look, NULL);
	for (i = 0; i < n; i++) {
		while (__atomic_load_n(&line.got, __ATOMIC_ACQUIRE) != i)
			bench_relax();
		bench_idle(AWAKE_TICKS);
		__atomic_store_n(&line.stamp, bench_ticks(), __ATOMIC_RELEASE);
	}
	pthread_join(thread, NULL);
	return true;
}

static double latency(uint32_t bytes, long which)
{
	static struct bench_latency latency = { .run = meet, .n = BENCH_LATENCIES_MAX };

	(void)bytes;
	return bench_percentile(&latency, which);
}

const struct bench_case bench_cases[] = {
	BENCH_LATENCIES("latency-spin", latency),
	{ NULL }
};
