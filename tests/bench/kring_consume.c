// SPDX-License-Identifier: GPL-2.0
/* What a record costs its consumer: libring, of rings that were filled before */
#include <err.h>
#include <errno.h>
#include "kring.h"

#define BATCH	128

struct consumer {
	struct fixture_channel ch;
	struct reader reader;
	u32 bytes;
	long how;
	u64 sum;
	unsigned long taken;
};

static inline __attribute__((always_inline))
void fill_sized(struct consumer *c, unsigned long n, u32 bytes)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		if (!produce_one(&c->ch.rings[i % c->ch.nr].ring, i, bytes))
			errx(1, "no room for record %lu of %lu", i, n);
}

static void fill(void *ctx, unsigned long n)
{
	struct consumer *c = ctx;

	if (c->how & CONSUME_REMOTE)
		bench_pin(1);
	BENCH_SIZES(fill_sized, c, n, c->bytes);
	if (c->how & CONSUME_REMOTE)
		bench_pin(0);
}

static inline void take(struct consumer *c, const struct ring_record *record)
{
	c->sum += *(const u64 *)record->data;
	c->taken++;
}

static int take_one(const struct ring_record *record, void *ctx)
{
	take(ctx, record);
	return 0;
}

/* All that lies there in one piece. Returns as ring_next() */
static int take_raw(struct consumer *c)
{
	const struct kring_record *at;
	struct ring_record record;
	struct ring_raw raw;
	u64 sum = 0;
	int ret = ring_next_raw(c->reader.ring, &raw);

	if (ret == -ENOMSG) {
		ret = ring_next(c->reader.ring, &record);
		if (ret == 1)
			take(c, &record);
	} else if (ret == 1) {
		while ((at = ring_raw_step(&raw)))
			sum += *(const u64 *)(at + 1);
		c->sum += sum;
		c->taken += raw.nr;
	}
	return ret;
}

static void run(void *ctx, unsigned long n)
{
	struct consumer *c = ctx;
	struct ring *ring = c->reader.ring;
	const struct ring_record *records;
	struct ring_record record;
	int i, got = 1;

	for (c->taken = 0; c->taken < n && got > 0; ) {
		if (c->how & CONSUME_NEXT) {
			got = ring_next(ring, &record);
			if (got > 0)
				take(c, &record);
		} else if (c->how & CONSUME_RAW) {
			got = take_raw(c);
		} else if (c->how & CONSUME_CALLBACK) {
			got = ring_consume(ring, take_one, c, 1 << 20);
		} else {
			u64 sum = 0;

			got = ring_peek(ring, &records, BATCH);
			for (i = 0; i < got; i++)
				sum += *(const u64 *)records[i].data;
			c->sum += sum;
			c->taken += got > 0 ? got : 0;
			if (got > 0)
				ring_advance(ring, got);
		}
	}
	/* What was handed out last is given back */
	ring_release(ring);
}

double consume(u32 bytes, long how)
{
	struct ring_opts opts = {
		.flags = how & CONSUME_OBSERVE ? 0 : RING_HOLD,
		.order = how & (CONSUME_MERGED | CONSUME_TIME) ? RING_ORDER_TIME : RING_ORDER_RING,
	};
	struct consumer c = { .bytes = bytes, .how = how };
	const struct bench_batch batch = {
		.prepare = fill, .run = run, .ctx = &c, .most = records_that_fit(bytes),
	};
	double ns;

	if (how & CONSUME_REMOTE && (!bench_pin(1) || !bench_pin(0)))
		return bench_none("needs two CPUs");
	channel_init(&c.ch, how & CONSUME_MERGED ? 2 : 1, how & (CONSUME_MERGED | CONSUME_TIME) ?
		     KRING_CLOCK_MONOTONIC : KRING_CLOCK_NONE);
	/* All pages are there */
	fill(&c, c.ch.nr * records_that_fit(bytes));
	reader_open(&c.reader, &c.ch, &opts);
	if (!(how & CONSUME_OBSERVE))
		reader_hold(&c.reader, &c.ch, 0);
	ns = bench_best(&batch);
	if (!c.taken)
		ns = bench_none("nothing came out of the ring");
	reader_close(&c.reader);
	fixture_channel_free(&c.ch);
	return ns;
}
