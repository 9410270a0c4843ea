# SPDX-License-Identifier: GPL-2.0-or-later
"""The reverse path check: sources that this host would not answer by the way they came."""

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, sums_hold, test
from test_reject import reason

# (source, dropped when loose, dropped when strict). eth0 leads to the attacker's networks; c2 has a
# link of its own; nobody has a way to the third; the fourth is the gate itself.
SOURCES = (
    (addresses.ATTACKER4, False, False),
    (addresses.C2_4, False, True),
    ("198.51.100.200", True, True),
    (addresses.GATE4, True, True),
    (addresses.ATTACKER6, False, False),
    (addresses.C2_6, False, True),
    ("2001:db8:ffff::1", True, True),
    (addresses.GATE6, True, True),
)


def rules(how):
    return {
        "version": 1,
        "name": f"reverse-{how}",
        "interfaces": ["eth0"],
        "policy": {"ingress": "pass", "egress": "pass"},
        "reverse_path": how,
        "exceptions": {"own_address": "pass"},  # test_own_address: here the routes are asked
        "rules": [{"name": "probe", "match": {"proto": "udp", "dport": 5000}, "action": "pass"}],
    }


def target_of(source):
    return addresses.C1_6 if ":" in source else addresses.C1_4


def falls(yett, wire, source, target=None):
    """Sends one datagram from that source: true when the check drops it, false when the rule passes
    it."""
    before = reason(yett, "reverse_path")[1]["packets"], yett.rule_packets()["probe"]
    wire.packets([packets.udp(source, target or target_of(source), 7, 5000)])

    def moved():
        now = reason(yett, "reverse_path")[1]["packets"], yett.rule_packets()["probe"]
        return (now[0] - before[0], now[1] - before[1]) if now != before else None

    step = netns.wait_for(moved, f"a datagram from {source} is judged")
    equal(sum(step), 1, f"counts that moved for {source}")
    return step[0] == 1


@test
def loose_and_strict_hold_what_they_say():
    with gate(servers=False, rules=rules("off")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for how, column in (("off", 0), ("loose", 1), ("strict", 2)):
            yett.apply(rules(how))
            for line in SOURCES:
                wanted = column > 0 and line[column]
                equal(falls(yett, wire, line[0]), wanted, f"{how}: {line[0]} falls")
        sums_hold(yett)


@test
def what_falls_does_not_reach_the_container():
    with gate(servers=False, rules=rules("strict")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        bad = [line[0] for line in SOURCES if line[2]]
        witness = traffic.Witness(lab.name("c1"), "eth0", traffic.from_sources(*bad))
        good = traffic.Witness(lab.name("c1"), "eth0", traffic.from_sources(addresses.ATTACKER4))
        for source in (*bad, addresses.ATTACKER4):
            falls(yett, wire, source)
        netns.wait_for(lambda: good.count >= 1, "an honest source arrives")
        good.stop()
        equal(witness.stop(), 0, f"frames from {bad} that arrived")


@test
def the_client_is_served_under_strict_and_an_interface_that_does_not_forward_says_so():
    with gate(rules=rules("strict")) as (lab, yett):
        for target in (addresses.C1_4, addresses.C1_6, addresses.GATE4, addresses.GATE6):
            equal(traffic.answer(lab.name("client"), target, 80), "served", target)
        equal(reason(yett, "reverse_path")[1]["packets"], 0, "nothing honest fell")
        netns.sysctl(lab.name("gate"), "net.ipv4.conf.eth0.forwarding=0")
        equal(traffic.answer(lab.name("client"), addresses.GATE4, 80), "served", "the gate itself")
        passed = reason(yett, "reverse_path")[0]["packets"]
        equal(passed > 0, True, "what could not be asked is counted as passed under its reason")


# What the gate's routes may look like, and sources that the answer hangs on. The kernel's own
# filter (RFC 3704, net.ipv4.conf.*.rp_filter) is asked about the same packets.
WORLDS = {
    "as it stands": ((), (addresses.ATTACKER4, addresses.C2_4, "10.9.9.9")),
    "a default route by the wire": (
        ("route replace default dev eth0",), ("10.9.9.9", addresses.C2_4),
    ),
    "a default route by the other side": (("route replace default dev c2",), ("10.9.9.9",)),
    "no way, said aloud": (
        ("route add blackhole 10.1.0.0/16", "route add unreachable 10.2.0.0/16",
         "route add prohibit 10.3.0.0/16"),
        ("10.1.0.1", "10.2.0.1", "10.3.0.1"),
    ),
    "a more specific route elsewhere": (
        ("route replace default dev eth0", "route add 10.7.7.0/24 dev c2"),
        ("10.7.7.7", "10.7.8.7"),
    ),
    "two ways at once": (
        ("route add 10.8.0.0/16 nexthop dev eth0 nexthop dev c2",), ("10.8.0.1", "10.8.0.2"),
    ),
    "a table for one destination": (
        ("route replace default dev c2", "route add default dev eth0 table 77",
         "rule add from 198.51.100.1 lookup 77"),
        ("10.9.9.9",),
    ),
    "a rule that refuses": (
        ("route replace default dev eth0", "rule add to 10.5.0.0/16 prohibit"), ("10.5.0.1",),
    ),
}


# bpf_fib_lookup() tells one next hop of a route that has several: strict may drop what came by the
# other. The schema says so to who writes it.
ONE_OF_SEVERAL = ("two ways at once", "strict")


def refused_by_the_kernel(lab, wire, source):
    """Sends one datagram to the gate: whether its filter counts it."""
    node = lab.name("gate")

    def counted():
        made = netns.run(node, "cat", "/proc/net/netstat").splitlines()
        names, values = (line.split() for line in made if line.startswith("TcpExt:"))
        udp = netns.run(node, "cat", "/proc/net/snmp").splitlines()
        kinds, numbers = (line.split() for line in udp if line.startswith("Udp:"))
        return (int(values[names.index("IPReversePathFilter")]),
                int(numbers[kinds.index("NoPorts")]))

    before = counted()
    wire.packets([packets.udp(source, addresses.GATE4, 7, 5000)])
    now = netns.wait_for(lambda: (c := counted()) != before and c, f"{source} and the kernel")
    equal(sum(now) - sum(before), 1, f"counts of the kernel that moved for {source}")
    return now[0] > before[0]


def answers_in(lab, yett, wire, world):
    """{(how, source): (the kernel drops it, yett drops it)}"""
    node = lab.name("gate")
    kernel, ours = {}, {}
    yett.apply(to_the_gate("off"))
    for how, number in (("strict", 1), ("loose", 2)):
        netns.sysctl(node, f"net.ipv4.conf.eth0.rp_filter={number}")
        for source in WORLDS[world][1]:
            kernel[how, source] = refused_by_the_kernel(lab, wire, source)
    netns.sysctl(node, "net.ipv4.conf.eth0.rp_filter=0")
    for how in ("strict", "loose"):
        yett.apply(to_the_gate(how))
        for source in WORLDS[world][1]:
            ours[how, source] = falls(yett, wire, source, addresses.GATE4)
    return {key: (kernel[key], ours[key]) for key in kernel}


def undone(line):
    """What takes a route or a rule away again."""
    return line.replace(" add ", " del ").replace(" replace ", " del ")


def to_the_gate(how):
    # No answer leaves: whether one could is not asked.
    return {**rules(how), "policy": {"ingress": "pass", "egress": "drop"}}


@test
def it_answers_as_the_kernels_own_filter_does():
    with gate(servers=False, rules=to_the_gate("off")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for world, (setup, _) in WORLDS.items():
            netns.batch(lab.name("gate"), "".join(line + "\n" for line in setup))
            for (how, source), (kernel, ours) in answers_in(lab, yett, wire, world).items():
                if (world, how) == ONE_OF_SEVERAL:
                    equal(kernel, False, "the kernel looks at each next hop")
                    continue
                equal(ours, kernel, f"{world}: {how}: {source} falls")
            netns.batch(lab.name("gate"), "".join(undone(line) + "\n" for line in setup))
