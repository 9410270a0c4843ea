# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole path: live frames into a veth, where each contender drops all of them."""

import contender
import plot
from harness import Failed, alternate, stopwatch
from report import Table, number, spread

TITLE = "The whole path"
TRAFFIC = ("uniform", "local", "random")
# What is not even tried: it would take minutes for nothing new.
MOST = {"nftables rules": 10000, "nftables map": 10000, "iptables": 10000}


def _rule_files(bench, shape, size):
    """Contender -> function that makes its lane."""

    def text(form):
        return bench.generated(form, shape, size)

    return {
        "yett": lambda: contender.Yett(bench, text("json")),
        "nftables rules": lambda: contender.Nft(bench, text("nft-linear")),
        "nftables map": lambda: contender.NftMap(bench, text("nft-map")),
        "iptables": lambda: contender.Iptables(bench, text("iptables").read_text()),
    }


def _open(bench, makers, left_out):
    """Lanes that can be had; XDP_DROP is always among them."""
    lanes = {"XDP_DROP": contender.Bare(bench)}
    for name, make in makers.items():
        try:
            lanes[name] = make()
        except Failed as failure:
            left_out[name] = str(failure)
    return lanes


def _turns(bench, lanes, frames):
    milliseconds = bench.pick(2, 40, 150)
    for lane in lanes.values():
        lane.tell(f"frames {frames}")
        lane.count = None
    turns = {name: lambda lane=lane: lane.turn(milliseconds) for name, lane in lanes.items()}
    return alternate(turns, bench.rounds)


def _wrong(bench, lanes, shape, size):
    """Contender -> share of frames that came to another rule than the first that matches."""
    more = ["--headers", "8192", "--seed", "1"]
    frames = bench.generated("frames", shape, size, *more)
    hits = [int(line) for line in bench.generated("hits", shape, size, *more).read_text().split()]
    found = {name: lane.verify(frames, hits) for name, lane in lanes.items()}
    return {name: share for name, share in found.items() if share is not None}


def _map_wrong(bench, shape, size):
    lane = None
    try:
        lane = contender.NftCounters(bench, bench.generated("nft-counters", shape, size))
        return _wrong(bench, {"nftables map": lane}, shape, size)
    except Failed:
        return {}
    finally:
        if lane:
            lane.close()


def _group(bench, shape, size):
    """All contenders with one ruleset."""
    bench.say(f"{size} rules")
    group = {"shape": shape, "size": size, "left_out": {}, "traffic": {}}
    makers = _rule_files(bench, shape, size)
    for name, most in MOST.items():
        if size > most:
            group["left_out"][name] = f"not tried beyond {most:,} rules"
            del makers[name]
    lanes = _open(bench, makers, group["left_out"])
    try:
        group["wrong"] = _wrong(bench, lanes, shape, size)
        group["refused"] = {name: lane.refused for name, lane in lanes.items()
                            if getattr(lane, "refused", 0)}
        for traffic in TRAFFIC:
            frames = bench.generated("frames", shape, size, "--traffic", traffic)
            some = lanes if traffic == "uniform" else {
                name: lane for name, lane in lanes.items() if name in ("XDP_DROP", "yett")}
            group["traffic"][traffic] = _turns(bench, some, frames)
    finally:
        for lane in lanes.values():
            lane.close()
    if "nftables map" in makers and "nftables map" not in group["left_out"]:
        group["wrong"].update(_map_wrong(bench, shape, size))
    return group


def _set_group(bench, size):
    """All contenders with one set of hosts, and packets from those."""
    bench.say(f"a set of {size}")

    def text(form):
        return bench.generated(form, "acl", size)

    match = "*raw\n-A PREROUTING -m set --match-set s src -j DROP\nCOMMIT\n"
    makers = {
        "yett": lambda: contender.Yett(bench, text("set-json")),
        "nftables set": lambda: contender.Nft(bench, text("nft-set")),
        "iptables, ipset": lambda: contender.Iptables(bench, match, text("ipset")),
    }
    group = {"size": size, "left_out": {}, "loads": {}}
    if size <= 1000:
        hosts = text("hosts").read_text().split()
        makers["xdp-filter"] = lambda: contender.XdpFilter(bench, hosts)
    else:
        group["left_out"]["xdp-filter"] = "takes one address a call; it is shown with 1,000"

    def timed(name, make):
        group["loads"][name], lane = stopwatch(make)
        return lane

    lanes = _open(bench, {name: lambda name=name, make=make: timed(name, make)
                          for name, make in makers.items()}, group["left_out"])
    try:
        group["figures"] = _turns(bench, lanes, text("host-frames"))
    finally:
        for lane in lanes.values():
            lane.close()
    return group


def _empty(bench):
    """What it costs to have the filter at all."""
    script = bench.folder / "nft-empty"
    script.write_text('table netdev bench { chain c { type filter hook ingress device "v1" '
                      "priority 0; policy drop; }; }\n")
    drop = "*raw\n:PREROUTING DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n"
    rules = bench.folder / "empty.json"
    rules.write_text('{"version": 1, "name": "empty", "attach": {"*": "native"}, '
                     '"policy": {"ingress": "drop", "egress": "pass"}, "rules": []}')
    left_out = {}
    lanes = _open(bench, {
        "yett": lambda: contender.Yett(bench, rules),
        "nftables": lambda: contender.Nft(bench, script),
        "iptables": lambda: contender.Iptables(bench, drop),
    }, left_out)
    try:
        figures = _turns(bench, lanes, bench.generated("frames", "acl", 1000))
        alone = alternate({"sender": lambda: lanes["XDP_DROP"].turn(20, "nowhere")}, bench.rounds)
        return {"left_out": left_out, "figures": figures, "sender": alone["sender"]}
    finally:
        for lane in lanes.values():
            lane.close()


def measure(bench):
    """Nanoseconds a frame, sending included."""
    sizes = bench.pick([10], [10, 1000, 10000, 100000], [10, 100, 1000, 10000, 100000])
    sets = bench.pick([100], [100000], [1000, 1000000])
    return {
        "empty": _empty(bench),
        "groups": [_group(bench, shape, size) for shape, size in bench.rulesets(sizes)],
        "sets": [] if bench.rules else [_set_group(bench, size) for size in sets],
    }


def _row(table, name, figures, bare):
    table.add(name, spread(figures), number(1e3 / figures["median"]),
              number(figures["median"] / bare["median"]))


def _columns(first):
    return [first, "ns a frame (min-max)", "million a second, a core", "times XDP_DROP"]


def _empty_table(result):
    table = Table("Without rules: the policy drops", _columns("filter"))
    figures = result["figures"]
    for name, one in figures.items():
        _row(table, name, one, figures["XDP_DROP"])
    table.notes.append(f"Of each figure, sending alone is {number(result['sender']['median'])} ns.")
    table.notes += [f"{name}: left out: {why}" for name, why in result["left_out"].items()]
    return table


def _group_table(group):
    title = f"{group['size']:,} rules ({group['shape']} shape)"
    table = Table(title, _columns("filter, traffic"))
    for traffic, figures in group["traffic"].items():
        for name, one in figures.items():
            _row(table, f"{name}, {traffic}", one, figures["XDP_DROP"])
    for name, share in group["wrong"].items():
        table.notes.append(
            f"{name}: of 8,192 frames {'none' if share == 0 else f'at least {share:.1%}'} came to "
            "another rule than the first that matches.")
    table.notes += [f"{name}: took {group['size'] - count:,} of the rules, the others overlap."
                    for name, count in group["refused"].items()]
    table.notes += [f"{name}: left out: {why}" for name, why in group["left_out"].items()]
    return table


def _set_table(group):
    table = Table(f"A set of {group['size']:,} addresses; each frame comes from one of them",
                  _columns("filter"))
    for name, one in group["figures"].items():
        _row(table, name, one, group["figures"]["XDP_DROP"])
    loads = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in group["loads"].items())
    table.notes.append(f"Made and loaded, with the namespace around it: {loads}.")
    table.notes += [f"{name}: left out: {why}" for name, why in group["left_out"].items()]
    return table


def _goals(groups):
    """What the project wants to reach, and what it does."""
    table = Table("With 10,000 rules", ["goal", "wanted", "reached"])
    group = next((one for one in groups if one["size"] == 10000), None)
    if group is None:
        return []
    middle = {traffic: {name: figures["median"] for name, figures in all_.items()}
              for traffic, all_ in group["traffic"].items()}
    for traffic, wanted in (("uniform", "0.70"), ("local", "0.85")):
        if "yett" in middle[traffic]:
            rate = middle[traffic]["XDP_DROP"] / middle[traffic]["yett"]
            table.add(f"rate of bare XDP_DROP, {traffic} traffic", wanted, f"{rate:.2f}")
    for name, wanted in (("nftables map", "5"), ("nftables rules", "300"), ("iptables", "-")):
        if name in middle["uniform"] and "yett" in middle["uniform"]:
            table.add(f"times as fast as {name}", wanted,
                      number(middle["uniform"][name] / middle["uniform"]["yett"]))
    return [table]


def tables(result):
    """One table a ruleset."""
    return [_empty_table(result["empty"]), *map(_group_table, result["groups"]),
            *map(_set_table, result["sets"]), *_goals(result["groups"])]


def plots(result):
    """Cost by number of rules."""
    lines = {}
    for group in result["groups"]:
        for name, figures in group["traffic"]["uniform"].items():
            lines.setdefault(name, []).append((group["size"], figures["median"]))
    return {"rules.svg": plot.log_log(
        "What a packet costs, by number of rules", "rules", "nanoseconds a packet, one core", lines,
        notes={"nftables map": "not first match"})}
