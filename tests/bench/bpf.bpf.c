// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF ring buffer's producer, in the kernel and under its JIT: programs that
 * are run by a system call and time themselves.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

struct state {
	__u64 flags, every, count, failed;
};

/* Reserve, fill, submit; the size is a constant, or the verifier would not have it */
static __always_inline int report(struct state *s, const int bytes)
{
	__u64 flags = s->flags;
	__u64 *to = bpf_ringbuf_reserve(&ring, bytes, 0);
	int i;

	if (!to) {
		s->failed++;
		return 1;
	}
#pragma unroll
	for (i = 0; i < bytes / 8; i++)
		to[i] = 0;
	to[0] = ++s->count;
	if (s->every && s->count % s->every == 0)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(to, flags);
	return 0;
}

#define PRODUCE(bytes)							\
static long report_##bytes(__u32 i, struct state *s)			\
{									\
	return report(s, bytes) || report(s, bytes) ||			\
	       report(s, bytes) || report(s, bytes);			\
}									\
									\
SEC("syscall") int produce_##bytes(struct bpf_run *run)			\
{									\
	struct state s = { .flags = run->flags, .every = run->every };	\
	__u64 start = bpf_ktime_get_ns();				\
									\
	bpf_loop(run->n / BPF_UNROLL, report_##bytes, &s, 0);		\
	run->ns = bpf_ktime_get_ns() - start;				\
	run->failed = s.failed;						\
	run->n = s.count;						\
	return 0;							\
}

PRODUCE(8)
PRODUCE(64)
PRODUCE(256)
PRODUCE(1024)

/* The loop alone */
static long nothing(__u32 i, struct state *s)
{
	s->count += BPF_UNROLL;
	return 0;
}

SEC("syscall") int loop(struct bpf_run *run)
{
	struct state s = {};
	__u64 start = bpf_ktime_get_ns();

	bpf_loop(run->n / BPF_UNROLL, nothing, &s, 0);
	run->ns = bpf_ktime_get_ns() - start;
	run->n = s.count;
	return 0;
}
