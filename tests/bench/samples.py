# SPDX-License-Identifier: GPL-2.0
"""Samples: lines of WHERE WHO CASE BYTES VALUE UNIT, and the native contenders that give them."""

import collections
import os
import selectors
import subprocess

Key = collections.namedtuple("Key", "where who case bytes")
ANSWER_SECONDS = 30


class Samples:
    """What was measured: a list of values for each key, in the order of rounds, and why others are missing."""

    def __init__(self):
        self.values = {}
        self.units = {}
        self.none = {}

    def add(self, key, value, unit):
        if self.units.setdefault(key, unit) != unit:
            raise ValueError(f"{key} was in {self.units[key]} and is now in {unit}")
        self.values.setdefault(key, []).append(value)

    def refuse(self, key, reason):
        self.none[key] = reason

    def add_line(self, line):
        """Take a sample line; False if it is none. 'none REASON' may stand for value and unit."""
        words = line.split(None, 5)
        if len(words) < 6 or words[0] not in ("native", "uml", "qemu") or not words[3].isdigit():
            return False
        key = Key(words[0], words[1], words[2], int(words[3]))
        if words[4] == "none":
            self.refuse(key, words[5].strip())
            return True
        try:
            value = float(words[4])
        except ValueError:
            return False
        self.add(key, value, words[5].strip())
        return True


class Contender:
    """A program under build/bench/bin; it is started with the first question and asked line by line."""

    def __init__(self, name, path, command=()):
        # What is behind a dot is a setting for which it takes a process of its own
        self.name = name.split(".")[0]
        self.command = [*command, path]
        self.process = None
        self.dead = None
        listed = subprocess.run([path, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.cases = [(case, int(size)) for case, _, size in map(str.split, listed.splitlines())]

    def ask(self, case, size):
        """Its line of answer, or 'none REASON'."""
        if self.dead:
            return f"none {self.dead}"
        if not self.process:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.process.stdin.write(f"{case} {size}\n".encode())
            self.process.stdin.flush()
            line = self._read_line()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.kill()
            status = self.process.wait()
            self.process = None
            # It is started once more for the next question.
            return f"none it gave no answer within {ANSWER_SECONDS} s, or died ({status})"
        return line

    def _read_line(self):
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(ANSWER_SECONDS):
                    return ""
                part = os.read(self.process.stdout.fileno(), 4096)
                if not part:
                    return ""
                line += part
        return line.decode().strip()

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def wanted(case, size, quick):
    """A quick run has all cases at 64 bytes, and the producers' at all sizes."""
    return not quick or size == 64 or case.startswith("produce") and "-" not in case


def go_round(contenders, samples, number, quick):
    """One sample of every case from every contender; for each case they come one after the other."""
    questions = [(case, size, contender) for contender in contenders for case, size in contender.cases
                 if wanted(case, size, quick)]
    # A percentile's companions are of one run: sorting keeps them together and puts contenders side by side.
    questions.sort(key=lambda q: (q[0].rsplit("-p", 1)[0], q[1], q[2].name))
    if number % 2:
        questions.reverse()
    for case, size, contender in questions:
        key = Key("native", contender.name, case, size)
        if key in samples.none and key not in samples.values:
            continue
        value, unit = (contender.ask(case, size).split(None, 1) + [""])[:2]
        if value == "none":
            samples.refuse(key, unit)
        else:
            samples.add(key, float(value), unit)
