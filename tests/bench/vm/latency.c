// SPDX-License-Identifier: GPL-2.0
/*
 * How long a record takes to a reader's hands, from in front of its reserve; what a wakeup costs
 * the producer.
 */
#include <x86intrin.h>
#include "bench.h"

#define COUNT_MAX	20000

struct arrivals {
	uint32_t ready, stop;
	uint32_t n;
	double ns[COUNT_MAX];
};

double tsc_ns(void)
{
	static double ns;
	uint64_t from, tsc;

	if (!ns) {
		from = now_ns();
		tsc = __rdtsc();
		usleep(100000);
		ns = (double)(now_ns() - from) / (__rdtsc() - tsc);
	}
	return ns;
}

static void receive(const char *channel, bool sleeps, struct arrivals *arrivals)
{
	const struct ring_record *records;
	const uint32_t cpus[] = { 0 };
	struct ring *ring;
	uint64_t stamp;
	int i, n;

	on_cpu(cpu_last());
	ring = reader_open(channel, (struct ring_opts){
		.cpus = cpus, .nr_cpus = 1, .watermark = 1,
	});
	__atomic_store_n(&arrivals->ready, 1, __ATOMIC_RELEASE);
	while (!load_acquire(&arrivals->stop)) {
		n = ring_peek(ring, &records, 16);
		must(n >= 0);
		for (i = 0; i < n; i++) {
			uint64_t now = __rdtsc();

			memcpy(&stamp, records[i].data, sizeof(stamp));
			if (arrivals->n < COUNT_MAX)
				arrivals->ns[arrivals->n++] = (now - stamp) * tsc_ns();
		}
		if (n)
			must(!ring_advance(ring, n));
		else if (sleeps)
			must(ring_wait(ring, 100000000) >= 0);
	}
	exit(0);
}

/* The same batch, without anybody and with a sleeper that each record wakes */
static double wake_cost(const char *who, const char *channel)
{
	struct arrivals *arrivals = shared(sizeof(*arrivals));
	struct batch one = { .who = who, .bytes = 8, .records = 1 };
	uint32_t i, n = quick ? 100 : 500;
	double alone[500], waking[500];
	pid_t child;

	for (i = 0; i < n; i++) {
		usleep(2000);
		alone[i] = kernel_run(one);
	}
	child = child_start();
	if (!child)
		receive(channel, true, arrivals);
	wait_until(load_acquire(&arrivals->ready));
	for (i = 0; i < n; i++) {
		usleep(2000);
		waking[i] = kernel_run(one);
	}
	child_kill(child);
	munmap(arrivals, sizeof(*arrivals));
	return median(waking, n) - median(alone, n);
}

/*
 * what: "wake", or "latency-spin-X", "latency-sleep-X"; one run gives all of a kind, which are
 * asked for in turn
 */
struct answer latency(const char *channel, const char *what, uint32_t bytes)
{
	static struct { const char *name; double part; } const points[] = {
		{ "-p50", 0.5 }, { "-p99", 0.99 }, { "-p999", 0.999 }, { "-max", 1 },
	};
	static struct arrivals *arrivals[2];
	bool sleeps = !strncmp(what, "latency-sleep", 13);
	const char *point = what + strlen(sleeps ? "latency-sleep" : "latency-spin");
	struct arrivals **run = &arrivals[sleeps];
	char who[48];
	size_t i;

	snprintf(who, sizeof(who), "kring%s", channel + strlen("bench"));
	if (!strcmp(what, "wake")) {
		double ns = wake_cost(who, channel);

		return ns > 0 ? NS_VALUE(ns) : NONE("less than the clock tells apart");
	}
	if (!strcmp(point, points[0].name) || !*run) {
		pid_t child;

		tsc_ns();
		*run = *run ?: shared(sizeof(**run));
		memset(*run, 0, sizeof(**run));
		child = child_start();
		if (!child)
			receive(channel, sleeps, *run);
		wait_until(load_acquire(&(*run)->ready));
		kernel_run((struct batch){
			.who = who, .bytes = bytes, .gap = 50000, .records = quick ? 2000 : 10000,
		});
		usleep(50000);
		__atomic_store_n(&(*run)->stop, 1, __ATOMIC_RELEASE);
		child_end(child);
		must((*run)->n);
		median((*run)->ns, (*run)->n);		/* sorts */
	}
	for (i = 0; i < sizeof(points) / sizeof(*points); i++)
		if (!strcmp(point, points[i].name))
			return NS_VALUE((*run)->ns[(uint32_t)(((*run)->n - 1) * points[i].part)]);
	return NONE("no such case");
}
