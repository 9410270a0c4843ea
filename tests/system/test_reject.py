# SPDX-License-Identifier: GPL-2.0-or-later
"""The action reject as the other side sees it: at once, well formed, and never a reflector."""

import os
import socket
import time

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import ICMP, IP, TCP, UDP, Ether, ICMPv6DestUnreach, IPv6, Raw
from test_attach import MACVLAN4, MACVLAN6, attach_foreign, attachment, lay_macvlan

RULES = {
    "version": 1,
    "name": "reject",
    "interfaces": ["eth0"],
    "policy": {"ingress": "pass", "egress": "pass"},
    "rules": [
        {"name": "no", "match": {"dport": 22, "direction": "ingress"}, "action": "reject"},
        {"name": "no-esp", "match": {"proto": "esp", "direction": "ingress"}, "action": "reject"},
        {"name": "not-out", "match": {"dport": 25, "direction": "egress"}, "action": "reject"},
    ],
}
A_SOURCE, IN_ALL = 50, 1000  # replies a second and CPU: xdp/abi/reply.h
CPUS = os.cpu_count()


def ask_by_udp(name, target, port, seconds=traffic.PATIENCE):
    """What a datagram's sender learns: "refused" or "silence"."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with netns.open_socket(name, family, socket.SOCK_DGRAM) as made:
        made.settimeout(seconds)
        made.connect((target, port))
        made.send(b"h" * 60)  # a shorter one would get an answer longer than itself
        try:
            made.recv(100)
        except ConnectionRefusedError:
            return "refused"
        except TimeoutError:
            pass
        return "silence"


def is_refused_at_once(name, target, port, what):
    """By the answer to its first SYN, which a busy machine may take its time to hear."""
    equal(traffic.answer(name, target, port), "refused", f"TCP {what} to {target}")


def sums_are_right(frame):
    """Every checksum is what scapy computes for the same frame."""
    there, again = Ether(frame), Ether(frame)
    for layer in (IP, TCP, UDP, ICMP, ICMPv6DestUnreach):
        if again.haslayer(layer):
            names = {"chksum", "cksum"} & {field.name for field in again[layer].fields_desc}
            for name in names:
                again[layer].delfieldval(name)
            if layer in (ICMP, ICMPv6DestUnreach):
                break  # what is quoted behind it is cut short
    equal(bytes(again)[: len(frame)].hex(), bytes(there).hex(), "the frame with sums made anew")


@test
def a_client_is_refused_at_once_in_both_families():
    with gate(rules=RULES) as (lab, yett):
        for target in (addresses.C1_4, addresses.C1_6, addresses.GATE4, addresses.GATE6):
            is_refused_at_once(lab.name("client"), target, 22, "port 22")
            equal(ask_by_udp(lab.name("client"), target, 22), "refused", f"UDP to {target}")
            equal(traffic.answer(lab.name("client"), target, 80), "served", f"{target}:80")
        holds(yett.rule_packets()["no"] >= 8, "the rule counts")
        sums_hold(yett)


@test
def on_tc_and_on_generic_xdp_it_is_the_same():
    with gate(started=False) as (lab, yett):
        attach_foreign(lab)
        yett.start()
        lay_macvlan(lab)
        yett.apply({**RULES, "interfaces": ["eth0", "mv0"], "attach": {"mv0": "generic"}})
        modes = [attachment(yett, name)["mode"] for name in ("eth0", "mv0")]
        equal(modes, ["tc", "xdp-generic"], "modes")
        for name, target in (
            ("client", addresses.C1_4),
            ("client", addresses.C1_6),
            ("client", MACVLAN4),
            ("client", MACVLAN6),
        ):
            is_refused_at_once(lab.name(name), target, 22, "port 22")
            equal(ask_by_udp(lab.name(name), target, 22), "refused", f"UDP to {target}")
        sums_hold(yett)


@test
def a_sender_behind_the_gate_is_refused_at_once_too():
    """Egress: the reply goes in again by the interface that the packet was to leave by."""
    with gate(rules=RULES) as (lab, yett):
        for node in ("gate", "c1"):
            for target in (addresses.CLIENT4, addresses.CLIENT6):
                is_refused_at_once(lab.name(node), target, 25, f"port 25 from {node}")
                answer = ask_by_udp(lab.name(node), target, 25)
                equal(answer, "refused", f"UDP from {node} to {target}")
        holds(yett.rule_packets()["not-out"] >= 8, "the rule counts")
        sums_hold(yett)


def replies_to(lab, sent, is_enough, seconds=60.0):
    """Sends frames from the attacker and gives those that came back to it from c1, once
    is_enough(how many) holds."""
    wire = traffic.Wire(lab, "attacker")
    question = traffic.from_sources(addresses.C1_4, addresses.C1_6)
    inside = lambda frame: question(frame[:12] + frame[16:])  # noqa: E731  behind one tag
    either = lambda frame: question(frame) or inside(frame)  # noqa: E731
    witness = traffic.Witness(lab.name("attacker"), "eth0", either, keep=len(sent) + 1)
    wire.send(sent)
    try:
        netns.wait_for(lambda: is_enough(witness.count), "replies", seconds)
    finally:
        witness.stop()
        wire.close()
    return witness.frames


def one(count):
    return count == 1


@test
def replies_are_well_formed_and_no_longer_than_what_they_answer():
    pairs = ((addresses.ATTACKER4, addresses.C1_4), (addresses.ATTACKER6, addresses.C1_6))
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for source, target in pairs:
            ip = packets.ip(source, target)
            data = ip / TCP(sport=40000, dport=22, flags="PA", seq=7, ack=99) / Raw(b"\1" * 700)
            for packet, flags, numbers in (
                (ip / TCP(sport=40000, dport=22, flags="S", seq=2**32 - 1), "RA", (0, 0)),
                (ip / TCP(sport=40000, dport=22, flags="S", seq=1) / Raw(b"xyz"), "RA", (0, 5)),
                (ip / TCP(sport=40000, dport=22, flags="FA", seq=1, ack=5), "R", (5, 0)),
                (data, "R", (99, 0)),
            ):
                sent = wire.frame(packet)
                for tag in (b"", bytes.fromhex("81000007")):
                    (got,) = replies_to(lab, [sent[:12] + tag + sent[12:]], one)
                    equal(got[12 : 12 + len(tag)], tag, "the tag of the reply")
                    got = got[:12] + got[12 + len(tag) :]
                    holds(len(got) <= len(sent), f"{len(sent)} octets answered by {len(got)}")
                    sums_are_right(got)
                    reset = Ether(got)[TCP]
                    equal((reset.flags, (reset.seq, reset.ack)), (flags, numbers), f"of {packet}")
                    equal((reset.sport, reset.dport), (22, 40000), "ports")
            _unreachables_are_well_formed(lab, wire, ip)
        sums_hold(yett)


def _unreachables_are_well_formed(lab, wire, ip):
    ipv4 = ip.name == "IP"
    esp = (ip.copy() / Raw(b"\2" * 64)).copy()
    setattr(esp, "proto" if ipv4 else "nh", 50)
    for packet, code in (
        (ip / UDP(sport=5000, dport=22) / Raw(b"\0" * 600), 3 if ipv4 else 4),
        (esp, 13 if ipv4 else 1),
    ):
        sent = wire.frame(packet)
        (got,) = replies_to(lab, [sent], one)
        holds(len(got) <= len(sent), f"{len(sent)} octets answered by {len(got)}")
        sums_are_right(got)
        answer = Ether(got)[ICMP if ipv4 else ICMPv6DestUnreach]
        equal((answer.type, answer.code), (3 if ipv4 else 1, code), f"type and code of {packet}")
        header = 20 if ipv4 else 40
        quoted = got[14 + header + 8 :]
        equal(quoted.hex(), sent[14 : 14 + header + 8].hex(), "what it quotes")


def frames_for_others(wire):
    """To all, to groups, and to another station whose frames a switch floods."""
    long = UDP(dport=22) / Raw(b"\0" * 100)
    ours = wire.frame(IP(src=addresses.ATTACKER4, dst=addresses.C1_4) / long)
    ours6 = wire.frame(IPv6(src=addresses.ATTACKER6, dst=addresses.C1_6) / long)
    groups = [
        Ether(src=ours[6:12], dst=ours[:6]) / IP(src=addresses.ATTACKER4, dst="224.0.0.9") / long,
        Ether(src=ours[6:12], dst=ours[:6]) / IPv6(src=addresses.ATTACKER6, dst="ff02::9") / long,
    ]
    stations = ("ffffffffffff", "01005e000001", "02005e100099")
    frames = [bytes.fromhex(to) + frame[6:] for to in stations for frame in (ours, ours6)]
    return frames + [bytes(frame) for frame in groups]


@test
def on_tc_too_nobody_answers_in_the_name_of_others():
    with gate(servers=False, started=False) as (lab, yett):
        attach_foreign(lab)
        yett.start()
        yett.apply(RULES)
        equal(attachment(yett, "eth0")["mode"], "tc", "mode")
        wire = traffic.Wire(lab, "attacker")
        ip4 = IP(src=addresses.ATTACKER4, dst=addresses.C1_4)
        last = wire.frame(ip4 / TCP(sport=40001, dport=22, flags="S"))
        got = replies_to(lab, [*frames_for_others(wire), last], one)
        equal([Ether(frame)[TCP].dport for frame in got], [40001], "what was answered")


@test
def what_must_not_be_answered_is_not():
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        ip4 = IP(src=addresses.ATTACKER4, dst=addresses.C1_4)
        ip6 = IPv6(src=addresses.ATTACKER6, dst=addresses.C1_6)
        silent = [
            wire.frame(ip4 / TCP(dport=22, flags="R")),
            wire.frame(ip6 / TCP(dport=22, flags="RA")),
            wire.frame(ip4 / TCP(dport=22, flags="SF")),
            wire.frame(ip6 / TCP(dport=22, flags="")),
            wire.frame(IP(src=addresses.ATTACKER4, dst=addresses.C1_4, flags="MF")
                       / TCP(dport=22, flags="S") / Raw(b"\0" * 4)),
        ]  # fmt: skip
        silent += frames_for_others(wire)
        last = wire.frame(ip4 / TCP(sport=40001, dport=22, flags="S"))
        before = yett.rule_packets()["no"]
        got = replies_to(lab, [*silent, last], one)
        equal([Ether(frame)[TCP].dport for frame in got], [40001], "what was answered")
        equal(yett.rule_packets()["no"] - before, len(silent) + 1, "the rule counts all the same")


def reason(yett, name, direction="ingress"):
    """(passed, dropped) of a reason, each as packets and bytes."""
    for item in yett.counters()["reasons"]:
        if item["name"] == name and item["direction"] == direction:
            return item["passed"], item["dropped"]
    return {"packets": 0, "bytes": 0}, {"packets": 0, "bytes": 0}


@test
def a_flood_gets_no_more_than_the_budget_in_replies():
    with gate(servers=False, rules=RULES) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        one = [wire.frame(packets.tcp(addresses.ATTACKER4, addresses.C1_4, 22, "S"))] * 5000
        many = [
            wire.frame(packets.udp(f"203.0.113.{n % 250 + 2}", addresses.C1_4, 7, 22, size))
            for n in range(3000)
            for size in (18, 100)
        ]
        for flood, rate in ((one, A_SOURCE), (many, IN_ALL)):
            before = reason(yett, "replied")[0]
            told = lambda: reason(yett, "replied")[0]["packets"] - before["packets"]  # noqa: E731
            began = time.monotonic()
            replies = replies_to(lab, flood, lambda n: n >= rate // 2 and n == told())
            most = rate * CPUS * (time.monotonic() - began + 1)
            holds(len(replies) <= most, f"{len(replies)} replies, at most {most:.0f} are allowed")
            sent = sum(map(len, flood))
            holds(sum(map(len, replies)) <= sent, "fewer octets come back than were sent")
            after = reason(yett, "replied")[0]
            equal(after["packets"] - before["packets"], len(replies), "replies counted")
            octets = after["bytes"] - before["bytes"]
            equal(octets, sum(max(len(reply), 60) for reply in replies), "octets counted")
        sums_hold(yett)
