# SPDX-License-Identifier: GPL-2.0-or-later
"""The path of a rule: from the text to what packets are judged by, stage by stage."""

import json

import contender
from harness import Failed, command, summary
from report import Table, number

TITLE = "The rule path"
SHAPES = ("acl", "fw", "ipc")
STAGES = ("parse", "check", "compile", "stage", "tests", "save")


def _map_octets(pins):
    """What the kernel charges for the maps of one data plane."""
    total = 0
    for path in sorted(pins.rglob("*")):
        shown = command(["bpftool", "-j", "map", "show", "pinned", path], check=False)
        try:
            total += int(json.loads(shown).get("bytes_memlock", 0))
        except (json.JSONDecodeError, AttributeError):
            continue  # a program or a link
    return total


# One change after the other; each file differs from the one before by one rule.
CHANGES = ("another action", "one more at the end", "one more in front", "one less in the middle")


def _changed(bench, path):
    """Name of a change -> the rule file with it, and with all changes before."""
    lines = path.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if '"name": "r0"' in line)
    last = next(i for i in reversed(range(len(lines))) if '"action": "drop"' in lines[i])
    middle = (first + last) // 2

    def new(name, address):
        return f'{{"name": "{name}", "match": {{"src": "{address}"}}, "action": "drop"}}'

    def action():
        lines[middle] = lines[middle].replace('"drop"', '"pass"')

    def append():
        lines[last] += ", " + new("new1", "192.0.2.7")

    def insert():
        lines[first] = new("new2", "192.0.2.8") + ", " + lines[first]

    def delete():
        del lines[middle - 1]

    files = {}
    for number, (name, edit) in enumerate(zip(CHANGES, (action, append, insert, delete))):
        edit()
        files[name] = bench.folder / f"{path.name}-changed-{number}"
        files[name].write_text("\n".join(lines) + "\n")
    return files


def _stages(answers):
    """Stage -> milliseconds, of several answers to an apply."""
    times = [answer["times"] for answer in answers]
    out = {stage: summary([one[stage] / 1e3 for one in times]) for stage in (*STAGES, "settle")}
    out["active"] = summary([sum(one[stage] for stage in STAGES) / 1e3 for one in times])
    return out


def _through_the_daemon(bench, shape, size):
    """Applied to a fresh data plane, then with one change after the other, again and again."""
    path = bench.generated("json", shape, size)
    empty = bench.folder / "nothing.json"
    empty.write_text('{"version": 1, "name": "nothing", "attach": {"*": "native"}, "rules": []}')
    lane = contender.Yett(bench, empty, ahead=True)
    try:
        files = {"apply": path, **_changed(bench, path)}
        turns = [{name: lane.ask("apply", file) for name, file in files.items()}
                 for _ in range(bench.pick(1, 2, 5))]
        memory = {"daemon_kb": lane.memory(), "map_octets": _map_octets(lane.pins)}
    finally:
        lane.close()
    return {"shape": shape, "rules": size, "octets": path.stat().st_size, **memory,
            "patched": [name for name in CHANGES if all(turn[name]["patched"] for turn in turns)],
            **{name: _stages([turn[name] for turn in turns]) for name in files}}


def measure(bench):
    """Milliseconds by the daemon's clock, and the memory that it takes."""
    sizes = bench.pick([100], [10000, 100000], [1000, 10000, 100000])
    rows = []
    for shape, size in bench.rulesets(sizes, SHAPES[:bench.pick(1, 1, 3)]):
        bench.say(f"{shape} {size}")
        try:
            rows.append(_through_the_daemon(bench, shape, size))
        except Failed as failure:
            rows.append({"shape": shape, "rules": size, "failed": str(failure)})
    return {"rows": rows}


def _stage_table(title, rows, which):
    table = Table(title, ["rules", "JSON, MB", *STAGES, "text to active", "settle"])
    for row in rows:
        if "failed" in row:
            table.notes.append(f"{row['shape']} {row['rules']:,}: {row['failed']}")
            continue
        if which in CHANGES and which not in row["patched"]:
            table.notes.append(f"{row['shape']} {row['rules']:,}: all tables were built anew.")
        figures = row[which]
        active = figures["active"]
        table.add(f"{row['shape']} {row['rules']:,}", number(row["octets"] / 1e6),
                  *[number(figures[stage]["median"]) for stage in STAGES],
                  f"{active['median']:.0f} ({active['min']:.0f}-{active['max']:.0f})",
                  number(figures["settle"]["median"]))
    return table


def tables(result):
    """From text to active; the same for one rule more; memory."""
    rows = result["rows"]
    whole = _stage_table("A ruleset is applied: ms by the clock, median", rows, "apply")
    whole.notes.append("stage: counters and tables into the kernel, and read back; save: what of "
                       "text and record is not on the disk yet; settle: after the switch, what "
                       "only the old one used.")
    changes = [_stage_table(f"One rule is changed: {name}", rows, name) for name in CHANGES]
    memory = Table("Memory, MB", ["rules", "daemon, resident", "maps, all of them"])
    for row in rows:
        if "failed" not in row:
            memory.add(f"{row['shape']} {row['rules']:,}", number(row["daemon_kb"] / 1024),
                       number(row["map_octets"] / 2**20))
    return [whole, *changes, memory]
