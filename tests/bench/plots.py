# SPDX-License-Identifier: GPL-2.0
"""The plots: SVG and PNG of each."""

import os

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from stats import MET

SIZES = (8, 64, 256, 1024)
INK, FAINT = "#24292f", "#d0d7de"
KRING, GOOD, BAD = "#0969da", "#1a7f37", "#cf222e"
OTHERS = ("#8250df", "#bf8700", "#bc4c00", "#57606a", "#116329", "#a40e26", "#6e7781")

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


def _samples(data, where, case):
    """{who: {bytes: sample}} of a case"""
    found = {}
    for s in data["samples"]:
        if s["where"] == where and s["case"] == case:
            found.setdefault(s["who"], {})[s["bytes"]] = s
    return found


def _number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


def _producers(data, out):
    series = {who: sizes for who, sizes in _samples(data, "native", "produce").items()}
    clocked = _samples(data, "native", "produce-clock-mono").get("kring")
    if clocked:
        series["kring, with a clock"] = clocked
    series = {who: sizes for who, sizes in series.items() if len(sizes) > 1}
    if not series:
        return None
    figure, axes = plt.subplots(figsize=(8, 5))
    ordered = sorted(series, key=lambda who: -max(s["median"] for s in series[who].values()))
    colours = iter(OTHERS)
    ends = []
    for who in ordered:
        ours = who.startswith("kring")
        sizes = sorted(series[who])
        medians = [series[who][size]["median"] for size in sizes]
        spread = [[m - series[who][size]["min"] for m, size in zip(medians, sizes)],
                  [series[who][size]["iqr"] / 2 for size in sizes]]
        colour = KRING if ours else next(colours, OTHERS[-1])
        axes.errorbar(sizes, medians, yerr=spread, color=colour, marker="o", markersize=5, capsize=2,
                      linewidth=2.5 if ours else 1.5, linestyle="--" if "clock" in who else "-")
        ends.append([medians[-1], who, colour])
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(SIZES, [str(size) for size in SIZES])
    axes.set_xlabel("payload, bytes")
    axes.set_ylabel("ns per record (log)")
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.yaxis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda v, _: f"{v:g}"))
    # Labels at the lines' ends, pushed apart where they would meet
    ends.sort()
    last = 0
    for value, who, colour in ends:
        place = max(value, last * 1.22)
        axes.annotate(f"{who}  {_number(value)}", (SIZES[-1], value), xytext=(SIZES[-1] * 1.12, place),
                      color=colour, va="center", fontweight="bold" if colour == KRING else "normal")
        last = place
    axes.set_title("What a record costs its producer")
    _save(figure, out, "producers")
    return "producers", "What a record costs its producer, by size"


def _bars(data, out, name, title, entries, unit, log=False):
    """Horizontal bars: label, sample, and whether it is ours"""
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
        axes.annotate(_number(value), (right, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(list(places), [label for label, _, _ in entries])
    if log:
        axes.set_xscale("log")
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
        ("kring, holder", "kring", "consume-holder"),
        ("kring, holder, callback", "kring", "consume-holder-callback"),
        ("kring, holder, one by one", "kring", "consume-holder-next"),
        ("kring, observer", "kring", "consume-observer"),
        ("kring, holder, 2 rings by time", "kring", "consume-merged"),
        ("kring, observer, 2 rings by time", "kring", "consume-merged-observer"),
        ("libbpf", "bpf", "consume"),
        ("kring, holder, from the other CPU", "kring", "consume-holder-remote"),
        ("libbpf, from the other CPU", "bpf", "consume-remote"),
        ("ck_ring", "ck", "consume"),
        ("rte_ring", "rte", "consume")))
    return _bars(data, out, "consumers", "What a record of 64 bytes costs its consumer", entries, "ns per record")


def _readers(data, out):
    entries = _pick(data, "native", [("nobody reads", "kring", "produce")] + [
        (f"{nr} {'observers' if nr > 1 else 'observer'}{text}", "kring", f"produce-observers-{nr}{case}")
        for text, case in ((" at rest", ""), (" reading", "-reading")) for nr in (1, 4, 16)] + [
        (f"{nr} {'holders' if nr > 1 else 'holder'}", "kring", f"produce-holders-{nr}") for nr in (1, 4)] + [
        ("event refused", "kring", "produce-refused")])
    return _bars(data, out, "readers", "What readers cost the producer, 64 bytes", entries, "ns per record")


def _flow(data, out):
    entries = _pick(data, "native", (
        ("kring, asleep at its watermark", "kring", "end-to-end"),
        ("kring, reader spins", "kring", "end-to-end-busy"),
        ("BPF ringbuf, sampled notification", "bpf", "end-to-end"),
        ("BPF ringbuf, reader spins", "bpf", "end-to-end-busy"),
        ("ck_ring", "ck", "end-to-end"),
        ("rte_ring", "rte", "end-to-end")))
    return _bars(data, out, "end-to-end", "From one CPU to the other, nothing lost, 64 bytes", entries,
                 "million records a second")


def _latency(data, out):
    pairs = []
    for part, title in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")):
        for who, label in (("kring", "kring"), ("pingpong", "cache line")):
            pairs.append((f"{label}, spinning, {title}", who, f"latency-spin-{part}"))
    for part, title in (("p50", "p50"), ("p99", "p99")):
        for who, label in (("kring", "kring"), ("eventfd", "eventfd")):
            pairs.append((f"{label}, asleep, {title}", who, f"latency-sleep-{part}"))
    return _bars(data, out, "latency", "From commit to the consumer's hands", _pick(data, "native", pairs),
                 "ns (log)", log=True)


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
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows))[::-1], [f"{row['name']} ({row['where']})" for row in rows])
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
                                (_targets, _producers, _readers, _consumers, _flow, _latency)) if image]
