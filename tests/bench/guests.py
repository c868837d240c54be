# SPDX-License-Identifier: GPL-2.0
"""
Kernel code in guests: user-mode Linux, which runs at the machine's speed, and QEMU's software emulation, whose
numbers are only good beside each other. The guest prints sample lines. A third one counts instructions.
"""

import glob
import os
import subprocess
import time

GUEST = "tests/bench/guest"
END_SECONDS = 3600        # beyond a guest's own time, for the kernel that is built before

COUNTED = ("produce,produce-clock-local,produce-clock-mono,produce-clock-boot,produce-default,produce-drop,"
           "produce-refused,produce-global-1")


class Guest:
    """One boot: its name, the machine, what is set in it, and what must be there for a quick run not to wait long"""

    def __init__(self, name, machine, kernel, build, rounds, seconds, built=False, **settings):
        self.name, self.machine, self.kernel, self.build, self.built = name, machine, kernel, build, built
        # Of a quick and of a full run
        self.rounds, self.seconds, self.settings = rounds, seconds, settings

    def command(self, quick):
        settings = dict(self.settings, ROUNDS=self.rounds[not quick])
        if quick:
            settings["QUICK"] = 1
        words = ["tests/vm/run", "--with", "tests/bench/extras", "--limit", str(self.seconds[not quick])]
        if self.built:
            words.append("--built")
        if self.machine:
            words += ["--machine", self.machine]
        for name, value in settings.items():
            words += ["--set", f"{name}={value}"]
        return words + ["--live", GUEST]


GUESTS = (
    Guest("uml", "tests/uml/machine", "build/uml/*-plain/built",
          "user-mode Linux, from its sources: ten minutes or so on two CPUs", (2, 5), (60, 600)),
    Guest("qemu", None, "build/vm/kernel-*/vmlinux", "none, a stock kernel is fetched and unpacked: a minute",
          (1, 3), (90, 900)),
    Guest("qemu-count", "tests/bench/counting", "build/vm/kernel-*/vmlinux", "none", (1, 1), (90, 300),
          built=True, COUNT=1, CASES=COUNTED),
)


def _text(guest, opts):
    """What it printed, and why that may not be all"""
    try:
        ran = subprocess.run(guest.command(opts.quick), env=dict(os.environ, CONFIG="plain"), stdout=subprocess.PIPE,
                             text=True, errors="replace", timeout=guest.seconds[not opts.quick] + END_SECONDS,
                             check=False)
        return ran.stdout, ran.returncode and f"exit status {ran.returncode}"
    except subprocess.TimeoutExpired as error:
        return (error.stdout or b"").decode(errors="replace"), "it did not end by itself"


def run(samples, opts, say):
    for guest in GUESTS:
        if not glob.glob(guest.kernel):
            say(f"{guest.name}: its kernel is not there yet; building {guest.build}")
        start = time.monotonic()
        before = sum(map(len, samples.values.values()))
        text, failure = _text(guest, opts)
        with open(f"build/bench/{guest.name}.log", "w", encoding="utf-8") as log:
            log.write(text)
        for line in text.splitlines():
            samples.add_line(line.strip())
        taken = sum(map(len, samples.values.values())) - before
        say(f"{guest.name}: {taken} samples in {time.monotonic() - start:.0f} s"
            + (f"; {failure}, see build/bench/{guest.name}.log" if failure else ""))
