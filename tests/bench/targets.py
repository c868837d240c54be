# SPDX-License-Identifier: GPL-2.0
"""What must be reached: ratios of two samples, and what they may be at most or must be at least."""

import collections

from samples import Key

Target = collections.namedtuple("Target", "name text numerator denominator most least main")

SIZES = (64, 8, 256, 1024)


def at_most(most, name, text, where, ours, theirs, sizes=(64,), main=True, other=None):
    return [_target(name, text, where, ours, theirs, size, most, None, main, other) for size in sizes]


def at_least(least, name, text, where, ours, theirs, sizes=(64,), main=True, other=None):
    return [_target(name, text, where, ours, theirs, size, None, least, main, other) for size in sizes]


def _target(name, text, where, ours, theirs, size, most, least, main, other):
    """The name is the target's own for its main row; others say where and for how many bytes."""
    main = main and size == 64
    full = name if main else f"{name}/{where}/{size}"
    return Target(full, text, Key(where, *ours, size), Key(other or where, *theirs, size), most, least, main)


def targets():
    rows = []

    text = "at most 1/3 of the ftrace ring buffer's cost, the same clock"
    rows += at_most(1 / 3, "producer-vs-ftrace", text, "uml", ("kring", "produce-clock-local"),
                    ("ftrace", "produce"), SIZES)
    rows += at_most(1 / 3, "producer-vs-ftrace", text, "qemu", ("kring", "produce-clock-local"),
                    ("ftrace", "produce"), SIZES, False)

    text = "at most 1/3 of BPF ringbuf's cost, no clock"
    rows += at_most(1 / 3, "producer-vs-bpf", text, "native", ("kring", "produce"), ("bpf", "produce"), SIZES)
    rows += at_most(1 / 3, "producer-vs-bpf", text, "qemu", ("kring", "produce"), ("bpf", "produce"), SIZES, False)
    # kring.ko in user-mode Linux and BPF in the machine's kernel: both at the machine's speed
    rows += at_most(1 / 3, "producer-vs-bpf", text, "uml", ("kring", "produce"), ("bpf", "produce"), SIZES, False,
                    "native")

    text = "at most 1/5 of the perf buffer's cost"
    rows += at_most(1 / 5, "producer-vs-perf", text, "native", ("kring", "produce"), ("perf", "produce"), SIZES)
    rows += at_most(1 / 5, "producer-vs-perf", text, "qemu", ("kring", "produce"), ("perf", "produce"), SIZES, False)

    # The best setting of both is the cheapest clock that both can have
    text = ("at most 1/3 of LTTng's cost, each at its best setting with the same clock on both sides: the CPU's time "
            "stamp counter")
    rows += at_most(1 / 3, "producer-vs-lttng", text, "native", ("kring", "produce-clock-counter"),
                    ("lttng-ust", "produce-clock-counter"), SIZES)
    text = "at most 1/3 of LTTng's cost, with LTTng's default clock on both sides: CLOCK_MONOTONIC"
    rows += at_most(1 / 3, "producer-vs-lttng-mono", text, "native", ("kring", "produce-clock-mono"),
                    ("lttng-ust", "produce"), SIZES)
    rows += at_most(1 / 3, "producer-vs-lttng-default", text + ", and LTTng's other defaults", "native",
                    ("kring", "produce-clock-mono"), ("lttng-ust", "produce-default"), main=False)
    rows += at_most(1 / 3, "producer-vs-lttng", "at most 1/3 of LTTng's cost, both with CLOCK_MONOTONIC", "qemu",
                    ("kring", "produce-clock-mono"), ("lttng", "produce"), SIZES, False)

    text = "at most 3 times a memcpy of the same bytes into the same ring, no clock"
    for where, main in (("native", True), ("uml", False)):
        rows += at_most(3, "producer-vs-memcpy", text, where, ("kring", "produce"), ("memcpy", "produce"), SIZES, main)

    text = "16 observers at rest add at most 2 %"
    reading = "16 observers reading on the other core add at most 10 %"
    for where, base in (("native", "produce"), ("uml", "produce-observers-0")):
        rows += at_most(1.02, "observers-free", text, where, ("kring", "produce-observers-16"),
                        ("kring", base), main=where == "native")
        rows += at_most(1.10, "observers-free-reading", reading, where, ("kring", "produce-observers-16-reading"),
                        ("kring", base), main=where == "native")

    text = "at most 1/3 of libbpf's ring_buffer__consume per record, unmerged, "
    rows += at_most(1 / 3, "holder-zero-copy", text + "as they lie: ring_next_raw()", "native",
                    ("kring", "consume-holder-raw"), ("bpf", "consume"))
    rows += at_most(1 / 3, "holder-zero-copy-batch", text + "a struct ring_record for each: ring_peek()", "native",
                    ("kring", "consume-holder"), ("bpf", "consume"))
    rows += at_most(1 / 3, "holder-zero-copy-remote", text + "as they lie, written by the other CPU", "native",
                    ("kring", "consume-holder-raw-remote"), ("bpf", "consume-remote"))
    text = "merged over 2 rings, at most libbpf's unmerged"
    rows += at_most(1, "holder-zero-copy-merged", text, "native", ("kring", "consume-merged"), ("bpf", "consume"))

    text = "at least 4 times BPF ringbuf with libbpf at sampled notification, nothing lost"
    rows += at_least(4, "end-to-end", text, "native", ("kring", "end-to-end"), ("bpf", "end-to-end"), SIZES)
    rows += at_least(4, "end-to-end", text + "; kernel to program", "uml", ("kring", "end-to-end"),
                     ("bpf", "end-to-end"), main=False, other="native")
    rows += at_least(4, "end-to-end", text, "qemu", ("kring", "end-to-end"), ("bpf", "end-to-end"), main=False)
    rows += at_least(4, "end-to-end-busy", "the same, both readers spinning", "native", ("kring", "end-to-end-busy"),
                     ("bpf", "end-to-end-busy"))

    text = "2 producers on one ring: at least 60 % of one producer's throughput"
    for where, main in (("native", True), ("uml", False)):
        rows += at_least(0.6, "global-contended", text, where, ("kring", "produce-global-1"),
                         ("kring", "produce-global-2"), main=main)

    # What two get out of any one position that both move: a fetch-and-add and a copy are the least of it
    for who in ("memcpy", "ck", "rte", "bpf"):
        rows += at_least(0.6, f"global-contended-{who}", "the same of others", "native", (who, "produce-global-1"),
                         (who, "produce-global-2"), main=False)

    text = "a sleeping consumer that keeps up adds at most 50 %"
    for where in ("uml", "qemu"):
        rows += at_most(1.5, "awake-cost", text, where, ("kring", "produce-awake"), ("kring", "produce-observers-0"),
                        main=where == "uml")

    rows += at_most(2, "latency-spin-p50", "p50 at most 2 times a bare cache-line ping-pong's p50", "native",
                    ("kring", "latency-spin-p50"), ("pingpong", "latency-spin-p50"))
    rows += at_most(4, "latency-spin-p99", "p99 at most 4 times a bare cache-line ping-pong's p50", "native",
                    ("kring", "latency-spin-p99"), ("pingpong", "latency-spin-p50"))
    rows += at_most(4, "latency-spin-p99-alike", "p99 at most 4 times the ping-pong's p99", "native",
                    ("kring", "latency-spin-p99"), ("pingpong", "latency-spin-p99"), main=False)
    rows += at_most(1.2, "latency-sleep-p50", "asleep: no worse than 1.2 times an eventfd's", "native",
                    ("kring", "latency-sleep-p50"), ("eventfd", "latency-sleep-p50"))
    return rows
