// SPDX-License-Identifier: GPL-2.0
/* The limit of waking: an eventfd, with a thread in poll() on the other CPU */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "bench.h"

#define ASLEEP_NS	50000		/* as kring_latency.c has it */

static struct {
	int event;
	uint64_t stamp;
	/* The other CPU's: in another cache line */
	unsigned long got __attribute__((aligned(64)));
	size_t n;
	double *ns;
} line;

static void *sleep_and_take(void *arg)
{
	struct pollfd fd = { .fd = line.event, .events = POLLIN };
	double rate = bench_ns_per_tick();
	uint64_t count;
	size_t got;

	(void)arg;
	bench_pin(1);
	for (got = 0; got < line.n; ) {
		if (poll(&fd, 1, 1000) != 1 || read(line.event, &count, sizeof(count)) < 0)
			continue;
		line.ns[got++] = bench_since(line.stamp) * rate;
		__atomic_store_n(&line.got, got, __ATOMIC_RELEASE);
	}
	return NULL;
}

static bool meet(double *ns, size_t n)
{
	double rate = bench_ns_per_tick();
	uint64_t one = 1;
	pthread_t thread;
	size_t i;

	if (!bench_pin(1) || !bench_pin(0)) {
		bench_none("needs two CPUs");
		return false;
	}
	line.event = eventfd(0, 0);
	line.got = 0;
	line.n = n;
	line.ns = ns;
	pthread_create(&thread, NULL, sleep_and_take, NULL);
	for (i = 0; i < n; i++) {
		while (__atomic_load_n(&line.got, __ATOMIC_ACQUIRE) != i)
			bench_relax();
		bench_idle(ASLEEP_NS / rate);
		line.stamp = bench_ticks();
		if (write(line.event, &one, sizeof(one)) < 0)
			bench_relax();
	}
	pthread_join(thread, NULL);
	close(line.event);
	return true;
}

static double latency(uint32_t bytes, long which)
{
	static struct bench_latency latency = { .run = meet, .n = 1000 };

	(void)bytes;
	return bench_percentile(&latency, which);
}

const struct bench_case bench_cases[] = {
	BENCH_LATENCIES("latency-sleep", latency),
	{ NULL }
};
