# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections and limits: what they add to a packet, from one source and from very many."""

from harness import summary
from report import Table, spread

TITLE = "Connections and limits"
CONTENDERS = {
    "feeder": "the feeder alone",
    "plain": "one rule, proto udp",
    "whole": "one rule, proto udp and a TTL: asked whole, as one with a state",
    "established": "one rule, state established; all are answers",
    "new": "one rule, state not invalid; every source is new",
    "limit": "one rule with a limit per source",
    "limit-global": "one rule with a global limit",
}


def measure(bench):
    """Nanoseconds a packet through the XDP programs, by contender and number of sources."""
    frames = bench.pick("2000", "200000", "2000000")
    sizes = bench.pick(["1", "100"], ["1", "4096", "65536", "524288"],
                       ["1", "4096", "65536", "524288"])
    found = bench.json("state", "--frames", frames, "--rounds", bench.pick(1, 3, 9), *sizes)
    return {"sizes": {size: {name: summary(ns) for name, ns in rows.items()}
                      for size, rows in found.items()}}


def tables(result):
    """One table a number of sources; what is added to the plain rule stands beside it."""
    made = []
    for size, rows in result["sizes"].items():
        table = Table(
            f"{int(size):,} sources, ns a packet: median (minimum-maximum)",
            ["what", "ns", "more than a plain rule"],
        )
        plain = rows["plain"]["median"]
        for name, what in CONTENDERS.items():
            more = "" if name in ("feeder", "plain") else f"{rows[name]['median'] - plain:.0f}"
            table.add(what, spread(rows[name]), more)
        made.append(table)
    return made
