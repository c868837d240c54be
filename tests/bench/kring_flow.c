// SPDX-License-Identifier: GPL-2.0
/* End to end: a producer on one CPU, a holder on the other, and nothing lost */
#include <pthread.h>
#include "kring.h"

#define BATCH	128

struct flow {
	struct fixture_channel ch;
	struct reader reader;
	u32 bytes;
	bool stop;
	unsigned long taken, lost;
	u64 sum;
};

static void *hold(void *arg)
{
	struct flow *f = arg;
	const struct ring_record *records;
	unsigned long taken = 0;
	int i, n = BATCH;

	bench_pin(1);
	while (!READ_ONCE(f->stop)) {
		if (n < BATCH)
			bench_idle(BENCH_FLOW_TICKS);
		n = ring_peek(f->reader.ring, &records, BATCH);
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
void flow_sized(struct kring_ring *ring, unsigned long n, u32 bytes)
{
	u64 room = ring->meta->head;
	unsigned long i;

	for (i = 0; i < n; i++) {
		/* Lossless means that the producer waits */
		while (ring->meta->head + KRING_RECORD_BYTES((u64)bytes) > room) {
			room = READ_ONCE(*ring->holds[0]) + ring->size -
			       KRING_RECORD_BYTES((u64)bytes);
			bench_relax();
		}
		produce_one(ring, i, bytes);
	}
}

static unsigned long flow(void *ctx)
{
	struct flow *f = ctx;
	struct kring_ring *ring = &f->ch.rings[0].ring;
	unsigned long goal = smp_load_acquire(&f->taken) + BENCH_FLOW_RECORDS;

	BENCH_SIZES(flow_sized, ring, BENCH_FLOW_RECORDS, f->bytes);
	while (smp_load_acquire(&f->taken) < goal)
		bench_relax();
	if (f->lost || smp_load_acquire(&f->taken) != goal) {
		bench_none("%lu records were lost", f->lost);
		return 0;
	}
	return BENCH_FLOW_RECORDS;
}

double end_to_end(u32 bytes, long clock)
{
	struct ring_opts opts = { .flags = RING_HOLD, .order = RING_ORDER_RING };
	struct flow f = { .bytes = bytes };
	pthread_t thread;
	double rate;

	if (!bench_pin(1) || !bench_pin(0))
		return bench_none("needs two CPUs");
	channel_init(&f.ch, 1, clock);
	reader_open(&f.reader, &f.ch, &opts);
	reader_hold(&f.reader, &f.ch, 0);
	pthread_create(&thread, NULL, hold, &f);
	rate = bench_flow(flow, &f);
	WRITE_ONCE(f.stop, true);
	pthread_join(thread, NULL);
	reader_close(&f.reader);
	fixture_channel_free(&f.ch);
	return rate;
}
