/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the native contenders of the benchmark share: a contender is a program
 * with a table of cases, and bench.c has its main().
 *
 *	--list			"CASE UNIT BYTES" for each that it has
 *	--count CASE BYTES	once, for callgrind; prints how many records
 *	(nothing)		answers each line "CASE BYTES" of stdin with
 *				"VALUE UNIT" or "none REASON"
 *
 * A sample is the best of several batches of a millisecond, or what the case
 * says: the machine is not ours alone, and what disturbs only adds.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* Data bytes of a ring, of every contender that has one */
#define BENCH_RING_SIZE		(1u << 20)
#define BENCH_BYTES_MAX		1024

struct bench_case {
	const char *name;
	const char *unit;	/* NULL: "ns" */
	/* One sample; below 0: none, bench_none() has said why */
	double (*sample)(uint32_t bytes, long arg);
	long arg;
	bool one_size;		/* only 64 bytes: all sizes are alike */
};

/* A contender's; the last has no name */
extern const struct bench_case bench_cases[];

__attribute__((format(printf, 1, 2)))
double bench_none(const char *format, ...);

/* Run on the n-th CPU that this process may use; false if there is none */
bool bench_pin(unsigned int n);

static inline uint64_t bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static inline void bench_relax(void)
{
	__builtin_ia32_pause();
}

/*
 * What is timed: run() handles n records; prepare(), if any, comes before it.
 * counts(), if any, says whether a batch was what is to be measured: with threads
 * on the other CPU, which something else may have taken.
 */
struct bench_batch {
	void (*prepare)(void *ctx, unsigned long n);
	void (*run)(void *ctx, unsigned long n);
	bool (*counts)(void *ctx, unsigned long n);
	void *ctx;
	unsigned long most;	/* records at once; 0: as many as fit the time */
};

/* ns per record; below 0: no batch counted, bench_none() has said so */
double bench_best(const struct bench_batch *batch);

/*
 * Two producers: run(ctx, n, who) is called for half of the records each, 0 here and
 * 1 on the other CPU. bench_pair_run() returns when both are through.
 */
struct bench_pair {
	void (*run)(void *ctx, unsigned long n, unsigned int who);
	void *ctx;
	pthread_t thread;
	/* In a line of its own: what the one writes */
	_Alignas(64) unsigned long turn;
	bool stop;
	/* And what the other does */
	_Alignas(64) unsigned long done;
};

/* false: there is one CPU, bench_none() has said so */
bool bench_pair_start(struct bench_pair *pair);
void bench_pair_run(struct bench_pair *pair, unsigned long n);
void bench_pair_stop(struct bench_pair *pair);

/* Around what bench_best() does not time: callgrind counts in between */
void bench_count_begin(void);
void bench_count_end(unsigned long records);
/* callgrind is at work: once is enough */
bool bench_counting(void);

/*
 * Percentiles of a latency, by case: arg is one of these. All are taken from
 * one run, until one is asked for again.
 */
enum { BENCH_P50, BENCH_P99, BENCH_P999, BENCH_MAX, BENCH_PERCENTILES };

struct bench_latency {
	/* Fills in n latencies in ns; false: none, bench_none() has said why */
	bool (*run)(double *ns, size_t n);
	size_t n;		/* at most BENCH_LATENCIES_MAX */
	bool fresh[BENCH_PERCENTILES];
	double value[BENCH_PERCENTILES];
};

double bench_percentile(struct bench_latency *latency, long which);

#define BENCH_LATENCIES_MAX	20000

/*
 * End to end: so many records at a time, as often as fits in so many ns, of which
 * the fastest counts. Returns the case's value, records by the microsecond ("M/s");
 * flow() returns how many went through, or 0: none, bench_none() has said why.
 */
#define BENCH_FLOW_RECORDS	100000	/* how the end is waited for is not to matter */
#define BENCH_FLOW_NS		200000000
/* A reader that found little looks again after this: each look takes the producer's line away */
#define BENCH_FLOW_TICKS	2000

double bench_flow(unsigned long (*flow)(void *ctx), void *ctx);

/* The time stamp counter, for what takes less than the clock does */
static inline uint64_t bench_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* Since a stamp of another CPU, whose counter may be a little ahead */
static inline double bench_since(uint64_t stamp)
{
	int64_t ticks = bench_ticks() - stamp;

	return ticks > 0 ? ticks : 0;
}

double bench_ns_per_tick(void);

/* Something else to do for so many ticks */
static inline void bench_idle(uint64_t ticks)
{
	uint64_t end = bench_ticks() + ticks;

	while (bench_ticks() < end)
		bench_relax();
}

#define BENCH_LATENCIES(name, fn)						\
	{ name "-p50", NULL, fn, BENCH_P50, true },				\
	{ name "-p99", NULL, fn, BENCH_P99, true },				\
	{ name "-p999", NULL, fn, BENCH_P999, true },				\
	{ name "-max", NULL, fn, BENCH_MAX, true }

/* Fill a payload, the first word with a number */
static inline __attribute__((always_inline))
void bench_fill(void *to, unsigned long n, uint32_t bytes)
{
	static const uint64_t source[BENCH_BYTES_MAX / 8] = { 1 };

	memcpy(to, source, bytes);
	*(uint64_t *)to = n;
}

/* body(ctx, n, bytes) with a size that the compiler knows, as producers know theirs */
#define BENCH_SIZES(body, ctx, n, bytes)					\
do {										\
	switch (bytes) {							\
	case 8:									\
		body(ctx, n, 8);						\
		break;							\
	case 64:								\
		body(ctx, n, 64);						\
		break;							\
	case 256:								\
		body(ctx, n, 256);						\
		break;							\
	case 1024:								\
		body(ctx, n, 1024);						\
		break;							\
	}									\
} while (0)

#endif /* TESTS_BENCH_H */
