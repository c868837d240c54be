// SPDX-License-Identifier: GPL-2.0
/*
 * The limit: the same bytes copied into a ring of the same size, at the places
 * where kring would put them, and nothing else
 */
#include <err.h>
#include <linux/kring.h>
#include <sys/mman.h>
#include "bench.h"

struct copier {
	unsigned char *data;
	uint32_t bytes;
	struct bench_pair pair;
	/* In a line of its own */
	_Alignas(64) uint64_t pos;
};

static inline __attribute__((always_inline))
void copy_sized(struct copier *c, unsigned long n, uint32_t bytes)
{
	unsigned char *data = c->data;
	uint64_t pos = c->pos;

	for (; n; n--) {
		bench_fill(data + (pos & (BENCH_RING_SIZE - 1)) + sizeof(struct kring_record),
			   n, bytes);
		/* As a record is there for others once it is committed */
		asm volatile("" ::: "memory");
		pos += KRING_RECORD_BYTES((uint64_t)bytes);
	}
	c->pos = pos;
}

static void run(void *ctx, unsigned long n)
{
	struct copier *c = ctx;

	BENCH_SIZES(copy_sized, c, n, c->bytes);
}

/* One addition for a place, and no more: what a position that two take from each other costs */
static inline __attribute__((always_inline))
void share_sized(struct copier *c, unsigned long n, uint32_t bytes)
{
	const uint64_t total = KRING_RECORD_BYTES((uint64_t)bytes);
	uint64_t pos;

	for (; n; n--) {
		pos = __atomic_fetch_add(&c->pos, total, __ATOMIC_SEQ_CST);
		bench_fill(c->data + (pos & (BENCH_RING_SIZE - 1)) + sizeof(struct kring_record),
			   n, bytes);
	}
}

static void share(void *ctx, unsigned long n, unsigned int who)
{
	struct copier *c = ctx;

	(void)who;
	BENCH_SIZES(share_sized, c, n, c->bytes);
}

static void share_alone(void *ctx, unsigned long n)
{
	share(ctx, n, 0);
}

static void share_both(void *ctx, unsigned long n)
{
	bench_pair_run(&((struct copier *)ctx)->pair, n);
}

static double sample(uint32_t bytes, void (*fn)(void *ctx, unsigned long n))
{
	size_t size = BENCH_RING_SIZE + 2 * BENCH_BYTES_MAX;
	struct copier c = { .bytes = bytes, .pair = { .run = share, .ctx = &c } };
	const struct bench_batch batch = { .run = fn, .ctx = &c };
	double ns = -1;

	c.data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c.data == MAP_FAILED)
		err(1, "mmap of %zu bytes", size);
	run(&c, 2 * BENCH_RING_SIZE / KRING_RECORD_BYTES((uint64_t)bytes));
	if (fn != share_both || bench_pair_start(&c.pair)) {
		ns = bench_best(&batch);
		if (fn == share_both)
			bench_pair_stop(&c.pair);
	}
	munmap(c.data, size);
	return ns;
}

static double produce(uint32_t bytes, long arg)
{
	(void)arg;
	return sample(bytes, run);
}

static double produce_global(uint32_t bytes, long nr)
{
	return sample(bytes, nr == 1 ? share_alone : share_both);
}

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce },
	{ "produce-global-1", .sample = produce_global, .arg = 1 },
	{ "produce-global-2", .sample = produce_global, .arg = 2 },
	{ NULL }
};
