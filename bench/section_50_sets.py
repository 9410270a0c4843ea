# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets: what a packet pays for a million entries, and what it takes to load and to change them."""

import http.client
import json
import socket

import contender
from harness import Failed, stopwatch, summary
from report import Table, number, spread

TITLE = "Sets"
STAGES = ("parse", "check", "compile", "stage", "tests", "save")
BATCH = 10_000


def measure(bench):
    """Nanoseconds a packet; seconds and memory of a list; one entry more; batches."""
    entries = bench.pick(2000, 1_000_000, 1_000_000)
    frames = bench.pick(2000, 400_000, 2_000_000)
    lookup = bench.json("sets", entries, frames, bench.rounds)
    if "error" in lookup:
        raise Failed(lookup["error"])
    out = {
        "entries": entries,
        "lookup": {name: summary(ns) for name, ns in lookup["ns"].items()},
        "lists": [_list(bench, entries, False)],
        "changes": _changes(bench, entries),
    }
    if bench.mode == "normal":
        out["lists"] += [_list(bench, entries, True), _list(bench, 16_000_000, False)]
    return out


# -- lists


def address(n, ipv6):
    """Different for different n, and all over the place."""
    n = n * 0x9E3779B1 & 0xFFFFFFFF
    if ipv6:
        return f"2001:db8:{n >> 16:x}:{n & 65535:x}::{n & 255:x}"
    return f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def _write_list(path, entries, ipv6):
    with open(path, "w", encoding="ascii") as file:
        for first in range(0, entries, 100_000):
            numbers = range(first, min(first + 100_000, entries))
            file.write("".join(f"{address(n, ipv6)}\n" for n in numbers))


def _ruleset(bench, name, **more):
    """One rule that drops members of the set "s"."""
    path = bench.folder / f"{name}.json"
    path.write_text(json.dumps({
        "version": 1, "name": name, "attach": {"*": "native"},
        "sets": {"s": {"type": "prefix", **more}},
        "rules": [{"name": "member", "match": {"src": "@s"}, "action": "drop"}],
    }, indent=1))
    return path


def _is_dropped(lane, source):
    packet = f"udp [{source}]:9 > [2001:db8::1]:9" if ":" in source else \
        f"udp {source}:9 > 192.0.2.1:9"
    return lane.ask("trace", packet)["rule"] == "member"


def _list(bench, entries, ipv6):
    """A file of so many hosts, from the command to what packets are judged by."""
    family = "IPv6" if ipv6 else "IPv4"
    bench.say(f"{entries:,} hosts, {family}")
    name = f"list-{entries}-{family}"
    _write_list(bench.folder / f"{name}.txt", entries, ipv6)
    options = ["--list-dir", bench.folder]
    if entries > 4_000_000:
        options += ["--set-memory", "1024"]
    lane = contender.Yett(bench, _ruleset(bench, f"{name}-empty"), ahead=True, options=options)
    try:
        before = lane.memory()
        wall, answer = stopwatch(
            lambda: lane.ask("apply", _ruleset(bench, name, file=f"{name}.txt")))
        for n in (0, entries // 2, entries - 1):
            if not _is_dropped(lane, address(n, ipv6)):
                raise Failed(f"{address(n, ipv6)} is in the list and passes")
        tables = lane.ask("show", "sets")["memory"]["bytes"]
        memory = {"before_kb": before, "daemon_kb": lane.memory(),
                  "peak_kb": lane.memory("VmHWM"), "tables": tables}
    finally:
        lane.close()
        (bench.folder / f"{name}.txt").unlink()
    stages = {stage: answer["times"][stage] / 1e6 for stage in STAGES}
    return {"entries": entries, "family": family, "wall": wall, "stages": stages, **memory}


# -- changes


class _Socket(http.client.HTTPConnection):
    """HTTP over the daemon's socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self._path)

    def ask(self, method, target, body=None):
        """The answer of a request that must succeed."""
        self.request(method, target, body, {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Failed(f"{method} {target}: {answer.status} {text[:200]}")
        return json.loads(text)


def _changes(bench, entries):
    """Entries one by one and in batches, into a set that holds so many."""
    singles, batches = bench.pick(20, 1000, 5000), bench.pick(2, 20, 50)
    listed = bench.folder / "changes.txt"
    _write_list(listed, entries, False)
    lane = contender.Yett(bench, _ruleset(bench, "changes", file="changes.txt"), ahead=True,
                          options=["--list-dir", bench.folder])
    try:
        speaker = _Socket(lane.folder / "run" / "yett.sock")
        first = entries
        ones = []
        for n in range(first, first + singles):
            seconds, _ = stopwatch(
                lambda n=n: speaker.ask("PUT", f"/v1/sets/s/entries/{address(n, False)}"))
            ones.append(seconds * 1e3)
        first += singles
        bodies = [json.dumps({"add": [address(first + batch * BATCH + n, False)
                                      for n in range(BATCH)]}) for batch in range(batches)]
        rates = [BATCH / stopwatch(
            lambda body=body: speaker.ask("POST", "/v1/sets/s/entries/batch", body))[0]
            for body in bodies]
        speaker.close()
        if not _is_dropped(lane, address(first + batches * BATCH - 1, False)):
            raise Failed("what was added last passes")
    finally:
        lane.close()
        listed.unlink()
    ones.sort()
    return {"singles": singles, "one_ms": summary(ones), "one_p90_ms": ones[len(ones) * 9 // 10],
            "batch": BATCH, "batches": batches, "rate": summary(rates)}


# -- the report


WORDS = {
    "no-member": "hosts; the source is in no set",
    "member": "hosts; the source is in the set",
    "no-prefix": "prefixes; any source",
    "prefix": "prefixes; the source is in one",
}


def _lookup_table(result):
    table = Table(
        f"A rule that drops members of a set of {result['entries']:,}, ns a packet: more than a "
        "plain rule", ["what", "IPv4", "IPv6"])
    figures = result["lookup"]
    for name, words in WORDS.items():
        cells = []
        for family in "46":
            own = "feeder-prefixes" if name == "prefix" else "feeder"
            base = figures[f"plain{family}"]["median"] - figures[f"feeder{family}"]["median"]
            more = figures[f"{name}{family}"]["median"] - figures[f"{own}{family}"]["median"]
            cells.append(f"{more - base:.0f}")
        table.add(words, *cells)
    table.notes.append("Each source is another one, at random. Prefixes: 20 to 32 bits in IPv4, 40 "
                       "to 64 in IPv6, each length as often, so that a source meets nearly all.")
    return table


def tables(result):
    """Packets, lists, changes."""
    lists = Table("A list in a file becomes active: seconds by the clock",
                  ["hosts", "command to active", "list and request", *STAGES, "daemon, MB (peak)",
                   "tables, MiB"])
    for row in result["lists"]:
        rest = row["wall"] - sum(row["stages"].values())
        lists.add(f"{row['entries']:,} {row['family']}", number(row["wall"]), number(rest),
                  *[number(row["stages"][stage]) for stage in STAGES],
                  f"{row['daemon_kb'] / 1024:.0f} ({row['peak_kb'] / 1024:.0f})",
                  number(row["tables"] / 2**20))
    changes = result["changes"]
    table = Table(f"Changes to a set of {result['entries']:,} hosts, through the socket",
                  ["what", "figure"])
    table.add("one entry to effect, ms", spread(changes["one_ms"]))
    table.add("the slowest tenth begins at, ms", number(changes["one_p90_ms"]))
    table.add(f"entries a second in batches of {changes['batch']:,}", spread(changes["rate"]))
    return [_lookup_table(result), lists, table]
