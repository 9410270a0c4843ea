# SPDX-License-Identifier: GPL-2.0-or-later
"""The path of a rule: from the text to the tables, stage by stage."""

from harness import summary
from report import Table, number

TITLE = "The rule path"
SHAPES = ("acl", "fw", "ipc")
STAGES = ("parse", "check", "slots", "compile")


def _stages(bench, shape, size):
    path = bench.generated("json", shape, size)
    runs = [bench.json("rule_path", path) for _ in range(max(3, bench.rounds // 2))]
    out = {"rules": size, "shape": shape, "octets": runs[0]["octets"]}
    if "error" in runs[0]:
        out["error"] = runs[0]["error"]
        return out
    out["peak_kb"] = runs[0]["peak_kb"]
    for stage in STAGES:
        out[stage] = summary([run[f"{stage}_ms"] for run in runs])
    return out


def measure(bench):
    """CPU milliseconds of each stage before the kernel."""
    sizes = bench.pick([100], [1000, 10000, 100000], [1000, 10000, 100000])
    return {"stages": [_stages(bench, shape, size) for size in sizes for shape in SHAPES]}


def tables(result):
    """One row a ruleset."""
    table = Table(
        "Before the kernel: CPU milliseconds, median",
        ["rules", "octets", *STAGES, "peak MB"],
        notes=["parse: JSON text to model; check: all findings; slots: names to places; "
               "compile: model to tables."],
    )
    for row in result["stages"]:
        name = f"{row['shape']} {row['rules']:,}"
        if "error" in row:
            table.add(name, row["octets"], *["-"] * len(STAGES), "-")
            table.notes.append(f"{name}: {row['error']}")
            continue
        cells = [number(row[stage]["median"]) for stage in STAGES]
        table.add(name, row["octets"], *cells, number(row["peak_kb"] / 1024))
    return [table]
