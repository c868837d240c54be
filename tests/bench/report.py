# SPDX-License-Identifier: GPL-2.0
"""report.md: the verdicts, the tables behind them, and how far the numbers can be trusted."""

from stats import MET, MISSED, NOT_MEASURED

SIZES = (8, 64, 256, 1024)
MARKS = {MET: "met", MISSED: "**missed**", NOT_MEASURED: "not measured"}


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


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


def _row(row):
    return [row["name"], row["where"], str(row["bytes"]), _bound(row), _value(row),
            "" if row["best"] is None else f"{row['best']:.3g}", MARKS[row["verdict"]]]


def verdicts(data):
    """The table of targets, one line each"""
    return table(["target", "where", "bytes", "ratio", "measured (quartiles)", "of the best", "verdict"],
                 [_row(row) for row in data["verdicts"] if row["main"]])


def _lookup(data):
    return {(s["where"], s["who"], s["case"], s["bytes"]): s for s in data["samples"]}


def _cell(sample):
    if not sample:
        return ""
    return f"{number(sample['median'])} ({number(sample['min'])}, ±{100 * sample['noise'] / 2:.0f} %)"


def _cases(data, where, keep):
    """A table of contenders and cases by size: median (minimum, half the interquartile range)"""
    found = _lookup(data)
    names = sorted({key[1:3] for key in found if key[0] == where and keep(key[2])}, key=lambda n: (n[1], n[0]))
    rows = []
    for who, case in names:
        sizes = [found.get((where, who, case, size)) for size in SIZES]
        unit = next(s["unit"] for s in sizes if s)
        rows.append([case, who, unit] + [_cell(s) for s in sizes])
    if not rows:
        return ""
    return table(["case", "who", "unit"] + [f"{size} bytes" for size in SIZES], rows)


def _is_latency(case):
    return case.startswith("latency")


def _is_count(case):
    return case.endswith("-instructions")


SECTIONS = (
    ("What a record costs its producer", lambda c: c.startswith("produce") and not _is_count(c)),
    ("What a record costs its consumer", lambda c: c.startswith("consume") and not _is_count(c)),
    ("End to end", lambda c: c.startswith("end-to-end")),
    ("Latency from commit to the consumer's hands", _is_latency),
    ("Instructions per record, user space only", _is_count),
)
PLACES = {
    "native": "On the machine itself",
    "uml": "In user-mode Linux (kernel code at the machine's speed)",
    "qemu": "In QEMU (software emulation: only ratios mean anything)",
}


def _sections(data):
    parts = []
    for where, place in PLACES.items():
        known = []
        for title, keep in SECTIONS:
            cases = _cases(data, where, keep)
            known.append(keep)
            if cases:
                parts.append(f"### {title}\n\n{place}.\n\n{cases}")
        rest = _cases(data, where, lambda c, known=known: not any(keep(c) for keep in known))
        if rest:
            parts.append(f"### Other costs\n\n{place}.\n\n{rest}")
    return "\n".join(parts)


def _noise(data):
    noises = sorted(s["noise"] for s in data["samples"] if s["n"] > 1)
    if not noises:
        return "Each case was measured once: nothing is known of the noise.\n"
    worst = [s for s in data["samples"] if s["n"] > 1 and s["noise"] > 0.3]
    text = (f"Half of the cases have an interquartile range of at most {100 * noises[len(noises) // 2]:.0f} % of their "
            f"median, nine in ten of at most {100 * noises[len(noises) * 9 // 10]:.0f} %. ")
    text += "Load average before and after: "
    text += f"{data['machine']['load before']}; {data['machine']['load after']}.\n"
    if worst:
        text += "\nOver 30 %: " + ", ".join(f"{s['where']} {s['who']} {s['case']} {s['bytes']}" for s in worst) + ".\n"
    return text


def _missing(data):
    reasons = {}
    for none in data["none"]:
        reasons.setdefault((none["where"], none["who"], none["reason"]), []).append(f"{none['case']} {none['bytes']}")
    for row in data["verdicts"]:
        if row.get("reason"):
            reasons.setdefault((row["where"], "target", row["reason"]), []).append(row["name"])
    if not reasons:
        return "Nothing.\n"
    return "".join(f"- {where} {who}: {', '.join(sorted(cases))}: {reason}\n"
                   for (where, who, reason), cases in sorted(reasons.items()))


def text(data, images):
    about = "".join(f"- {name}: {value}\n" for name, value in data["machine"].items())
    pictures = "".join(f"![{title}]({name}.svg)\n\n" for name, title in images)
    others = table(["target", "where", "bytes", "ratio", "measured (quartiles)", "of the best", "verdict"],
                   [_row(row) for row in data["verdicts"] if not row["main"] and row["value"] is not None])
    return f"""# kring beside its peers

{data['date']}, {data['rounds']} rounds{', quick' if data['quick'] else ''}, {data['seconds']} s.

{about}
## Targets

A ratio of kring's number to a peer's: the middle of the rounds' ratios, with their quartiles. The verdict is on the
middle, so one whose quartiles lie on both sides of the bound may be the other way next time. "Of the best" is the
ratio of the best sample of each: where two CPUs take part and others want them too, it is nearer to the truth.

{verdicts(data)}
Other sizes and places:

{others}
{pictures}## Tables

Each cell: the median of the rounds' samples (their minimum, and half their interquartile range in percent of the
median). A sample is itself the best of ten short batches, or the fastest of several runs.

{_sections(data)}
## Noise

{_noise(data)}
## Not measured

{_missing(data)}"""
