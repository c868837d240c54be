// SPDX-License-Identifier: GPL-2.0
/* A contender's main(): the protocol of bench.h, batches and percentiles */
#include <err.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <valgrind/callgrind.h>
#include "bench.h"

#define BATCH_NS	1000000		/* one batch, about */
#define BATCHES		10		/* of which the best counts */
#define TRIES_NS	400000000	/* to get so many that count */
#define COUNTED		4096		/* records under callgrind */

static const uint32_t sizes[] = { 8, 64, 256, 1024 };
static char reason[256];
static bool counting;
static unsigned long counted;

double bench_none(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return -1;
}

bool bench_pin(unsigned int n)
{
	static cpu_set_t all;
	cpu_set_t one;
	int cpu;

	if (!CPU_COUNT(&all) && sched_getaffinity(0, sizeof(all), &all) < 0)
		err(1, "sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && !n--)
			break;
	if (cpu == CPU_SETSIZE)
		return false;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) == 0;
}

bool bench_counting(void)
{
	return counting;
}

void bench_count_begin(void)
{
	if (counting)
		CALLGRIND_TOGGLE_COLLECT;
}

void bench_count_end(unsigned long records)
{
	if (counting)
		CALLGRIND_TOGGLE_COLLECT;
	counted = records;
}

static uint64_t time_batch(const struct bench_batch *batch, unsigned long n)
{
	uint64_t start;

	if (batch->prepare)
		batch->prepare(batch->ctx, n);
	start = bench_now();
	batch->run(batch->ctx, n);
	return bench_now() - start;
}

static void count_batch(const struct bench_batch *batch, unsigned long n)
{
	time_batch(batch, n);
	if (batch->prepare)
		batch->prepare(batch->ctx, n);
	bench_count_begin();
	batch->run(batch->ctx, n);
	bench_count_end(n);
}

double bench_best(const struct bench_batch *batch)
{
	unsigned long most = batch->most ? batch->most : 1ul << 30;
	unsigned long n = most < 512 ? most : 512;
	double best = 0;
	uint64_t ns, end;
	int good = 0;

	if (counting) {
		count_batch(batch, most < COUNTED ? most : COUNTED);
		return 0;
	}
	while ((ns = time_batch(batch, n)) < BATCH_NS / 4 && n < most)
		n = 2 * n < most ? 2 * n : most;
	if (ns)
		n = n * (double)BATCH_NS / ns;
	if (n > most)
		n = most;
	if (!n)
		n = 1;
	end = bench_now() + TRIES_NS;
	while (good < BATCHES && bench_now() < end) {
		double per_record = (double)time_batch(batch, n) / n;

		if (batch->counts && !batch->counts(batch->ctx, n))
			continue;
		if (!good++ || per_record < best)
			best = per_record;
	}
	if (!good)
		return bench_none("the other CPU was never there");
	return best;
}

/* What there is to do is the sum of all turns: it only grows */
static void *second(void *arg)
{
	struct bench_pair *pair = arg;
	unsigned long turn, done = 0;

	bench_pin(1);
	while (!__atomic_load_n(&pair->stop, __ATOMIC_RELAXED)) {
		turn = __atomic_load_n(&pair->turn, __ATOMIC_ACQUIRE);
		if (turn == done) {
			bench_relax();
			continue;
		}
		pair->run(pair->ctx, turn - done, 1);
		done = turn;
		__atomic_store_n(&pair->done, done, __ATOMIC_RELEASE);
	}
	return NULL;
}

void bench_pair_run(struct bench_pair *pair, unsigned long n)
{
	unsigned long turn = pair->turn + n / 2;

	__atomic_store_n(&pair->turn, turn, __ATOMIC_RELEASE);
	pair->run(pair->ctx, n - n / 2, 0);
	while (__atomic_load_n(&pair->done, __ATOMIC_ACQUIRE) != turn)
		bench_relax();
}

bool bench_pair_start(struct bench_pair *pair)
{
	if (!bench_pin(1) || !bench_pin(0)) {
		bench_none("needs two CPUs");
		return false;
	}
	pthread_create(&pair->thread, NULL, second, pair);
	/* Once it is there: or the first batch would take long, and all be short */
	bench_pair_run(pair, 2);
	return true;
}

void bench_pair_stop(struct bench_pair *pair)
{
	__atomic_store_n(&pair->stop, true, __ATOMIC_RELAXED);
	pthread_join(pair->thread, NULL);
}

double bench_flow(unsigned long (*flow)(void *ctx), void *ctx)
{
	uint64_t start = bench_now(), before, after;
	double best = 0;
	unsigned long n;

	do {
		before = bench_now();
		n = flow(ctx);
		after = bench_now();
		if (!n)
			return -1;
		if (n * 1000.0 / (after - before) > best)
			best = n * 1000.0 / (after - before);
	} while (after - start < BENCH_FLOW_NS);
	return best;
}

double bench_ns_per_tick(void)
{
	static double rate;
	uint64_t ns, ticks;

	if (!rate) {
		ns = bench_now();
		ticks = bench_ticks();
		while (bench_now() - ns < 20000000)
			;
		rate = (double)(bench_now() - ns) / (bench_ticks() - ticks);
	}
	return rate;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double bench_percentile(struct bench_latency *latency, long which)
{
	static const double part[] = { 0.5, 0.99, 0.999, 1 };
	static double ns[BENCH_LATENCIES_MAX];
	int i;

	if (!latency->fresh[which]) {
		if (!latency->run(ns, latency->n))
			return -1;
		qsort(ns, latency->n, sizeof(*ns), compare);
		for (i = 0; i < BENCH_PERCENTILES; i++) {
			latency->value[i] = ns[(size_t)(part[i] * (latency->n - 1))];
			latency->fresh[i] = true;
		}
	}
	latency->fresh[which] = false;
	return latency->value[which];
}

static const char *unit(const struct bench_case *c)
{
	return c->unit ? c->unit : "ns";
}

static bool has(const struct bench_case *c, uint32_t bytes)
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (sizes[i] == bytes)
			return !c->one_size || bytes == 64;
	return false;
}

static const struct bench_case *find(const char *name, uint32_t bytes)
{
	const struct bench_case *c;

	for (c = bench_cases; c->name; c++)
		if (!strcmp(c->name, name) && has(c, bytes))
			return c;
	return NULL;
}

static void list(void)
{
	const struct bench_case *c;
	size_t i;

	for (c = bench_cases; c->name; c++)
		for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
			if (has(c, sizes[i]))
				printf("%s %s %u\n", c->name, unit(c), sizes[i]);
}

static void answer(const char *name, uint32_t bytes)
{
	const struct bench_case *c = find(name, bytes);
	double value;

	if (!c) {
		printf("none no case '%s' of %u bytes here\n", name, bytes);
		return;
	}
	if (!bench_pin(0))
		err(1, "cannot stay on a CPU");
	value = c->sample(bytes, c->arg);
	if (value < 0)
		printf("none %s\n", reason);
	else
		printf("%.4g %s\n", value, unit(c));
}

int main(int argc, char **argv)
{
	char line[128], name[64];
	uint32_t bytes;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "--list")) {
		list();
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "--count")) {
		counting = true;
		answer(argv[2], atoi(argv[3]));
		printf("%lu records\n", counted);
		return 0;
	}
	if (argc != 1)
		errx(2, "usage: %s [--list | --count CASE BYTES]", argv[0]);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%63s %u", name, &bytes) == 2)
			answer(name, bytes);
		else
			printf("none not a line of CASE BYTES\n");
	}
	return 0;
}
