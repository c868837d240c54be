# SPDX-License-Identifier: GPL-2.0
"""What samples say: their middle and spread, ratios of two of them, and a verdict on each of the targets."""

import statistics

MET, MISSED, NOT_MEASURED = "met", "missed", "not measured"


def quartiles(values):
    """The first, second and third quartile; of few values too."""
    ordered = sorted(values)

    def at(part):
        place = part * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return at(0.25), at(0.5), at(0.75)


def summary(values):
    first, median, third = quartiles(values)
    return {"n": len(values), "median": median, "min": min(values), "max": max(values),
            "iqr": third - first, "noise": (third - first) / median if median else 0.0}


def ratio(numerator, denominator, paired):
    """
    How many times the one is the other. Values of the same round met the same disturbances, so where both
    went round together the ratio is the middle of the rounds' ratios, with its quartiles.
    """
    if paired and len(numerator) == len(denominator) and all(denominator):
        first, median, third = quartiles([n / d for n, d in zip(numerator, denominator)])
        return {"value": median, "low": first, "high": third, "paired": True}
    below = statistics.median(denominator)
    if not below:
        return None
    value = statistics.median(numerator) / below
    return {"value": value, "low": value, "high": value, "paired": False}


def best(values, unit):
    """What disturbs only takes time: the least of it, or the most throughput"""
    return max(values) if unit == "M/s" else min(values)


def verdict(value, most, least):
    if value is None:
        return NOT_MEASURED
    if most is not None and value > most or least is not None and value < least:
        return MISSED
    return MET


def judge(target, samples):
    """The row of results.json for a target, with why it was not measured if it was not."""
    row = {"name": target.name, "target": target.text, "where": target.numerator.where,
           "numerator": " ".join(map(str, target.numerator)), "denominator": " ".join(map(str, target.denominator)),
           "bytes": target.numerator.bytes, "most": target.most, "least": target.least, "value": None, "best": None,
           "main": target.main}
    missing = [key for key in (target.numerator, target.denominator) if not samples.values.get(key)]
    result = None
    if missing:
        row["reason"] = "; ".join(f"{key.where} {key.who} {key.case}: {samples.none.get(key, 'no such sample')}"
                                  for key in missing)
    else:
        result = ratio(samples.values[target.numerator], samples.values[target.denominator],
                       target.numerator.where == target.denominator.where)
        ours, theirs = (best(samples.values[key], samples.units[key]) for key in (target.numerator, target.denominator))
        row["best"] = ours / theirs if theirs else None
    if result:
        row.update(result)
    row["verdict"] = verdict(row["value"], target.most, target.least)
    return row
