// SPDX-License-Identifier: GPL-2.0
/*
 * The perf buffer's producer: bpf_perf_event_output(), which takes what a program
 * has on its stack. A raw tracepoint's program, as others may not call it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} buffer SEC(".maps");

/* What to do, and what came of it */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bpf_run);
} order SEC(".maps");

/* A record of 1,024 bytes has no room on the stack of 512 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[128]);
} payload SEC(".maps");

struct state {
	void *ctx;
	__u64 *payload;
	__u64 count, failed;
};

static __always_inline long report(struct state *s, const int bytes)
{
	int i;

#pragma unroll
	for (i = 0; i < BPF_UNROLL; i++) {
		s->payload[0] = ++s->count;
		if (bpf_perf_event_output(s->ctx, &buffer, BPF_F_CURRENT_CPU, s->payload, bytes))
			s->failed++;
	}
	return 0;
}

#define PRODUCE(bytes)								\
static long report_##bytes(__u32 i, struct state *s)				\
{										\
	return report(s, bytes);						\
}										\
										\
SEC("raw_tp/sys_enter") int produce_##bytes(void *ctx)				\
{										\
	__u32 zero = 0;								\
	struct bpf_run *run = bpf_map_lookup_elem(&order, &zero);		\
	struct state s = { .ctx = ctx };					\
	__u64 start;								\
										\
	s.payload = bpf_map_lookup_elem(&payload, &zero);			\
	if (!run || !s.payload)							\
		return 0;							\
	start = bpf_ktime_get_ns();						\
	bpf_loop(run->n / BPF_UNROLL, report_##bytes, &s, 0);			\
	run->ns = bpf_ktime_get_ns() - start;					\
	run->failed = s.failed;							\
	run->n = s.count;							\
	return 0;								\
}

PRODUCE(8)
PRODUCE(64)
PRODUCE(256)
PRODUCE(1024)
