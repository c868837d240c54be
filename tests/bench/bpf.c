// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF ring buffer of this machine's kernel: its producer is real kernel code,
 * its consumer is libbpf's.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/mman.h>
#include "bpf_load.h"

#define HEADER		8	/* bytes in front of each record */
#define BATCH		128	/* with fewer records at hand, a reader that spins waits for more */
#define SAMPLED		500	/* records per notification, as the kernel's own benchmark has it */

struct buffer {
	struct bpf_object *object;
	int map, program;
	unsigned long *consumer;	/* position, mapped */
	const unsigned long *producer;
	uint32_t bytes;
	uint64_t flags;
	struct ring_buffer *reader;
	unsigned long received;
	uint64_t sum;
	struct bench_pair pair;
};

static bool run_program(int fd, struct bpf_run *run)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = run, .ctx_size_in = sizeof(*run));

	return !bpf_prog_test_run_opts(fd, &opts);
}

static bool buffer_init(struct buffer *b, uint32_t bytes, uint64_t flags)
{
	long page = sysconf(_SC_PAGESIZE);
	char name[32];

	*b = (struct buffer) { .bytes = bytes, .flags = flags };
	b->object = load("bpf");
	if (!b->object)
		return false;
	snprintf(name, sizeof(name), "produce_%u", bytes);
	b->program = program(b->object, name);
	b->map = bpf_object__find_map_fd_by_name(b->object, "ring");
	b->consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, b->map, 0);
	b->producer = mmap(NULL, page, PROT_READ, MAP_SHARED, b->map, page);
	if (b->consumer == MAP_FAILED || b->producer == MAP_FAILED) {
		bench_none("the ring buffer's positions cannot be mapped");
		bpf_object__close(b->object);
		return false;
	}
	return true;
}

static void buffer_free(struct buffer *b)
{
	long page = sysconf(_SC_PAGESIZE);

	ring_buffer__free(b->reader);
	munmap(b->consumer, page);
	munmap((void *)b->producer, page);
	bpf_object__close(b->object);
}

static unsigned long records_that_fit(uint32_t bytes)
{
	return BENCH_RING_SIZE / 8 * 7 / (bytes + HEADER) / BPF_UNROLL * BPF_UNROLL;
}

/* All is read: the ring is empty */
static void release(struct buffer *b)
{
	__atomic_store_n(b->consumer, __atomic_load_n(b->producer, __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
}

static unsigned long sampled(uint32_t bytes)
{
	return records_that_fit(bytes) / 4 < SAMPLED ? records_that_fit(bytes) / 4 : SAMPLED;
}

/* The best of several runs of as many records as fit, timed by the kernel itself */
static double produce_every(uint32_t bytes, long flags, unsigned long every)
{
	struct buffer b;
	/* Waking is slow enough to be timed over a few */
	unsigned long n = flags == BPF_RB_FORCE_WAKEUP ? 512 : records_that_fit(bytes);
	double best = -1;
	int i;

	if (!buffer_init(&b, bytes, flags))
		return -1;
	for (i = 0; i < 40; i++) {
		struct bpf_run run = { .n = n, .flags = flags, .every = every };
		double ns;

		release(&b);
		if (!run_program(b.program, &run) || run.failed || !run.n) {
			best = bench_none("the BPF program did not run: %s", strerror(errno));
			break;
		}
		ns = (double)run.ns / run.n;
		/* The first round takes the pages in */
		if (i > 2 && (best < 0 || ns < best))
			best = ns;
	}
	buffer_free(&b);
	return best;
}

static double produce(uint32_t bytes, long flags)
{
	return produce_every(bytes, flags, 0);
}

static double produce_sampled(uint32_t bytes, long arg)
{
	(void)arg;
	return produce_every(bytes, BPF_RB_NO_WAKEUP, sampled(bytes));
}

/* What of that is the loop */
static double loop(uint32_t bytes, long arg)
{
	struct bpf_run run = { .n = 100000 };
	struct buffer b;
	double best = -1;
	int i;

	(void)arg;
	if (!buffer_init(&b, bytes, 0))
		return -1;
	for (i = 0; i < 10; i++, run.n = 100000) {
		if (!run_program(program(b.object, "loop"), &run))
			continue;
		if (best < 0 || (double)run.ns / run.n < best)
			best = (double)run.ns / run.n;
	}
	buffer_free(&b);
	return best < 0 ? bench_none("the BPF program did not run") : best;
}

static int take(void *ctx, void *data, size_t size)
{
	struct buffer *b = ctx;

	(void)size;
	b->sum += *(uint64_t *)data;
	b->received++;
	return 0;
}

static bool reader_init(struct buffer *b)
{
	b->reader = ring_buffer__new(b->map, take, b, NULL);
	if (b->reader)
		return true;
	bench_none("no ring_buffer__new(): %s", strerror(errno));
	buffer_free(b);
	return false;
}

static void fill(void *ctx, unsigned long n)
{
	struct buffer *b = ctx;
	struct bpf_run run = { .n = n, .flags = b->flags };

	run_program(b->program, &run);
}

static void fill_elsewhere(void *ctx, unsigned long n)
{
	bench_pin(1);
	fill(ctx, n);
	bench_pin(0);
}

static void consume_all(void *ctx, unsigned long n)
{
	struct buffer *b = ctx;

	b->received = 0;
	while (b->received < n)
		if (ring_buffer__consume(b->reader) <= 0)
			break;
}

static void fill_half(void *ctx, unsigned long n, unsigned int who)
{
	(void)who;
	fill(ctx, n);
}

static void fill_both(void *ctx, unsigned long n)
{
	bench_pair_run(&((struct buffer *)ctx)->pair, n);
}

static void release_all(void *ctx, unsigned long n)
{
	(void)n;
	release(ctx);
}

/* As kring's cases of that name: time per record of all producers together */
static double produce_global(uint32_t bytes, long nr)
{
	struct buffer b;
	struct bench_batch batch = {
		.prepare = release_all, .run = nr == 1 ? fill : fill_both, .ctx = &b,
		.most = records_that_fit(bytes) / (2 * BPF_UNROLL) * (2 * BPF_UNROLL),
	};
	double ns = -1;

	if (!buffer_init(&b, bytes, BPF_RB_NO_WAKEUP))
		return -1;
	b.pair = (struct bench_pair) { .run = fill_half, .ctx = &b };
	if (nr == 1 || bench_pair_start(&b.pair)) {
		ns = bench_best(&batch);
		if (nr > 1)
			bench_pair_stop(&b.pair);
	}
	buffer_free(&b);
	return ns;
}

/* libbpf's cost per record, of a ring that is full */
static double consume(uint32_t bytes, long elsewhere)
{
	struct buffer b;
	const struct bench_batch batch = {
		.prepare = elsewhere ? fill_elsewhere : fill, .run = consume_all, .ctx = &b,
		.most = records_that_fit(bytes),
	};
	double ns;

	if (elsewhere && (!bench_pin(1) || !bench_pin(0)))
		return bench_none("needs two CPUs");
	if (!buffer_init(&b, bytes, BPF_RB_NO_WAKEUP) || !reader_init(&b))
		return -1;
	ns = bench_best(&batch);
	if (!b.received)
		ns = bench_none("nothing came out of the ring buffer");
	buffer_free(&b);
	return ns;
}

struct flow {
	struct buffer b;
	unsigned long every;	/* records per notification, 0: the reader spins */
	unsigned int cpu;	/* the reader's */
	bool stop;
};

static void *receive(void *arg)
{
	struct flow *f = arg;

	bench_pin(f->cpu);
	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		if (f->every)
			ring_buffer__poll(f->b.reader, 10);
		else if (ring_buffer__consume(f->b.reader) < BATCH)
			bench_idle(BENCH_FLOW_TICKS);
	}
	return NULL;
}

/* Bytes that were reported and not read */
static unsigned long queued(const struct buffer *b)
{
	unsigned long read = __atomic_load_n(b->consumer, __ATOMIC_ACQUIRE);

	return __atomic_load_n(b->producer, __ATOMIC_RELAXED) - read;
}

/* All of them through, a refused one once more */
static unsigned long flow_once(void *ctx)
{
	struct flow *f = ctx;
	unsigned long before = __atomic_load_n(&f->b.received, __ATOMIC_RELAXED), done = 0;
	/* The last few have no notification of their own: their reader's timeout is not counted */
	unsigned long tail = f->every;

	while (BENCH_FLOW_RECORDS - done >= BPF_UNROLL) {
		struct bpf_run run = { .n = BENCH_FLOW_RECORDS - done, .flags = BPF_RB_NO_WAKEUP,
				       .every = f->every };

		if (!run_program(f->b.program, &run))
			return bench_none("the BPF program did not run: %s", strerror(errno)), 0;
		done += run.n;
		/* Full: a system call for a few records at a time would be no use */
		while (run.failed && queued(&f->b) > BENCH_RING_SIZE / 2)
			f->cpu ? bench_relax() : (void)sched_yield();
	}
	while (__atomic_load_n(&f->b.received, __ATOMIC_RELAXED) - before + tail < done)
		f->cpu ? bench_relax() : (void)sched_yield();
	return done;
}

enum { BUSY, SLEEPS, ONE_CPU };

/* From the kernel on one CPU to a program on the other, or on the same; nothing lost */
static double end_to_end(uint32_t bytes, long how)
{
	static struct flow f;
	pthread_t thread;
	double rate;

	if (!bench_pin(1) || !bench_pin(0))
		return bench_none("needs two CPUs");
	f = (struct flow) { .cpu = how != ONE_CPU, .every = how == BUSY ? 0 : sampled(bytes) };
	if (!buffer_init(&f.b, bytes, 0) || !reader_init(&f.b))
		return -1;
	pthread_create(&thread, NULL, receive, &f);
	rate = bench_flow(flow_once, &f);
	__atomic_store_n(&f.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	buffer_free(&f.b);
	return rate;
}

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce, .arg = BPF_RB_NO_WAKEUP },
	{ "produce-sampled", .sample = produce_sampled },
	{ "produce-default", .sample = produce, .arg = 0 },
	{ "produce-notify", .sample = produce, .arg = BPF_RB_FORCE_WAKEUP },
	{ "produce-global-1", .sample = produce_global, .arg = 1 },
	{ "produce-global-2", .sample = produce_global, .arg = 2 },
	{ "loop", .sample = loop, .one_size = true },
	{ "consume", .sample = consume, .arg = false },
	{ "consume-remote", .sample = consume, .arg = true },
	{ "end-to-end", "M/s", .sample = end_to_end, .arg = SLEEPS },
	{ "end-to-end-busy", "M/s", .sample = end_to_end, .arg = BUSY },
	{ "end-to-end-one-cpu", "M/s", .sample = end_to_end, .arg = ONE_CPU },
	{ NULL }
};
