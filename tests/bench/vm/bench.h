/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A contender of the benchmark inside a kernel: tests/vm/modules/kring_bench.c produces, this
 * program reads, holds, sleeps and asks. It answers each line "CASE BYTES" with "VALUE UNIT" or
 * "none REASON".
 */
#ifndef BENCH_H
#define BENCH_H

#include "../../vm/guest/hold.h"
#include <ring.h>

struct answer {
	double value;
	const char *unit;
	const char *none;		/* why there is no value */
};

#define NONE(reason)	((struct answer){ .none = (reason) })
#define NS_VALUE(ns)	((struct answer){ .value = (ns), .unit = "ns" })

/* kernel.c: the module */
struct batch {
	const char *who;		/* as the module names it */
	uint32_t bytes;
	uint32_t producers;		/* 0: 1 */
	uint32_t msecs;			/* 0: what a sample takes */
	uint32_t records;		/* of each producer, instead */
	uint32_t gap;			/* ns between them; they begin with the TSC */
	bool retry;
	bool mean;			/* of the blocks; otherwise their median */
};

bool kernel_knows(const char *who);
double kernel_run(struct batch batch);	/* ns a record; -1: the producers never ran at once */
uint32_t kernel_ring_size(void);
extern bool quick;			/* $QUICK */

/* readers.c: other processes, on the last CPU */
enum reading {
	AT_REST,			/* open, mapped, and asleep without asking to be woken */
	AT_THEIR_PACE,			/* 1000 records a millisecond at most */
	AWAKE,				/* all there is, then ring_wait(), as libring has them */
	BUSY,				/* all there is, without a pause */
};

struct readers;
struct readers *readers_start(const char *channel, enum reading how, uint32_t n);
void readers_stop(struct readers *readers);
void on_cpu(int cpu);
int cpu_last(void);
struct ring *reader_open(const char *channel, struct ring_opts opts);

double median(double *values, uint32_t n);	/* sorts them */
double tsc_ns(void);		/* of one tick of the TSC */

/* The cases */
struct answer produce(const char *who, const char *what, uint32_t bytes);
struct answer deliver(const char *channel, const char *what, uint32_t bytes);
struct answer latency(const char *channel, const char *what, uint32_t bytes);
struct answer setup(const char *channel, const char *what);

#endif /* BENCH_H */
