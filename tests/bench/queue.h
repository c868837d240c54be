/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues of user space that hand pointers from one producer to one consumer: each
 * has its queue_*() inline in its own file, which this one makes a contender of.
 */
#ifndef TESTS_BENCH_QUEUE_H
#define TESTS_BENCH_QUEUE_H

#include <err.h>
#include <pthread.h>
#include <sys/mman.h>
#include <linux/kring.h>
#include "bench.h"

/* Slots of the smallest record that a ring of kring takes */
#define QUEUE_ENTRIES_MAX	(BENCH_RING_SIZE / 32)
#define QUEUE_BURST		128

static void queue_init(unsigned int entries);
static inline bool queue_put(void *slot);
static inline bool queue_put_shared(void *slot);	/* with other producers beside */
static inline unsigned int queue_get(void **slots, unsigned int most);

struct queue {
	unsigned char *data;
	unsigned int entries;	/* a power of two */
	uint32_t bytes, stride;
	unsigned long put;	/* in all, so far */
	uint64_t sum;
	bool stop;
	struct bench_pair pair;
	/* The other CPU's: in another cache line */
	unsigned long got __attribute__((aligned(64)));
};

/* As many slots, of the same distance, as kring has records in its ring */
static void slots_init(struct queue *q, uint32_t bytes)
{
	q->bytes = bytes;
	q->stride = KRING_RECORD_BYTES((uint64_t)bytes);
	for (q->entries = QUEUE_ENTRIES_MAX; q->entries * q->stride > BENCH_RING_SIZE; )
		q->entries /= 2;
	q->data = mmap(NULL, BENCH_RING_SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (q->data == MAP_FAILED)
		err(1, "mmap of %u bytes", BENCH_RING_SIZE);
	queue_init(q->entries);
}

static inline __attribute__((always_inline))
void put_sized(struct queue *q, unsigned long n, uint32_t bytes)
{
	const uint32_t stride = KRING_RECORD_BYTES((uint64_t)bytes);

	for (; n; n--) {
		void *slot = q->data + (q->put & (q->entries - 1)) * stride;

		bench_fill(slot, n, bytes);
		while (!queue_put(slot))
			bench_relax();
		q->put++;
	}
}

static void put(void *ctx, unsigned long n)
{
	struct queue *q = ctx;

	BENCH_SIZES(put_sized, q, n, q->bytes);
}

static void get(void *ctx, unsigned long n)
{
	struct queue *q = ctx;
	void *slots[QUEUE_BURST];
	unsigned int i, got;
	uint64_t sum = 0;

	while (n) {
		got = queue_get(slots, n < QUEUE_BURST ? n : QUEUE_BURST);
		for (i = 0; i < got; i++)
			sum += *(uint64_t *)slots[i];
		n -= got;
	}
	q->sum += sum;
}

/* The ring never overwrites: it is emptied before, not in the time that counts */
static void empty(void *ctx, unsigned long n)
{
	struct queue *q = ctx;

	(void)n;
	get(q, q->put - q->got);
	q->got = q->put;
}

static double produce(uint32_t bytes, long arg)
{
	struct queue q = { 0 };
	struct bench_batch batch = { .prepare = empty, .run = put, .ctx = &q };
	double ns;

	(void)arg;
	slots_init(&q, bytes);
	batch.most = q.entries / 2;
	ns = bench_best(&batch);
	munmap(q.data, BENCH_RING_SIZE);
	return ns;
}

/* Each has slots of its own, half of them: what they share is the ring */
static inline __attribute__((always_inline))
void share_sized(struct queue *q, unsigned long n, uint32_t bytes, unsigned int who)
{
	const uint32_t stride = KRING_RECORD_BYTES((uint64_t)bytes);
	unsigned int half = q->entries / 2;
	unsigned char *slots = q->data + who * half * stride;

	for (; n; n--) {
		void *slot = slots + (n & (half - 1)) * stride;

		bench_fill(slot, n, bytes);
		while (!queue_put_shared(slot))
			bench_relax();
	}
}

#define SHARE_SIZED(q, n, bytes)	share_sized(q, n, bytes, who)

static void share(void *ctx, unsigned long n, unsigned int who)
{
	BENCH_SIZES(SHARE_SIZED, ctx, n, ((struct queue *)ctx)->bytes);
}

static void share_alone(void *ctx, unsigned long n)
{
	share(ctx, n, 0);
}

static void share_both(void *ctx, unsigned long n)
{
	bench_pair_run(&((struct queue *)ctx)->pair, n);
}

static void empty_all(void *ctx, unsigned long n)
{
	void *slots[QUEUE_BURST];

	(void)ctx;
	(void)n;
	while (queue_get(slots, QUEUE_BURST))
		;
}

/* As kring's cases of that name: time per record of all producers together */
static double produce_global(uint32_t bytes, long nr)
{
	struct queue q = { .pair = { .run = share, .ctx = &q } };
	struct bench_batch batch = {
		.prepare = empty_all, .run = nr == 1 ? share_alone : share_both, .ctx = &q,
	};
	double ns = -1;

	slots_init(&q, bytes);
	batch.most = q.entries / 2;
	if (nr == 1 || bench_pair_start(&q.pair)) {
		ns = bench_best(&batch);
		if (nr > 1)
			bench_pair_stop(&q.pair);
	}
	munmap(q.data, BENCH_RING_SIZE);
	return ns;
}

static void put_elsewhere(void *ctx, unsigned long n)
{
	bench_pin(1);
	put(ctx, n);
	bench_pin(0);
}

static double consume(uint32_t bytes, long elsewhere)
{
	struct queue q = { 0 };
	struct bench_batch batch = {
		.prepare = elsewhere ? put_elsewhere : put, .run = get, .ctx = &q,
	};
	double ns;

	if (elsewhere && (!bench_pin(1) || !bench_pin(0)))
		return bench_none("needs two CPUs");
	slots_init(&q, bytes);
	batch.most = q.entries / 2;
	ns = bench_best(&batch);
	munmap(q.data, BENCH_RING_SIZE);
	return ns;
}

static void *get_all(void *arg)
{
	struct queue *q = arg;
	void *slots[QUEUE_BURST];
	unsigned int i, got;

	bench_pin(1);
	while (!__atomic_load_n(&q->stop, __ATOMIC_RELAXED)) {
		got = queue_get(slots, QUEUE_BURST);
		for (i = 0; i < got; i++)
			q->sum += *(uint64_t *)slots[i];
		if (got < QUEUE_BURST)
			bench_idle(BENCH_FLOW_TICKS);
		if (got)
			__atomic_store_n(&q->got, q->got + got, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* A slot is written again only when its last pointer was taken: half stay out of the ring */
static unsigned long flow(void *ctx)
{
	struct queue *q = ctx;
	unsigned long left = BENCH_FLOW_RECORDS, part;

	for (; left; left -= part) {
		part = left < q->entries / 4 ? left : q->entries / 4;
		while (q->put + part - __atomic_load_n(&q->got, __ATOMIC_ACQUIRE) > q->entries / 2)
			bench_relax();
		put(q, part);
	}
	while (__atomic_load_n(&q->got, __ATOMIC_ACQUIRE) != q->put)
		bench_relax();
	return BENCH_FLOW_RECORDS;
}

static double end_to_end(uint32_t bytes, long arg)
{
	struct queue q = { 0 };
	pthread_t thread;
	double rate;

	(void)arg;
	if (!bench_pin(1) || !bench_pin(0))
		return bench_none("needs two CPUs");
	slots_init(&q, bytes);
	pthread_create(&thread, NULL, get_all, &q);
	rate = bench_flow(flow, &q);
	__atomic_store_n(&q.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	munmap(q.data, BENCH_RING_SIZE);
	return rate;
}

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce },
	{ "produce-global-1", .sample = produce_global, .arg = 1 },
	{ "produce-global-2", .sample = produce_global, .arg = 2 },
	{ "consume", .sample = consume, .arg = false },
	{ "consume-remote", .sample = consume, .arg = true },
	{ "end-to-end", "M/s", .sample = end_to_end },
	{ NULL }
};

#endif /* TESTS_BENCH_QUEUE_H */
