# SPDX-License-Identifier: GPL-2.0
"""On what it was measured."""

import os
import platform
import subprocess


def _first_line(*command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "not there"


def _file(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return "not known"


def _cpu():
    words = {}
    for line in _file("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        words.setdefault(name.strip(), value.strip())
    return (f"{words.get('model name', platform.machine())}, family {words.get('cpu family', '?')} "
            f"model {words.get('model', '?')}, {words.get('cpu MHz', '?')} MHz")


def load():
    return " ".join(f"{n:.1f}" for n in os.getloadavg())


def describe():
    virtual = _first_line("systemd-detect-virt")
    return {
        "cpu": _cpu(),
        "cpus": len(os.sched_getaffinity(0)),
        "virtual": virtual,
        "kernel": f"{platform.system()} {platform.release()} {platform.version()}",
        "clock source": _file("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        "compiler": _first_line("gcc", "--version"),
        "bpf compiler": _first_line("clang", "--version"),
        "commit": _first_line("git", "describe", "--always", "--dirty"),
        "load before": load(),
    }
