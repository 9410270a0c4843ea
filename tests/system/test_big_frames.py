# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames longer than one page, and super-packets that the link cuts up: read to the end, or dropped
with a reason; counted as the wire has them."""

import json
import os
import socket
import threading

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import IPv6ExtHdrDestOpt, PadN
from test_reject import reason

JUMBO = 9000
RULES = {
    "version": 1,
    "name": "big",
    "interfaces": ["eth0"],
    "policy": {"ingress": "pass", "egress": "pass"},
    "rules": [
        {"name": "ssh", "match": {"proto": "tcp", "dport": 22}, "action": "drop"},
        {"name": "sent", "match": {"proto": "udp", "dport": 5000}, "action": "pass"},
        {
            "name": "out",
            "match": {"direction": "egress", "proto": "tcp", "sport": 8080},
            "action": "count",
        },
    ],
}


def with_jumbo_frames(lab):
    """Every link carries 9000 octets, while yett is attached: its XDP knows frames in parts."""
    ends = [("wire", name) for name in ("gate", "client", "attacker")]
    ends += [(name, "eth0") for name in ("gate", "client", "attacker", "c1", "c2")]
    ends += [("gate", "c1"), ("gate", "c2"), ("wire", "br0")]
    for node, device in ends:
        netns.run(lab.name(node), "ip", "link", "set", device, "mtu", str(JUMBO))


def behind_options(source, target, port, octets):
    """TCP behind destination options of that many octets in all, each header at most 2048 long."""
    packet = packets.ip(source, target)
    while octets > 0:
        this = min(octets, 2048)
        # The header's own two octets, then options of at most 255 + 2.
        left, options = this - 2, []
        while left > 0:
            one = min(left, 257) if left != 258 else 200
            options.append(PadN(optdata=b"\0" * (one - 2)))
            left -= one
        packet = packet / IPv6ExtHdrDestOpt(options=options, autopad=0)
        octets -= this
    return packet / packets.TCP(sport=40000, dport=port, flags="S", seq=1)


@test
def headers_behind_the_first_part_of_a_frame_are_read_or_the_frame_falls():
    """Of a frame in parts, XDP on a veth sees some 3,500 octets at once."""
    with gate(servers=False, rules=RULES) as (lab, yett):
        with_jumbo_frames(lab)
        wire = traffic.Wire(lab, "attacker")
        question = traffic.from_sources(addresses.ATTACKER6)
        witness = traffic.Witness(lab.name("c1"), "eth0", question)
        sides = (addresses.ATTACKER6, addresses.C1_6)
        for octets in (0, 8, 2048, 3400, 3480, 3496, 3504, 3520, 3600, 4096, 8000):
            before = yett.rule_packets()
            wire.packets([behind_options(*sides, 22, octets), behind_options(*sides, 80, octets)])
            moved = lambda key: yett.rule_packets()[key] - before[key]  # noqa: E731
            what = f"port %d behind {octets} octets of options is judged by it"
            netns.wait_for(lambda: moved("ssh") == 1, what % 22)
            netns.wait_for(lambda: moved("(policy) ingress") >= 1, what % 80)
        equal(reason(yett, "truncated")[1]["packets"], 0, "frames that could not be read")
        netns.wait_for(lambda: witness.count >= 11, "what may pass arrives")
        equal(witness.stop(), 11, "frames that arrived in c1")
        sums_hold(yett)


@test
def a_chain_that_is_cut_off_by_the_end_of_a_long_frame_falls_with_a_reason():
    with gate(servers=False, rules=RULES) as (lab, yett):
        with_jumbo_frames(lab)
        wire = traffic.Wire(lab, "attacker")
        for target, cut in ((addresses.C1_6, 10), (addresses.C1_6, 30), (addresses.C1_6, 4000)):
            frame = wire.frame(behind_options(addresses.ATTACKER6, target, 22, 8000))[:-cut]
            lying = frame[:18] + (len(frame) - 54).to_bytes(2, "big") + frame[20:]
            for name, sent in (("bad_length", frame), ("truncated", lying)):
                before = reason(yett, name)[1]["packets"]
                wire.send([sent])
                fell = lambda: reason(yett, name)[1]["packets"] - before  # noqa: E731, B023
                netns.wait_for(lambda: fell() == 1, f"{cut} octets short: {name}")
        sums_hold(yett)


@test
def long_frames_with_ordinary_headers_pass_and_are_counted_exactly():
    with gate(servers=False, rules=RULES) as (lab, yett):
        with_jumbo_frames(lab)
        wire = traffic.Wire(lab, "attacker")
        question = traffic.from_sources(addresses.ATTACKER4, addresses.ATTACKER6)
        witness = traffic.Witness(lab.name("c1"), "eth0", question)
        frames = []
        for size in (1500, 3400, 3500, 3600, 4096, 8000, 8900):
            for pair in (
                (addresses.ATTACKER4, addresses.C1_4),
                (addresses.ATTACKER6, addresses.C1_6),
            ):
                frames += [wire.frame(packets.udp(*pair, 7, 5000, size))] * 50
        wire.send(frames)
        rule = lambda: _rule(yett, "sent")  # noqa: E731
        netns.wait_for(lambda: rule()["packets"] >= len(frames), "all frames are counted")
        equal(rule()["packets"], len(frames), "packets")
        equal(rule()["bytes"], sum(map(len, frames)), "octets")
        netns.wait_for(lambda: witness.count >= len(frames), "all of them arrive")
        witness.stop()
        sums_hold(yett)


def _rule(yett, name):
    return next(item for item in yett.ask("show", "rules")["rules"] if item["name"] == name)


def difference(two, one):
    return {unit: two[unit] - one[unit] for unit in ("packets", "bytes")}


def download(lab, node, address, goal):
    """A server on port 8080 of that node sends `goal` octets to the client, who takes them all."""
    listener = netns.open_socket(lab.name(node), socket.AF_INET6, socket.SOCK_STREAM)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", 8080))
    listener.listen(1)
    data = os.urandom(1 << 20)

    def serve():
        with listener.accept()[0] as connection:
            left = goal
            while left > 0:
                left -= connection.send(data[: min(left, len(data))])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener, traffic.connect(lab.name("client"), address, 8080) as taker:
        taken = 0
        while taken < goal:
            taken += len(taker.recv(1 << 20))
        thread.join(traffic.PATIENCE)
    equal(taken, goal, "octets that arrived")


def carried_by_the_link(lab):
    """What the other end of the gate's eth0 received, counted before anybody merges segments."""
    text = netns.run(lab.name("wire"), "ip", "-j", "-s", "link", "show", "gate")
    return json.loads(text)[0]["stats64"]["rx"]


@test
def super_packets_at_egress_are_counted_as_the_wire_has_them():
    """The stack hands down up to 64 kB at once; without TSO the interface cuts it up itself, behind
    the egress hook, and the other end sees real segments."""
    goal = 50_000_000
    with gate(servers=False, rules=RULES) as (lab, yett):
        gate_name = lab.name("gate")
        for feature in ("tso", "tx-udp-segmentation"):
            netns.run(gate_name, "ethtool", "-K", "eth0", feature, "off")
        for node, address in (("gate", addresses.GATE4), ("c1", addresses.C1_6)):
            before = yett.interface("eth0", "egress")["passed"], _rule(yett, "out")
            start = carried_by_the_link(lab)
            super_packets = traffic.Witness(gate_name, "c1", lambda frame: len(frame) > 30000)
            download(lab, node, address, goal)
            holds(super_packets.stop() > 50 or node == "gate", "super-packets come from c1")
            carried = difference(carried_by_the_link(lab), start)
            after = yett.interface("eth0", "egress")["passed"], _rule(yett, "out")
            for who, one, two in zip(("interface", "rule"), before, after):
                counted = difference(two, one)
                for unit in ("packets", "bytes"):
                    close = abs(counted[unit] - carried[unit]) < carried[unit] * 0.01
                    what = f"{node}: {unit} of the {who}: {counted[unit]}"
                    holds(close, f"{what}; the link carried {carried[unit]}")
        equal(yett.interface("eth0", "egress")["dropped"]["packets"], 0, "dropped at egress")
        sums_hold(yett)
