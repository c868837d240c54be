/* SPDX-License-Identifier: GPL-2.0 */
/* What the program in the kernel is told and answers */
#ifndef TESTS_BENCH_BPF_H
#define TESTS_BENCH_BPF_H

struct bpf_run {
	__u64 n;		/* records to report, a multiple of BPF_UNROLL */
	__u64 flags;		/* of bpf_ringbuf_submit() or bpf_perf_event_output() */
	__u64 every;		/* notify with each so many-th record, or 0 */
	__u64 ns;		/* answer: how long that took */
	__u64 failed;		/* answer: there was no room; it stopped there */
};

#define BPF_UNROLL	4	/* so that the loop itself is little of it */

#endif /* TESTS_BENCH_BPF_H */
