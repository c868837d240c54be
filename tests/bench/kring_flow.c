// SPDX-License-Identifier: GPL-2.0
/*
 * End to end: a producer on one CPU, a holder on the other, and nothing lost. The
 * holder sleeps until its watermark is reached, or looks all the time
 */
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "kring.h"

#define BATCH		128
#define WATERMARK	(BENCH_RING_SIZE / 8)	/* ring_wait()'s, if nobody says another */

struct flow {
	struct fixture_channel ch;
	struct reader reader;
	u32 bytes;
	bool busy, stop;
	int event;
	/* The other CPU's: in another cache line */
	unsigned long taken __attribute__((aligned(64)));
	unsigned long lost;
	u64 sum;
};

static void *hold(void *arg)
{
	struct flow *f = arg;
	const struct ring_record *records;
	unsigned long taken = 0;
	int i, n;

	bench_pin(1);
	while (!READ_ONCE(f->stop)) {
		n = ring_peek(f->reader.ring, &records, BATCH);
		if (n < BATCH && f->busy)
			bench_idle(BENCH_FLOW_TICKS);
		if (n == 0 && !f->busy)
			reader_sleep(&f->reader, &f->ch, f->event, WATERMARK);
		if (n <= 0)
			continue;
		for (i = 0; i < n; i++) {
			if (records[i].kind == RING_EVENT)
				f->sum += *(const u64 *)records[i].data;
			else
				f->lost += records[i].overwritten + records[i].refused;
		}
		ring_advance(f->reader.ring, n);
		taken += n;
		smp_store_release(&f->taken, taken);
	}
	return NULL;
}

static inline __attribute__((always_inline))
void flow_sized(struct flow *f, unsigned long n, u32 bytes)
{
	const u64 total = KRING_RECORD_BYTES((u64)bytes);
	struct kring_ring *ring = &f->ch.rings[0].ring;
	u64 room = ring->meta->head;
	struct kring_slot slot;
	unsigned long i;

	for (i = 0; i < n; i++) {
		/* Lossless means that the producer waits */
		while (ring->meta->head + total > room) {
			room = READ_ONCE(*ring->holds[0]) + ring->size - total;
			bench_relax();
		}
		bench_fill(kring_ring_reserve(ring, &slot, KRING_BENCH_TYPE, bytes, 0), i, bytes);
		if (kring_ring_commit(&slot, false))
			reader_wake(f->event);
	}
}

static unsigned long flow(void *ctx)
{
	struct flow *f = ctx;
	unsigned long goal = smp_load_acquire(&f->taken) + BENCH_FLOW_RECORDS;

	BENCH_SIZES(flow_sized, f, BENCH_FLOW_RECORDS, f->bytes);
	/* The rest, for which the latency's timer would wake: it counts too */
	reader_wake(f->event);
	while (smp_load_acquire(&f->taken) < goal)
		bench_relax();
	if (f->lost || smp_load_acquire(&f->taken) != goal) {
		bench_none("%lu records were lost", f->lost);
		return 0;
	}
	return BENCH_FLOW_RECORDS;
}

double end_to_end(u32 bytes, long how)
{
	struct ring_opts opts = { .flags = RING_HOLD, .order = RING_ORDER_RING };
	struct flow f = { .bytes = bytes, .busy = how & FLOW_BUSY };
	pthread_t thread;
	double rate;

	if (!bench_pin(1) || !bench_pin(0))
		return bench_none("needs two CPUs");
	channel_init(&f.ch, 1, how & FLOW_CLOCK ? KRING_CLOCK_MONOTONIC : KRING_CLOCK_NONE);
	f.event = eventfd(0, 0);
	reader_open(&f.reader, &f.ch, &opts);
	reader_hold(&f.reader, &f.ch, 0);
	pthread_create(&thread, NULL, hold, &f);
	rate = bench_flow(flow, &f);
	WRITE_ONCE(f.stop, true);
	reader_wake(f.event);
	pthread_join(thread, NULL);
	close(f.event);
	reader_close(&f.reader);
	fixture_channel_free(&f.ch);
	return rate;
}
