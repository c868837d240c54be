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
	uint64_t pos;
	uint32_t bytes;
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

static double produce(uint32_t bytes, long arg)
{
	size_t size = BENCH_RING_SIZE + 2 * BENCH_BYTES_MAX;
	struct copier c = { .bytes = bytes };
	const struct bench_batch batch = { .run = run, .ctx = &c };
	double ns;

	(void)arg;
	c.data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c.data == MAP_FAILED)
		err(1, "mmap of %zu bytes", size);
	run(&c, 2 * BENCH_RING_SIZE / KRING_RECORD_BYTES((uint64_t)bytes));
	ns = bench_best(&batch);
	munmap(c.data, size);
	return ns;
}

const struct bench_case bench_cases[] = {
	{ "produce", .sample = produce },
	{ NULL }
};
