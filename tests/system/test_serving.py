# SPDX-License-Identifier: GPL-2.0-or-later
"""Real TCP through rules/web-server.json: who is served, who is not, and what is counted."""

import lab as addresses
import netns
import packets
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test

WEB_SERVER = yett_module.rule_file("web-server.json")
TARGETS4 = (addresses.GATE4, addresses.C1_4, addresses.C2_4)
TARGETS6 = (addresses.GATE6, addresses.C1_6, addresses.C2_6)


@test
def web_is_served_and_the_rest_is_silent_in_both_families():
    with gate(rules=WEB_SERVER) as (lab, yett):
        for side in ("client", "attacker"):
            for target in TARGETS4 + TARGETS6:
                equal(traffic.answer(lab.name(side), target, 80), "served", f"{side} {target}:80")
                equal(traffic.reach(lab.name(side), target, 22), "silence", f"{side} {target}:22")
        sums_hold(yett)


def connects_from(lab, source, target, port):
    """True when the client gets a connection from that one of its addresses."""
    family = traffic.socket.AF_INET6 if ":" in source else traffic.socket.AF_INET
    with netns.open_socket(lab.name("client"), family, traffic.socket.SOCK_STREAM) as made:
        made.settimeout(traffic.PATIENCE)
        made.bind((source, 0))
        return made.connect_ex((target, port)) == 0


@test
def failsafe_reaches_ssh_whatever_the_rules_say():
    with gate(rules=WEB_SERVER) as (lab, yett):
        ways = (("192.0.2.200", addresses.C1_4), ("2001:db8:99::1", addresses.C1_6))
        own = "addr add 192.0.2.200/24 dev eth0\naddr add 2001:db8:99::1/128 dev eth0 nodad\n"
        netns.batch(lab.name("client"), own)
        back = f"route add 2001:db8:99::/48 via {addresses.CLIENT6}\n"
        netns.batch(lab.name("gate"), back)
        # Not the link's own IPv6 prefix: an operator's drop beats neighbour discovery, too.
        yett.cli("set", "add", "blocked", "192.0.2.0/24", "2001:db8:99::/48")
        for source, target in ways:
            holds(connects_from(lab, source, target, 22), f"{source} reaches port 22")
        equal(traffic.reach(lab.name("client"), ways[0][1], 80), "silence", "blocked client")


@test
def containers_are_blocked_and_freed_by_one_entry():
    with gate(rules=WEB_SERVER) as (lab, yett):
        programs = yett_module.program_ids(lab)
        for family, entry in ((TARGETS4, "203.0.113.0/24"), (TARGETS6, "2001:db8:bad::/48")):
            yett.cli("set", "add", "blocked", entry)
            for target in family:
                equal(traffic.reach(lab.name("attacker"), target, 80), "silence", target)
                equal(traffic.answer(lab.name("client"), target, 80), "served", target)
            yett.cli("set", "del", "blocked", entry)
            for target in family:
                equal(traffic.answer(lab.name("attacker"), target, 80), "served", target)
        equal(yett_module.program_ids(lab), programs, "XDP programs")


@test
def every_hostile_frame_is_counted_by_its_rule_and_none_arrives():
    with gate(rules=WEB_SERVER) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        hostile = traffic.from_sources(
            addresses.ATTACKER4, addresses.ATTACKER6, *packets.BOGONS, *packets.BOGONS6
        )
        witnesses = [traffic.Witness(lab.name(n), "eth0", hostile) for n in ("c1", "c2")]
        table = (
            ("no-null", packets.scan(addresses.ATTACKER4, addresses.C1_4, "", [80] * 30)),
            ("no-xmas", packets.scan(addresses.ATTACKER6, addresses.C2_6, "FPU", [443] * 30)),
            ("no-syn-fin", packets.scan(addresses.ATTACKER4, addresses.C2_4, "SF", [80] * 30)),
            ("no-bogons", packets.bogons(addresses.C1_4)),
            ("no-bogons", packets.bogons(addresses.C1_6)),
            ("no-ntp-amp", packets.amplification(addresses.ATTACKER4, addresses.C1_4, 30)),
        )
        for rule, sent in table:
            before = yett.rule_packets()[rule]
            wire.packets(sent)
            counted = lambda: yett.rule_packets()[rule] - before  # noqa: E731, B023
            netns.wait_for(lambda: counted() >= len(sent), f"{rule} counts")  # noqa: B023
            equal(counted(), len(sent), f"{rule} counted")
        equal([w.stop() for w in witnesses], [0, 0], "frames that arrived behind the gate")
        sums_hold(yett)


@test
def what_the_sender_sent_is_what_the_rule_and_the_interface_counted():
    """Frames of known number and length. The link may carry an ARP or MLD frame of its own besides,
    so the exact figure is the rule's, and the interface saw at least as many."""
    sent = {"name": "sent", "match": {"proto": "udp", "sport": 5000}, "action": "drop"}
    rules = {"version": 1, "interfaces": ["eth0"], "rules": [sent]}
    with gate(servers=False, rules=rules) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        frames = [
            wire.frame(packets.udp(addresses.ATTACKER4, addresses.C1_4, 5000, 5001, size))
            for size in (18, 100, 1000, 1400)
        ] * 5000
        before = yett.interface("eth0")
        wire.send(frames)
        counted = lambda: yett.ask("show", "rules")["rules"]  # noqa: E731
        rule = lambda: next(item for item in counted() if item["name"] == "sent")  # noqa: E731
        netns.wait_for(lambda: rule()["packets"] >= len(frames), "all frames are counted")
        equal(rule()["packets"], len(frames), "packets of the rule")
        equal(rule()["bytes"], sum(map(len, frames)), "octets of the rule")
        after = yett.interface("eth0")
        for key in ("seen", "dropped"):
            more = after[key]["packets"] - before[key]["packets"]
            holds(more >= len(frames), f"{key}: {more} frames of {len(frames)}")
        sums_hold(yett)


@test
def vlan_tagged_frames_are_judged_by_what_they_carry():
    rules = {
        "version": 1,
        "name": "vlans",
        "interfaces": ["eth0"],
        "policy": {"ingress": "pass"},
        "rules": [
            {"name": "vlan-7", "match": {"vlan": 7}, "action": "drop"},
            {"name": "ssh", "match": {"proto": "tcp", "dport": 22}, "action": "drop"},
        ],
    }
    with gate(servers=False, rules=rules) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        plain = wire.frame(packets.tcp(addresses.ATTACKER4, addresses.C1_4, 22, "S"))
        tag = lambda vid, kind="8100": bytes.fromhex(kind) + vid.to_bytes(2, "big")  # noqa: E731
        for rule, tags in (
            ("ssh", b""),
            ("ssh", tag(0)),
            ("ssh", tag(5)),
            ("ssh", tag(5, "88a8") + tag(6)),
            ("vlan-7", tag(7)),
            ("vlan-7", tag(7, "88a8") + tag(6)),
        ):
            before = yett.rule_packets()[rule]
            wire.send([plain[:12] + tags + plain[12:]] * 10)
            what = f"{rule} counts ten frames with tags {tags.hex() or 'none'}"
            netns.wait_for(lambda: yett.rule_packets()[rule] - before == 10, what)
        sums_hold(yett)


@test
def egress_rules_hold_back_what_the_containers_send():
    rules = {
        "version": 1,
        "name": "egress",
        "interfaces": ["eth0"],
        "policy": {"ingress": "pass", "egress": "pass"},
        "rules": [
            {
                "name": "no-mail-out",
                "match": {"direction": "egress", "proto": "tcp", "dport": 25},
                "action": "drop",
            }
        ],
    }
    with gate(rules=rules) as (lab, yett):
        traffic.serve(lab, "client", 25, 80)
        for target in (addresses.CLIENT4, addresses.CLIENT6):
            equal(traffic.reach(lab.name("c1"), target, 25), "silence", f"c1 to {target}:25")
            equal(traffic.answer(lab.name("c1"), target, 80), "served", f"c1 to {target}:80")
        holds(yett.rule_packets()["no-mail-out"] >= 2, "the egress rule counts")
        sums_hold(yett)
