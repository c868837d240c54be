# SPDX-License-Identifier: GPL-2.0
"""
Instructions per record, as callgrind counts them in user space. They do not depend on how busy the machine is,
but they say nothing of what a locked instruction or a cache miss costs.
"""

import os
import re
import subprocess
import tempfile

from samples import Key

# Cases of one thread only
CASES = ("produce", "produce-clock-mono", "produce-clock-boot", "produce-clock-counter", "produce-holders-1",
         "produce-holders-4", "produce-refused", "consume", "consume-holder", "consume-holder-raw",
         "consume-holder-next", "consume-holder-callback", "consume-observer", "consume-merged", "consume-merged-observer")
# The kernel's part of these is not seen; the last one's daemon does not wait for callgrind
UNSEEN = ("bpf", "perf", "lttng-ust")


def _count(path, case, size):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        ran = subprocess.run(["valgrind", "--tool=callgrind", "--collect-atstart=no",
                              f"--callgrind-out-file={out}", path, "--count", case, str(size)],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        records = re.search(r"^(\d+) records$", ran.stdout, re.M)
        refused = re.search(r"^none (.*)$", ran.stdout, re.M)
        if refused:
            return None, refused.group(1)
        if ran.returncode or not records or not int(records.group(1)):
            return None, "it did not run under callgrind"
        with open(out, encoding="utf-8") as file:
            totals = re.search(r"^(?:totals|summary): (\d+)", file.read(), re.M)
    return int(totals.group(1)) / int(records.group(1)), None


def count(paths, samples, quick, say):
    """Add a sample CASE-instructions for all that can be counted."""
    for path in paths:
        who = os.path.basename(path).split(".")[0]
        listed = subprocess.run([path, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
        for case, _, size in map(str.split, listed.splitlines()):
            if case not in CASES or size not in ("64",) + (() if quick else ("8", "256", "1024")):
                continue
            if who in UNSEEN:
                continue
            key = Key("native", who, f"{case}-instructions", int(size))
            try:
                value, reason = _count(path, case, size)
            except (OSError, subprocess.TimeoutExpired) as error:
                value, reason = None, f"callgrind: {error}"
            if value is None:
                samples.refuse(key, reason)
            else:
                samples.add(key, value, "instructions")
    say("instructions are counted")
