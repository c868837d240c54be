# SPDX-License-Identifier: GPL-2.0
"""The plots: SVG and PNG of each."""

import math
import os

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from stats import MET

SIZES = (8, 64, 256, 1024)
INK, FAINT = "#24292f", "#d0d7de"
KRING, GOOD, BAD = "#0969da", "#1a7f37", "#cf222e"
COLOURS = {"perf buffer": "#8250df", "LTTng-UST": "#bf8700", "BPF ringbuf": "#bc4c00", "ck_ring": "#57606a",
           "memcpy": "#116329", "rte_ring": "#a40e26", "ftrace": "#bf3989", "relay": "#0a7ea4",
           "relay, tasks only": "#0a7ea4"}

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 10, "axes.edgecolor": FAINT, "axes.labelcolor": INK,
    "text.color": INK, "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
    "axes.spines.right": False, "axes.titlesize": 12, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "svg.hashsalt": "kring", "figure.dpi": 110,
})


def _save(figure, out, name):
    for kind in ("svg", "png"):
        figure.savefig(os.path.join(out, f"{name}.{kind}"), bbox_inches="tight",
                       metadata={"Date": None} if kind == "svg" else None)
    plt.close(figure)


NAMES = {"bpf": "BPF ringbuf", "perf": "perf buffer", "lttng-ust": "LTTng-UST", "lttng": "LTTng", "ck": "ck_ring",
         "rte": "rte_ring", "relay_task": "relay, tasks only"}


def _samples(data, where, case):
    """{who: {bytes: sample}} of a case"""
    found = {}
    for s in data["samples"]:
        if s["where"] == where and s["case"] == case:
            found.setdefault(s["who"], {})[s["bytes"]] = s
    return found


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _time(ns, _=None):
    """In the unit that makes it short"""
    for size, unit in ((1e6, "ms"), (1e3, "µs")):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.3g} ns"


def _labels(axes, ends):
    """Names at the ends of lines, pushed apart where they would meet: [value, name, colour]"""
    low, high = (math.log(v) for v in axes.get_ylim())
    gap = (high - low) * 0.052
    places = [(math.log(value) - low, name, colour) for value, name, colour in sorted(ends)]
    # Groups of labels that touch, each around the middle of what it names
    groups = []
    for place, name, colour in places:
        groups.append([place, [(place, name, colour)]])
        while len(groups) > 1:
            (below, names), (above, more) = groups[-2:]
            if above - below >= gap * (len(names) + len(more)) / 2:
                break
            names = names + more
            groups[-2:] = [[sum(place for place, _, _ in names) / len(names), names]]
    for middle, names in groups:
        for i, (_, name, colour) in enumerate(names):
            place = middle + (i - (len(names) - 1) / 2) * gap
            axes.annotate(name, (SIZES[-1], math.exp(low + place)), xytext=(9, 0), textcoords="offset points",
                          color=colour, va="center", fontsize=9, fontweight="bold" if colour == KRING else "normal")


def _lines(axes, series, title):
    """{name: {bytes: sample}}, kring's with its name first"""
    ordered = sorted(series, key=lambda who: -max(s["median"] for s in series[who].values()))
    ends = []
    for who in ordered:
        ours = who.startswith("kring")
        sizes = sorted(series[who])
        medians = [series[who][size]["median"] for size in sizes]
        spread = [[m - series[who][size]["min"] for m, size in zip(medians, sizes)],
                  [series[who][size]["iqr"] / 2 for size in sizes]]
        colour = KRING if ours else COLOURS.get(who, INK)
        axes.errorbar(sizes, medians, yerr=spread, color=colour, marker="o", markersize=4.5, capsize=2,
                      linewidth=2.5 if ours else 1.3, linestyle="--" if "," in who else "-")
        ends.append([medians[-1], f"{who}  {_number(medians[-1])}", colour])
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    axes.set_xlabel("payload, bytes")
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda v, _: f"{v:g}"))
    axes.set_title(title, fontsize=10, fontweight="normal")
    return ends


PANELS = (
    ("native", "on the machine itself", (("kring, CLOCK_MONOTONIC", "kring", "produce-clock-mono"),)),
    ("uml", "kernel code, user-mode Linux", (("kring, sched_clock", "kring", "produce-clock-local"),)),
)


def _producers(data, out):
    panels = []
    for where, title, more in PANELS:
        series = {NAMES.get(who, who): sizes for who, sizes in _samples(data, where, "produce").items()}
        for name, who, case in more:
            series[name] = _samples(data, where, case).get(who, {})
        series = {who: sizes for who, sizes in series.items() if len(sizes) > 1}
        if series:
            panels.append((series, title))
    if not panels:
        return None
    figure, axes = plt.subplots(1, len(panels), figsize=(7 * len(panels), 5), sharey=True, squeeze=False)
    # The names lie between the panels
    figure.subplots_adjust(wspace=0.75)
    drawn = [(panel, _lines(panel, *lines)) for panel, lines in zip(axes[0], panels)]
    for panel, ends in drawn:
        panel.tick_params(labelleft=True)
        _labels(panel, ends)
    axes[0][0].set_ylabel("ns per record (log)")
    figure.suptitle("What a record costs its producer", x=0.125, ha="left", fontsize=12, fontweight="bold")
    _save(figure, out, "producers")
    return "producers", "What a record costs its producer, by size"


def _bars(out, name, title, entries, unit, times=False, base=None):
    """
    Horizontal bars: label, sample, and whether it is ours. times: of any magnitude; base: what others are seen by
    """
    entries = [entry for entry in entries if entry[1]]
    if len(entries) < 2:
        return None
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(entries) + 1))
    values = [sample["median"] for _, sample, _ in entries]
    places = range(len(entries))[::-1]
    axes.barh(places, values, color=[KRING if ours else "#afb8c1" for _, _, ours in entries], height=0.65,
              xerr=[[v - s["min"] for v, (_, s, _) in zip(values, entries)],
                    [s["iqr"] / 2 for _, s, _ in entries]], ecolor="#57606a", capsize=2)
    for place, value, (_, sample, _) in zip(places, values, entries):
        right = value + sample["iqr"] / 2
        axes.annotate((_time if times else _number)(value), (right, place), xytext=(5, 0), textcoords="offset points",
                      va="center")
    axes.set_yticks(list(places), [label for label, _, _ in entries])
    if times:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(_time))
        axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    if base:
        axes.axvline(base, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel(unit)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_title(title)
    _save(figure, out, name)
    return name, title


def _pick(data, where, pairs):
    found = {(s["where"], s["who"], s["case"], s["bytes"]): s for s in data["samples"]}
    return [(label, found.get((where, who, case, 64)), who == "kring") for label, who, case in pairs]


def _consumers(data, out):
    entries = _pick(data, "native", (
        ("rte_ring", "rte", "consume"),
        ("ck_ring", "ck", "consume"),
        ("kring, holder, raw", "kring", "consume-holder-raw"),
        ("kring, holder", "kring", "consume-holder"),
        ("perf buffer, libbpf", "perf", "consume"),
        ("BPF ringbuf, libbpf", "bpf", "consume"),
        ("kring, holder, raw, from the other CPU", "kring", "consume-holder-raw-remote"),
        ("BPF ringbuf, libbpf, from the other CPU", "bpf", "consume-remote"),
        ("kring, holder, callback", "kring", "consume-holder-callback"),
        ("kring, holder, one by one", "kring", "consume-holder-next"),
        ("kring, observer", "kring", "consume-observer"),
        ("kring, holder, 2 rings by time", "kring", "consume-merged"),
        ("kring, observer, 2 rings by time", "kring", "consume-merged-observer")))
    return _bars(out, "consumers", "What a record of 64 bytes costs its consumer", entries, "ns per record")


def _readers(data, out):
    entries = _pick(data, "native", [("nobody reads", "kring", "produce")] + [
        (f"{nr} {'observers' if nr > 1 else 'observer'}{text}", "kring", f"produce-observers-{nr}{case}")
        for text, case in ((" at rest", ""), (" reading", "-reading")) for nr in (1, 4, 16)] + [
        (f"{nr} {'holders' if nr > 1 else 'holder'}", "kring", f"produce-holders-{nr}") for nr in (1, 4)] + [
        ("event refused", "kring", "produce-refused")])
    return _bars(out, "readers", "What readers cost the producer, 64 bytes", entries, "ns per record",
                 base=entries[0][1] and entries[0][1]["median"])


def _flow(data, out):
    entries = _pick(data, "native", (
        ("kring, asleep at its watermark", "kring", "end-to-end"),
        ("kring, reader spins", "kring", "end-to-end-busy"),
        ("BPF ringbuf, sampled notification", "bpf", "end-to-end"),
        ("BPF ringbuf, reader spins", "bpf", "end-to-end-busy"),
        ("ck_ring", "ck", "end-to-end"),
        ("rte_ring", "rte", "end-to-end")))
    return _bars(out, "end-to-end", "From one CPU to the other, nothing lost, 64 bytes", entries,
                 "million records a second")


def _latency(data, out):
    pairs = []
    for part, title in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")):
        for who, label in (("kring", "kring"), ("pingpong", "cache line")):
            pairs.append((f"{label}, spinning, {title}", who, f"latency-spin-{part}"))
    for part, title in (("p50", "p50"), ("p99", "p99")):
        for who, label in (("kring", "kring"), ("eventfd", "eventfd")):
            pairs.append((f"{label}, asleep, {title}", who, f"latency-sleep-{part}"))
    return _bars(out, "latency", "From commit to the consumer's hands", _pick(data, "native", pairs),
                 "log scale", times=True)


def _instructions(data, out):
    case = "produce-instructions"
    entries = _pick(data, "qemu", (
        ("memcpy", "memcpy", case), ("relay", "relay", case), ("kring", "kring", case), ("BPF ringbuf", "bpf", case),
        ("kring, sched_clock", "kring", "produce-clock-local-instructions"),
        ("kring, CLOCK_MONOTONIC", "kring", "produce-clock-mono-instructions"),
        ("ftrace", "ftrace", case), ("LTTng", "lttng", case), ("perf buffer", "perf", case)))
    return _bars(out, "instructions", "Instructions of the stock kernel for a record of 64 bytes", entries,
                 "instructions")


def _targets(data, out):
    rows = [row for row in data["verdicts"] if row["main"] and row["value"] is not None]
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(rows) + 1.2))
    for place, row in zip(range(len(rows))[::-1], rows):
        bound = row["most"] if row["most"] is not None else row["least"]
        # Right of 1 is better than asked for, whichever way the bound goes
        def side(value, bound=bound, row=row):
            return bound / value if row["most"] is not None else value / bound
        colour = GOOD if row["verdict"] == MET else BAD
        axes.plot([1, side(row["value"])], [place, place], color=colour, linewidth=2)
        axes.plot([side(row["low"]), side(row["high"])], [place, place], color=colour, linewidth=6, alpha=0.3)
        axes.plot(side(row["value"]), place, "o", color=colour, markersize=7)
        axes.annotate(f"{row['value']:.3g}, {'at most' if row['most'] is not None else 'at least'} {bound:.3g}",
                      (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=9, color=colour)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows))[::-1], [row["name"] + ("" if row["where"] == "native" else f", {row['where']}")
                                              for row in rows])
    axes.xaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda v, _: f"{v:g}"))
    axes.set_xlabel("missed  ←  times the target  →  met")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=FAINT, linewidth=0.5)
    axes.set_title("Targets")
    _save(figure, out, "targets")
    return "targets", "How far each target was met or missed"


def draw(data, out):
    """Returns [(file name without its kind, title)]"""
    return [image for image in (plot(data, out) for plot in
                                (_targets, _producers, _readers, _consumers, _flow, _latency, _instructions)) if image]
