# SPDX-License-Identifier: GPL-2.0-or-later
"""The matching engine alone: nanoseconds a lookup above the feeder."""

import statistics

from harness import summary
from report import Table, number

TITLE = "The engine"
SHAPES = ("acl", "fw", "ipc")
KINDS = ("uniform", "local", "random", "hot", "worst")
SMALL = (1, 4, 10, 32)
# The mean of the three shapes that the project wants, by rules.
GOALS = {"uniform": {1000: 50, 10000: 70, 100000: 180}, "local": {1000: 35, 10000: 35, 100000: 45},
         "random": {1000: 60, 10000: 100, 100000: 250}}


def _cells(bench, sizes, more, lookups=(2000, 200000, 1000000), rounds=None):
    """One program measures them all: it loads the data plane once."""
    words = ["--rounds", rounds or bench.rounds, "--lookups", bench.pick(*lookups), "--checks",
             bench.pick("1e6", "3e7", "4e8"), *more]
    for size in sizes:
        words += ["--rules", size]
    for shape in SHAPES:
        words += ["--shape", shape]
    cells = bench.json("engine", *words, *bench.files())["cells"]
    for cell in cells:
        cell["ipv6"] = "--ipv6" in more
        for kind in cell["kinds"].values():
            kind["ns"] = summary(kind["ns"])
    return cells


def measure(bench):
    """Each shape, size and kind of traffic, IPv6 too; verdicts are checked before any timing."""
    if bench.rules:
        return {"rows": _cells(bench, [], [])}
    sizes = bench.pick([30], [1000, 10000, 100000], [1000, 10000, 100000])
    bench.say("small rulesets")
    few = _cells(bench, SMALL, [], (2000, 60000, 400000), min(bench.rounds, 3))
    bench.say("IPv4")
    rows = _cells(bench, sizes, [])
    bench.say("IPv6")
    rows += _cells(bench, bench.pick(sizes, [10000], sizes), ["--ipv6"])
    return {"rows": rows, "small": few}


def _table(rows, family):
    kinds = [kind for kind in ("trace", *KINDS) if any(kind in row["kinds"] for row in rows)]
    table = Table(f"{family}: ns a lookup above the feeder, median (minimum-maximum)",
                  ["rules", *kinds, "octets a rule", "deepest: steps, records"])
    for row in rows:
        cells = []
        for kind in kinds:
            one = row["kinds"].get(kind, {}).get("ns")
            cells.append(one and f"{one['median']:.0f} ({one['min']:.0f}-{one['max']:.0f})" or "-")
        table.add(f"{row['shape']} {row['rules']:,}", *cells,
                  number(row["octets"] / max(row["rules"], 1)), f"{row['steps']}, {row['records']}")
        if row["fallback"]:
            table.notes.append(f"{row['shape']} {row['rules']:,}: {row['fallback']}")
    checked = sum(kind["checked"] for row in rows for kind in row["kinds"].values())
    wrong = sum(kind["wrong"] for row in rows for kind in row["kinds"].values())
    table.notes.append(f"Checked against a scan over the rules first: {checked:,} lookups, "
                       f"{wrong:,} wrong.")
    return table


def _means(rows):
    """Mean of the shapes beside the goal."""
    table = Table("IPv4: mean of the three shapes, ns (wanted)", ["rules", *GOALS])
    for size in sorted({row["rules"] for row in rows}):
        some = [row for row in rows if row["rules"] == size and not row["ipv6"]]
        if len(some) != len(SHAPES):
            continue
        cells = []
        for kind, goals in GOALS.items():
            mean = statistics.mean(row["kinds"][kind]["ns"]["median"] for row in some)
            cells.append(f"{mean:.0f} ({goals.get(size, '-')})")
        table.add(f"{size:,}", *cells)
    return [table] if table.rows else []


def _small(rows):
    """Rules that are compared one by one."""
    kinds = [kind for kind in KINDS if any(kind in row["kinds"] for row in rows)]
    table = Table("IPv4, small rulesets: mean of the three shapes, ns a lookup above the feeder",
                  ["rules", *kinds, "wanted at most"])
    for size in sorted({row["rules"] for row in rows}):
        some = [row for row in rows if row["rules"] == size]
        means = [statistics.mean(row["kinds"][kind]["ns"]["median"] for row in some)
                 for kind in kinds]
        table.add(str(size), *(f"{mean:.0f}" for mean in means), str(30 + 3 * size))
    return [table] if rows else []


def tables(result):
    """Small rulesets, a table for each family, and the means."""
    out = _small(result.get("small", []))
    for ipv6, family in ((False, "IPv4"), (True, "IPv6")):
        rows = [row for row in result["rows"] if row["ipv6"] == ipv6]
        if rows:
            out.append(_table(rows, family))
    return [*out, *_means(result["rows"])]
