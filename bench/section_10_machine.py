# SPDX-License-Identifier: GPL-2.0-or-later
"""Where this was measured, and how fast that is."""

import os
import platform

from harness import load_average, summary
from report import Table, spread

TITLE = "The machine"
YARDSTICKS = {
    "load": "a dependent load from a table of 8 MB",
    "hash": "a hit in a BPF hash of 131,072 entries",
    "lru": "an LRU hash under spoofed sources: lookup and insert",
}


def _cpu():
    with open("/proc/cpuinfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def measure(bench):
    """Yardsticks in nanoseconds, so that figures of other machines can be scaled."""
    load = load_average()
    steps = bench.pick("20000", "200000", "1000000")
    return {
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "load_before": load,
        "yardsticks": {name: summary(ns) for name, ns
                       in bench.json("yardsticks", steps, bench.rounds).items()},
    }


def tables(result):
    """One table of facts, one of yardsticks."""
    facts = Table("Machine", ["", "value"])
    facts.add("CPU", f"{result['cpus']} x {result['cpu']}")
    facts.add("kernel", result["kernel"])
    load = [result["load_before"], result.get("load_after", load_average())]
    facts.add("load before, after", f"{load[0]:.1f}, {load[1]:.1f}")
    sticks = Table("Yardsticks, ns: median (minimum-maximum)", ["what", "ns"])
    for name, what in YARDSTICKS.items():
        sticks.add(what, spread(result["yardsticks"][name]))
    return [facts, sticks]
