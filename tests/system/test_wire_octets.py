# SPDX-License-Identifier: GPL-2.0-or-later
"""What `seen` counts is what the wire carries, by the other end's own counters: on TC, where frames
come merged, and on XDP; with tags, in super-packets of both sizes, in tunnels, and padded."""

import json
import socket
import threading

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from test_demands import tagged_beside_the_frame

PORT, ETHERNET = 8080, 14
LONG = 120.0  # seconds that a transfer may take on a busy machine
ONE_WAY = 20_000_000
RULES = {
    "version": 1,
    "name": "wire",
    "interfaces": ["eth0"],
    "policy": {"ingress": "pass", "egress": "pass"},
    "rules": [
        {"name": "arp", "match": {"ethertype": "arp"}, "action": "count"},
        {"name": "tagged", "match": {"direction": "ingress", "dport": 5000}, "action": "count"},
        {"name": "long", "match": {"len": ">=1501"}, "action": "count"},
    ],
}
HOOKS = (("tc", "tc"), ("native", "xdp-native"))


def applied(yett, hook):
    yett.apply({**RULES, "attach": {"eth0": hook}})


def carried(lab):
    """What the other end of the gate's eth0 sent to it and received from it, by its driver. What
    goes to an end with GRO or XDP it counts without Ethernet header (veth_xdp_rcv())."""
    text = netns.run(lab.name("wire"), "ip", "-j", "-s", "link", "show", "gate")
    counters = json.loads(text)[0]["stats64"]
    sent = counters["tx"]
    sent["bytes"] += sent["packets"] * ETHERNET
    return {"ingress": sent, "egress": counters["rx"]}


def counted(yett):
    return {way: yett.interface("eth0", way)["seen"] for way in ("ingress", "egress")}


def by_rule(yett, name, unit="packets"):
    return sum(rule[unit] for rule in yett.ask("show", "rules")["rules"] if rule["name"] == name)


class Account:
    """What both ends count from now on. A veth does not pad what is shorter than 60 octets (ARP has
    42)."""

    def __init__(self, lab, yett):
        self._lab, self._yett = lab, yett
        self._before = self._now()

    def _now(self):
        return carried(self._lab), counted(self._yett), by_rule(self._yett, "arp")

    def _differences(self, way):
        """Packets and octets by which yett is ahead of the link, but for the padding of ARP."""
        before, now = self._before, self._now()
        moved = [
            {unit: now[end][way][unit] - before[end][way][unit] for unit in ("packets", "bytes")}
            for end in (0, 1)
        ]
        padding = range((now[2] - before[2]) * 18 + 1)
        packets_ahead = moved[1]["packets"] - moved[0]["packets"]
        return packets_ahead, moved[1]["bytes"] - moved[0]["bytes"], padding, moved[0]["packets"]

    def closes(self, what, ways=("ingress", "egress"), least=1000):
        """Every packet and every octet, both ways."""
        for way in ways:
            told = lambda: self._differences(way)  # noqa: E731, B023
            fits = lambda: told()[0] == 0 and told()[1] in told()[2]  # noqa: E731, B023
            try:
                netns.wait_for(fits, "the same figures", 5)
            except TimeoutError as late:
                text = f"{what}, {way}: ahead by (packets, octets) {told()}"
                raise AssertionError(text) from late
            holds(told()[3] >= least, f"{what}, {way}: {told()[3]} packets on the link")


def transfer(lab, source, target, address, octets=ONE_WAY):
    """TCP from one node to another, all of which arrives."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with netns.open_socket(lab.name(target), family, socket.SOCK_STREAM) as listener:
        listener.bind((address, PORT))
        listener.listen(1)

        def send():
            with traffic.connect(lab.name(source), address, PORT, LONG) as sender:
                sender.sendall(bytes(octets))

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        taken = 0
        with listener.accept()[0] as taker:
            while chunk := taker.recv(1 << 20):
                taken += len(chunk)
        thread.join(traffic.PATIENCE)
    equal(taken, octets, "octets that arrived")


def real_segments(lab, *nodes):
    """Nobody hands super-packets to the next one by way of the link: the other end counts what a
    cable would carry. They are merged behind it, and cut up in front of it."""
    for node, device in (("wire", "gate"), ("gate", "eth0"), *((node, "eth0") for node in nodes)):
        for feature in ("tso", "tx-udp-segmentation"):
            netns.run(lab.name(node), "ethtool", "-K", device, feature, "off")
    netns.run(lab.name("gate"), "ethtool", "-K", "eth0", "gro", "on")


def super_packets(lab, least=20_000, device="eth0"):
    return traffic.Witness(lab.name("gate"), device, lambda frame: len(frame) >= least)


@test
def tcp_is_counted_segment_by_segment_both_ways():
    for hook, mode in HOOKS:
        with gate(servers=False) as (lab, yett):
            real_segments(lab, "client")
            applied(yett, hook)
            for ours, theirs in (
                (addresses.GATE4, addresses.CLIENT4),
                (addresses.GATE6, addresses.CLIENT6),
            ):
                account, merged = Account(lab, yett), super_packets(lab)
                transfer(lab, "client", "gate", ours)
                transfer(lab, "gate", "client", theirs)
                holds(merged.stop() > 10, f"{mode}: frames come merged behind the link")
                account.closes(f"{mode}, {theirs}")
            equal(by_rule(yett, "long"), 0, f"{mode}: packets that no link of 1500 octets carries")
            sums_hold(yett)


@test
def tags_are_counted_on_both_hooks():
    """In the frame, and beside it, where XDP on a veth cannot see one."""
    for hook, mode, beside in (("tc", "tc", False), ("tc", "tc", True), ("native", "xdp", False)):
        with gate(servers=False) as (lab, yett):
            applied(yett, hook)
            if beside:
                tagged_beside_the_frame(lab)
            wire = traffic.Wire(lab, "attacker")
            plain = wire.frame(packets.udp(addresses.ATTACKER4, addresses.C1_4, 7, 5000, 500))
            tagged = plain[:12] + bytes.fromhex("81000007") + plain[12:]
            wire.send([tagged] * 1000)
            netns.wait_for(lambda: by_rule(yett, "tagged") >= 1000, "the frames are counted")
            octets = by_rule(yett, "tagged", "bytes")
            equal(octets, 1000 * len(tagged), f"{mode}, beside the frame: {beside}: octets")


@test
def big_tcp_is_counted_segment_by_segment():
    """Above 64 KiB (IPv6: with a jumbo header that no segment gets)."""
    with gate(servers=False) as (lab, yett):
        real_segments(lab, "client")
        for node, device in (("gate", "eth0"), ("gate", "c1"), ("c1", "eth0")):
            for feature in ("gso_max_size", "gro_max_size"):
                netns.run(lab.name(node), "ip", "link", "set", device, feature, "185000")
        applied(yett, "tc")
        account = Account(lab, yett)
        out, into = super_packets(lab, 65_536, "c1"), super_packets(lab, 65_536)
        transfer(lab, "c1", "client", addresses.CLIENT6, 30_000_000)
        transfer(lab, "client", "gate", addresses.GATE6, 30_000_000)
        big = out.stop(), into.stop()
        account.closes("BIG TCP")
        holds(big[0] > 0, "frames above 64 KiB came to be sent on")
        print(f"[ NOTE ] frames above 64 KiB: {big[0]} to send on, {big[1]} merged", flush=True)
        for way in ("ingress", "egress"):
            equal(yett.interface("eth0", way)["dropped"]["packets"], 0, f"dropped at {way}")


@test
def short_frames_count_as_the_padded_ones_that_a_cable_carries():
    for hook, mode in HOOKS:
        with gate(servers=False) as (lab, yett):
            applied(yett, hook)
            wire = traffic.Wire(lab, "attacker")
            short = wire.frame(packets.udp(addresses.ATTACKER4, addresses.C1_4, 7, 5000, 1))
            equal(len(short), 43, "octets of the frame")
            before = counted(yett)["ingress"]
            wire.send([short] * 1000)
            moved = lambda unit: counted(yett)["ingress"][unit] - before[unit]  # noqa: E731
            netns.wait_for(lambda: moved("packets") >= 1000, "the frames are counted")
            others = moved("packets") - 1000
            holds(others < 20, f"{mode}: {others} other frames")
            holds(60_000 <= moved("bytes") <= 60_000 + others * 100, f"{mode}: {moved('bytes')}")


TUNNELS = {
    "vxlan": "type vxlan id 7 remote {} local {} dstport 4789",
    "gre": "type gre remote {} local {}",
    "ipip": "type ipip remote {} local {}",
    "gretap": "type gretap remote {} local {}",
}


def lay_tunnel(lab, words):
    """Between gate and client; False where the kernel knows no such device."""
    for node, end, own, other in (
        ("gate", 1, addresses.GATE4, addresses.CLIENT4),
        ("client", 2, addresses.CLIENT4, addresses.GATE4),
    ):
        lines = f"link add t0 {words.format(other, own)}\nlink set t0 mtu 1400 up\n"
        try:
            netns.batch(lab.name(node), f"{lines}addr add 198.18.7.{end}/24 dev t0\n")
        except RuntimeError as error:
            if "Unknown device type" not in str(error):
                raise
            return False
    return True


@test
def tunnels_of_this_host_are_counted_segment_by_segment():
    """Nobody looks into them: what each segment repeats inside, only the kernel knows."""
    tried = []
    for kind, words in TUNNELS.items():
        with gate(servers=False) as (lab, yett):
            real_segments(lab, "client")
            if not lay_tunnel(lab, words):
                continue
            applied(yett, "tc")
            account = Account(lab, yett)
            transfer(lab, "gate", "client", "198.18.7.2")
            transfer(lab, "client", "gate", "198.18.7.1")
            account.closes(kind)
            equal(by_rule(yett, "long"), 0, f"{kind}: packets that no link carries")
            tried.append(kind)
    holds("vxlan" in tried, f"tunnels tried: {tried}")
