# SPDX-License-Identifier: GPL-2.0
"""
Kernel code in guests: user-mode Linux, which runs at the machine's speed, and QEMU's software emulation, whose
numbers are only good beside each other. The guest prints sample lines.
"""

import glob
import os
import subprocess

GUEST = "tests/bench/guest"
MACHINES = {"uml": ["--machine", "tests/uml/machine"], "qemu": []}
# What is there once a kernel was built or unpacked; a quick run does not wait for that
KERNELS = {"uml": "build/uml/*-plain/built", "qemu": "build/vm/kernel-*/vmlinux"}
SECONDS = {True: 40, False: 1200}
END_SECONDS = 300         # beyond that, for what is built before and for the machine's end


def run(samples, opts, say):
    for where, machine in MACHINES.items():
        if not os.path.exists(GUEST):
            say(f"{where}: not measured, there is no {GUEST}")
            continue
        if opts.quick and not glob.glob(KERNELS[where]):
            say(f"{where}: not measured in a quick run, as its kernel is not there yet")
            continue
        env = dict(os.environ, CONFIG="plain", ROUNDS="1" if opts.quick else "5", QUICK="1" if opts.quick else "")
        before = sum(map(len, samples.values.values()))
        say(f"{where}: a guest starts")
        try:
            guest = subprocess.run(["tests/vm/run", *machine, "--limit", str(SECONDS[opts.quick]), "--live", GUEST], env=env, stdout=subprocess.PIPE,
                                   text=True, errors="replace", timeout=SECONDS[opts.quick] + END_SECONDS, check=False)
            text, failure = guest.stdout, guest.returncode and f"exit status {guest.returncode}"
        except subprocess.TimeoutExpired as error:
            text = (error.stdout or b"").decode(errors="replace")
            failure = f"it did not end by itself after {SECONDS[opts.quick]} s"
        with open(f"build/bench/{where}.log", "w", encoding="utf-8") as log:
            log.write(text)
        for line in text.splitlines():
            samples.add_line(line.strip())
        taken = sum(map(len, samples.values.values())) - before
        say(f"{where}: {taken} samples" + (f"; {failure}, see build/bench/{where}.log" if failure else ""))
