# SPDX-License-Identifier: GPL-2.0
"""report.md: the verdicts, the tables behind them, and how far the numbers can be trusted."""

from stats import MET, MISSED, NOT_MEASURED

SIZES = (8, 64, 256, 1024)
MARKS = {MET: "met", MISSED: "**missed**", NOT_MEASURED: "not measured"}
PLACES = {
    "native": "On the machine itself",
    "uml": "In user-mode Linux: kernel code at the machine's speed",
    "qemu": "In a stock kernel in QEMU, software emulation: numbers are only good beside each other",
}

# What "produce" and the like stand for: each contender's best setting, and its default
SETTINGS = (
    ("kring", "no clock: `produce`", "`produce-clock-mono`, a channel's default clock; 1 MiB, overwrites"),
    ("ftrace", "`produce`, overwrites, its local clock: modules cannot set another one", "the same"),
    ("bpf", "`produce`, nobody is notified; `produce-sampled`, each 500th record",
     "`produce-default`, the map decides; `produce-notify`, each record"),
    ("perf", "`produce`, nobody is notified; `produce-sampled`, each 500th record",
     "`produce-default`, libbpf's: each record"),
    ("lttng-ust", "`produce-clock-counter`, overwrites, the time stamp counter for a clock; `produce`, CLOCK_MONOTONIC",
     "`produce-default`, a daemon takes all to a file, CLOCK_MONOTONIC"),
    ("lttng", "`produce`, the client that overwrites", "`produce-drop`, the client that discards"),
    ("relay, relay_task",
     "`produce`, overwrites; relay switches interrupts off for each record, relay_task, `__relay_write()`, does not "
     "and is for tasks only", "`produce-drop`"),
    ("ck, rte", "one producer and one consumer", "the same"),
)


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def _bound(row):
    return f"at most {row['most']:.3g}" if row["most"] is not None else f"at least {row['least']:.3g}"


def _value(row):
    if row["value"] is None:
        return ""
    spread = f" ({row['low']:.3g} to {row['high']:.3g})" if row["paired"] else ""
    return f"{row['value']:.3g}{spread}"


HEAD = ["target", "where", "bytes", "ratio", "measured (quartiles)", "of the best", "verdict"]


def _row(row):
    return [row["name"], row["where"], str(row["bytes"]), _bound(row), _value(row),
            "" if row["best"] is None else f"{row['best']:.3g}", MARKS[row["verdict"]]]


def verdicts(data):
    """The table of targets, one line each"""
    return table(HEAD, [_row(row) for row in data["verdicts"] if row["main"]])


def _texts(data):
    """What each target asks for, in words"""
    return "".join(f"- **{row['name']}**: {row['target']}\n" for row in data["verdicts"] if row["main"])


def _sum(data):
    kinds = [row["verdict"] for row in data["verdicts"] if row["main"]]
    parts = [f"{kinds.count(kind)} {name}" for kind, name in ((MET, "met"), (MISSED, "missed"),
                                                              (NOT_MEASURED, "not measured")) if kind in kinds]
    text = f"Of {len(kinds)} targets: {', '.join(parts)}."
    if MISSED in kinds:
        text += " What was tried for those that were missed, and what their limit is: `Documentation/performance.md`."
    return text


def _cell(sample):
    if not sample:
        return ""
    if sample["n"] == 1:
        return number(sample["median"])
    return f"{number(sample['median'])} ({number(sample['min'])}, ±{100 * sample['noise'] / 2:.0f} %)"


def _by_size(found, where, keep):
    """A table of contenders and cases by size: median (minimum, half the interquartile range)"""
    tables = []
    # The kernel's own benchmark has a size of its own
    for known in (True, False):
        mine = [key for key in found if key[0] == where and keep(key[2]) and (key[3] in SIZES) == known]
        sizes = sorted({key[3] for key in mine})
        names = sorted({key[1:3] for key in mine}, key=lambda n: (n[1], n[0]))
        rows = []
        for who, case in names:
            cells = [found.get((where, who, case, size)) for size in sizes]
            rows.append([case, who, next(s["unit"] for s in cells if s)] + [_cell(s) for s in cells])
        if rows:
            tables.append(table(["case", "who", "unit"] + [f"{size:,} bytes" for size in sizes], rows))
    return "\n".join(tables)


PERCENTILES = (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"), ("max", "max"))


def _latencies(found, where, keep):
    kinds = sorted({(key[2].rsplit("-", 1)[0], key[1]) for key in found if key[0] == where and keep(key[2])})
    return table(["case", "who", "unit"] + [title for _, title in PERCENTILES],
                 [[kind, who, "ns"] + [_cell(found.get((where, who, f"{kind}-{part}", 64))) for part, _ in PERCENTILES]
                  for kind, who in kinds]) if kinds else ""


def _starts(*words):
    return lambda case: case.startswith(words)


BESIDE = ("produce-observers", "produce-holders", "produce-awake", "produce-busy")
SHARED = ("produce-percpu", "produce-global", "produce-clock-local-percpu")
# Of a case's sections the first one that has it takes it
SECTIONS = (
    ("Instructions per record", lambda case: case.endswith("-instructions"), _by_size, "instructions",
     "They do not depend on how busy a machine is, and say nothing of what a locked instruction or a cache miss costs. "
     "User space: callgrind's count. Kernel: a machine whose clock goes on by one with each instruction, one CPU."),
    ("The producer beside readers", _starts(*BESIDE), _by_size, "readers",
     "Natively readers are threads, or cursors, of the same process, and only batches count in which they were there; "
     "in the guests they are processes. `awake`: a reader that sleeps, is woken and keeps up; `busy`: one that never "
     "sleeps. In the guests these are means of blocks, so that what a wakeup costs is in them. User-mode Linux has no "
     "interrupt to its own CPU: there a wakeup comes with the next tick, a hundred a second, and costs as much less. "
     "The stock kernel's row has one whenever a reader's watermark is reached."),
    ("Several producers", _starts(*SHARED), _by_size, None,
     "Time per record of all of them together: two that do not disturb each other take half of one's."),
    ("The producer", _starts("produce"), _by_size, "producers",
     "Reserve, fill, commit. `drop`: nothing is overwritten, there is always room. `refused`: there is none."),
    ("The consumer", _starts("consume"), _by_size, "consumers",
     "Per record, of a ring that is full. `callback`: pushed to a function; otherwise taken in batches; `next`: one by "
     "one; `merged`: of two rings by time; `remote`: written by the other CPU."),
    ("End to end", _starts("end-to-end"), _by_size, "end-to-end",
     "One producer, one consumer, nothing lost; on two CPUs unless it says `one-cpu`. Natively the fastest pass of "
     "100,000 records. bpf: sampled notification; `busy`: its reader spins."),
    ("Latency from commit to the consumer's hands", _starts("latency"), _latencies, "latency",
     "`pingpong` is one cache line between two CPUs, `eventfd` a thread that it wakes: the limits. Two CPUs of a "
     "virtual machine are not always there at once; what is beyond p99 is that."),
    ("Set-up, wakeups, memory", lambda case: True, _by_size, None,
     "`wake`: what a wakeup adds to a commit, where it does (user-mode Linux does it at the next tick). `map`: open, "
     "map, ready to read. `attach`: the same with a hold. "
     "`memory`: of one ring of 1 MiB with all that belongs to it."),
)


def _sections(data, images):
    found = {(s["where"], s["who"], s["case"], s["bytes"]): s for s in data["samples"]}
    section_of = {key: next(i for i, section in enumerate(SECTIONS) if section[1](key[2])) for key in found}
    order = [3, 1, 2, 4, 5, 6, 7, 0]
    parts = []
    for i in order:
        title, _, layout, image, text = SECTIONS[i]
        mine = {key: s for key, s in found.items() if section_of[key] == i}
        tables = [f"{place}:\n\n{rows}" for where, place in PLACES.items()
                  if (rows := layout(mine, where, lambda case: True))]
        if not tables:
            continue
        picture = "".join(f"![{caption}]({name}.svg)\n\n" for name, caption in images if name == image)
        parts.append(f"### {title}\n\n{text}\n\n{picture}" + "\n".join(tables))
    return "\n".join(parts)


def _noise(data):
    noises = sorted(s["noise"] for s in data["samples"] if s["n"] > 1)
    if not noises:
        return "Each case was measured once: nothing is known of the noise.\n"
    worst = {}
    for s in data["samples"]:
        if s["n"] > 1 and s["noise"] > 0.3:
            worst.setdefault((s["where"], s["who"]), []).append(f"{s['case']} {s['bytes']}")
    text = (f"Half of the cases have an interquartile range of at most {100 * noises[len(noises) // 2]:.0f} % of "
            f"their median, nine in ten of at most {100 * noises[len(noises) * 9 // 10]:.0f} %. ")
    text += "Load average before and after: "
    text += f"{data['machine']['load before']}; {data['machine']['load after']}.\n"
    if worst:
        text += "\nOver 30 %:\n\n" + "".join(f"- {where} {who}: {', '.join(cases)}\n"
                                            for (where, who), cases in sorted(worst.items()))
    return text


# What the benchmark does not measure at all
NEVER = """- BPF in user-mode Linux: it has no BPF. kring there is judged beside BPF on the machine itself: the same
  CPU, another kernel.
- The kernel's module on the machine's own kernel: it need not have modules. kring natively is the ring of the module,
  built for user space.
- Instructions of BPF, perf and LTTng-UST natively: callgrind does not see the kernel, nor does it go with LTTng's
  session daemon. The kernel's are counted in QEMU.
- More than two producers at once, where there are two CPUs.
"""


def _missing(data):
    reasons = {}
    for none in data["none"]:
        reasons.setdefault((none["where"], none["who"], none["reason"]), []).append(f"{none['case']} {none['bytes']}")
    for row in data["verdicts"]:
        if row.get("reason"):
            reasons.setdefault((row["where"], "target", row["reason"]), []).append(row["name"])
    return NEVER + "".join(f"- {where} {who}: {', '.join(sorted(cases))}: {reason}\n"
                           for (where, who, reason), cases in sorted(reasons.items()))


def text(data, images):
    about = table(["", ""], [[name, value if isinstance(value, str) else str(value)]
                             for name, value in data["machine"].items()])
    picture = "".join(f"![{title}]({name}.svg)\n\n" for name, title in images if name == "targets")
    others = table(HEAD, [_row(row) for row in data["verdicts"] if not row["main"] and row["value"] is not None])
    return f"""# kring beside its peers

{_sum(data)}

{verdicts(data)}
A ratio is of kring's number to a peer's: the middle of the rounds' ratios, with their quartiles. The verdict is on the
middle, so one whose quartiles lie on both sides of the bound may be the other way next time. "Of the best" is the
ratio of the best sample of each: where two CPUs take part and others want them too, it is nearer to the truth.

{picture}{_texts(data)}
## On what

{about}
Measured {data['date']}: {data['rounds']} rounds{', quick' if data['quick'] else ''}, {data['seconds']} s in all.

## Other sizes and places

{others}
## Tables

Each cell: the median of the rounds' samples (their minimum, and half their interquartile range in percent of the
median); where there was one sample, that. A sample is itself the best of ten short batches, or the fastest of several
runs.

{_sections(data, images)}
## Settings

Each contender is the peer's real code, at its best setting and at its default:

{table(["who", "best", "default"], [list(row) for row in SETTINGS])}
## Noise

{_noise(data)}
## Not measured

{_missing(data)}"""
