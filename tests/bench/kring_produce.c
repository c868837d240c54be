// SPDX-License-Identifier: GPL-2.0
/* What a record costs its producer: reserve, fill, commit; always with something to evict */
#include <pthread.h>
#include <unistd.h>
#include "kring.h"

#define OBSERVERS_MAX	16
#define PACE_NS		1000000		/* their pace: in that time, */
#define PACE_RECORDS	1000		/* so many at most, as in the guests */

struct producer {
	struct fixture_channel ch;
	struct kring_ring *ring;
	u32 bytes;
	struct kring_ring *other;	/* the second producer's, on the other CPU */
	struct bench_pair pair;
	bool stop;
	u64 held;			/* a holder's cursor */
	unsigned long seen, seen_before;	/* records, by observers */
	double pace;			/* records that they are to read in a ns */
	u64 when;			/* seen_before was taken */
	bool flat_out;
};

static inline __attribute__((always_inline))
void produce_sized(struct kring_ring *ring, unsigned long n, u32 bytes)
{
	for (; n; n--)
		while (!produce_one(ring, n, bytes))
			bench_relax();
}

static void run(void *ctx, unsigned long n)
{
	struct producer *p = ctx;

	BENCH_SIZES(produce_sized, p->ring, n, p->bytes);
}

static void producer_init(struct producer *p, u32 nr, u32 clock, u32 bytes)
{
	channel_init(&p->ch, nr, clock);
	p->ring = &p->ch.rings[0].ring;
	p->bytes = bytes;
	/* Twice around: all pages are there, and there is something to evict */
	run(p, 2 * BENCH_RING_SIZE / record_bytes(bytes));
}

static double producer_best(struct producer *p)
{
	const struct bench_batch batch = { .run = run, .ctx = p };

	return bench_best(&batch);
}

double produce(u32 bytes, long clock)
{
	struct producer p = { 0 };
	double ns;

	producer_init(&p, 1, clock, bytes);
	ns = producer_best(&p);
	fixture_channel_free(&p.ch);
	return ns;
}

/* At rest: they are there, and do not look */
double produce_observers(u32 bytes, long nr)
{
	struct ring_opts opts = { .order = RING_ORDER_RING };
	struct reader readers[OBSERVERS_MAX];
	struct producer p = { 0 };
	double ns;
	long i;

	producer_init(&p, 1, KRING_CLOCK_NONE, bytes);
	for (i = 0; i < nr; i++)
		reader_open(&readers[i], &p.ch, &opts);
	ns = producer_best(&p);
	for (i = 0; i < nr; i++)
		reader_close(&readers[i]);
	fixture_channel_free(&p.ch);
	return ns;
}

struct observer {
	struct producer *producer;
	struct reader reader;
	pthread_t thread;
};

/* At a pace, or as fast as it can. What it is too slow for is lost to it alone */
static void *observe(void *arg)
{
	struct observer *o = arg;
	const struct ring_record *records;
	long left = 0;
	int n;

	bench_pin(1);
	while (!READ_ONCE(o->producer->stop)) {
		n = left > 0 ? ring_peek(o->reader.ring, &records, 128) : 0;
		if (n <= 0) {
			left = PACE_RECORDS;
			if (!o->producer->flat_out)
				usleep(PACE_NS / 1000);
			continue;
		}
		left -= n;
		ring_advance(o->reader.ring, n);
		uatomic_add(&o->producer->seen, n);
	}
	return NULL;
}

/* They were there, and read nearly as much as they are to */
static bool were_read(void *ctx, unsigned long n)
{
	struct producer *p = ctx;
	unsigned long seen = READ_ONCE(p->seen), news = seen - p->seen_before;
	u64 now = bench_now(), ns = now - p->when;

	p->seen_before = seen;
	p->when = now;
	return p->flat_out ? news > n / 8 : news > 0.75 * p->pace * ns;
}

static double observed(u32 bytes, long nr, bool flat_out)
{
	static struct observer observers[OBSERVERS_MAX];
	struct ring_opts opts = { .order = RING_ORDER_RING };
	struct producer p = { 0 };
	const struct bench_batch batch = { .run = run, .counts = were_read, .ctx = &p };
	double ns;
	long i;

	if (!bench_pin(1) || !bench_pin(0))
		return bench_none("needs two CPUs");
	producer_init(&p, 1, KRING_CLOCK_NONE, bytes);
	p.flat_out = flat_out;
	p.pace = (double)nr * PACE_RECORDS / PACE_NS;
	for (i = 0; i < nr; i++) {
		observers[i].producer = &p;
		reader_open(&observers[i].reader, &p.ch, &opts);
		pthread_create(&observers[i].thread, NULL, observe, &observers[i]);
	}
	ns = bench_best(&batch);
	WRITE_ONCE(p.stop, true);
	for (i = 0; i < nr; i++) {
		pthread_join(observers[i].thread, NULL);
		reader_close(&observers[i].reader);
	}
	fixture_channel_free(&p.ch);
	return ns;
}

double produce_observers_reading(u32 bytes, long nr)
{
	return observed(bytes, nr, false);
}

double produce_observers_flat_out(u32 bytes, long nr)
{
	return observed(bytes, nr, true);
}

/* All have read all */
static void release(void *ctx, unsigned long n)
{
	struct producer *p = ctx;

	(void)n;
	p->held = p->ring->meta->head;
}

/* Holders that keep up: each is looked at when room is made, none is in the way */
double produce_holders(u32 bytes, long nr)
{
	struct producer p = { 0 };
	struct bench_batch batch = {
		.prepare = release, .run = run, .ctx = &p, .most = records_that_fit(bytes),
	};
	u64 cursors[KRING_HOLDS_MAX][KRING_CURSOR_STRIDE / sizeof(u64)];
	double ns;
	long i;

	producer_init(&p, 1, KRING_CLOCK_NONE, bytes);
	for (i = 0; i < nr; i++) {
		cursors[i][0] = ~0ULL;
		p.ring->holds[i] = cursors[i];
	}
	release(&p, 0);
	p.ring->holds[0] = &p.held;
	ns = bench_best(&batch);
	fixture_channel_free(&p.ch);
	return ns;
}

static inline __attribute__((always_inline))
void refuse_sized(struct kring_ring *ring, unsigned long n, u32 bytes)
{
	for (; n; n--)
		produce_one(ring, n, bytes);
}

static void run_refused(void *ctx, unsigned long n)
{
	struct producer *p = ctx;

	BENCH_SIZES(refuse_sized, p->ring, n, p->bytes);
}

/* A holder that has stopped reading: the ring is full, what comes is refused and counted */
double produce_refused(u32 bytes, long arg)
{
	struct producer p = { 0 };
	const struct bench_batch batch = { .run = run_refused, .ctx = &p };
	double ns;

	(void)arg;
	producer_init(&p, 1, KRING_CLOCK_NONE, bytes);
	p.held = p.ring->meta->tail;
	p.ring->holds[0] = &p.held;
	ns = bench_best(&batch);
	fixture_channel_free(&p.ch);
	return ns;
}

static void run_one_of_two(void *ctx, unsigned long n, unsigned int who)
{
	struct producer *p = ctx;

	BENCH_SIZES(produce_sized, who ? p->other : p->ring, n, p->bytes);
}

static void run_both(void *ctx, unsigned long n)
{
	struct producer *p = ctx;

	bench_pair_run(&p->pair, n);
}

/* Wall-clock time per record of all together */
static double producers_best(u32 bytes, long nr, bool global)
{
	struct producer p = { .pair = { .run = run_one_of_two, .ctx = &p } };
	const struct bench_batch batch = { .run = nr == 1 ? run : run_both, .ctx = &p };
	double ns;

	producer_init(&p, global ? 0 : nr, KRING_CLOCK_NONE, bytes);
	p.other = &p.ch.rings[p.ch.nr - 1].ring;
	if (nr == 1 || bench_pair_start(&p.pair)) {
		ns = bench_best(&batch);
		if (nr > 1)
			bench_pair_stop(&p.pair);
	} else {
		ns = -1;
	}
	fixture_channel_free(&p.ch);
	return ns;
}

double produce_shared(u32 bytes, long nr)
{
	return producers_best(bytes, nr, true);
}

double produce_percpu(u32 bytes, long nr)
{
	return producers_best(bytes, nr, false);
}
