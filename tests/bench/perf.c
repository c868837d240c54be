// SPDX-License-Identifier: GPL-2.0
/*
 * The perf buffer of this machine's kernel, from bpf_perf_event_output() to
 * libbpf's reader
 */
#include <linux/perf_event.h>
#include "bpf_load.h"

#define PAGES		(BENCH_RING_SIZE / 4096)
#define OVERHEAD	24	/* bytes around each payload, at most */

struct buffer {
	struct bpf_object *object;
	struct perf_buffer *reader;
	int program, order;
	uint32_t bytes;
	unsigned long received;
	uint64_t sum;
};

struct sample {
	struct perf_event_header header;
	uint32_t size;
	unsigned char data[];
};

static enum bpf_perf_event_ret take(void *ctx, int cpu, struct perf_event_header *event)
{
	struct sample *sample = (void *)event;
	struct buffer *b = ctx;
	uint64_t word;

	(void)cpu;
	if (event->type == PERF_RECORD_SAMPLE) {
		memcpy(&word, sample->data, sizeof(word));
		b->sum += word;
		b->received++;
	}
	return LIBBPF_PERF_EVENT_CONT;
}

static bool buffer_init(struct buffer *b, uint32_t bytes, uint32_t wakeup)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = 1,
		.wakeup_events = wakeup,
	};
	char name[32];

	*b = (struct buffer) { .bytes = bytes };
	b->object = load("perf");
	if (!b->object)
		return false;
	snprintf(name, sizeof(name), "produce_%u", bytes);
	b->program = program(b->object, name);
	b->order = bpf_object__find_map_fd_by_name(b->object, "order");
	b->reader = perf_buffer__new_raw(bpf_object__find_map_fd_by_name(b->object, "buffer"),
					 PAGES, &attr, take, b, NULL);
	if (b->reader)
		return true;
	bench_none("no perf_buffer__new_raw(): %s", strerror(errno));
	bpf_object__close(b->object);
	return false;
}

static void buffer_free(struct buffer *b)
{
	perf_buffer__free(b->reader);
	bpf_object__close(b->object);
}

static unsigned long records_that_fit(uint32_t bytes)
{
	return BENCH_RING_SIZE / 8 * 7 / (bytes + OVERHEAD) / BPF_UNROLL * BPF_UNROLL;
}

static bool run_program(struct buffer *b, struct bpf_run *run)
{
	uint64_t args[6] = { 0 };
	uint32_t zero = 0;

	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	return !bpf_map_update_elem(b->order, &zero, run, BPF_ANY) &&
	       !bpf_prog_test_run_opts(b->program, &opts) &&
	       !bpf_map_lookup_elem(b->order, &zero, run) && run->n && !run->failed;
}

static double produce(uint32_t bytes, long wakeup)
{
	struct buffer b;
	/* Waking is slow enough to be timed over a few */
	unsigned long n = wakeup == 1 ? 512 : records_that_fit(bytes);
	double best = -1;
	int i;

	if (!buffer_init(&b, bytes, wakeup))
		return -1;
	for (i = 0; i < 40; i++) {
		struct bpf_run run = { .n = n };
		double ns;

		if (!run_program(&b, &run)) {
			best = bench_none("the BPF program did not run, or the buffer was full: %s",
					  strerror(errno));
			break;
		}
		perf_buffer__consume(b.reader);
		ns = (double)run.ns / run.n;
		/* The first rounds take the pages in */
		if (i > 2 && (best < 0 || ns < best))
			best = ns;
	}
	buffer_free(&b);
	return best;
}

static void fill(void *ctx, unsigned long n)
{
	struct bpf_run run = { .n = n };

	run_program(ctx, &run);
}

static void consume_all(void *ctx, unsigned long n)
{
	struct buffer *b = ctx;

	unsigned long before;

	b->received = 0;
	do {
		before = b->received;
		perf_buffer__consume(b->reader);
	} while (b->received < n && b->received != before);
}

static double consume(uint32_t bytes, long arg)
{
	struct buffer b;
	const struct bench_batch batch = {
		.prepare = fill, .run = consume_all, .ctx = &b, .most = records_that_fit(bytes),
	};
	struct bpf_run run = { .n = BPF_UNROLL };
	double ns;

	(void)arg;
	if (!buffer_init(&b, bytes, 1u << 30))
		return -1;
	if (run_program(&b, &run)) {
		perf_buffer__consume(b.reader);
		ns = bench_best(&batch);
	} else {
		ns = bench_none("the BPF program did not run: %s", strerror(errno));
	}
	buffer_free(&b);
	return ns;
}

const struct bench_case bench_cases[] = {
	/* Nobody is notified; with each 500th record; with each, libbpf's default */
	{ "produce", .sample = produce, .arg = 1 << 30 },
	{ "produce-sampled", .sample = produce, .arg = 500 },
	{ "produce-default", .sample = produce, .arg = 1 },
	{ "consume", .sample = consume },
	{ NULL }
};
