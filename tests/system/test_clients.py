# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's own clients behind a gate that lets in answers alone: names, time, packages, ssh."""

import lab as addresses
import traffic
from case import equal, gate, sums_hold, test
from world import SERVERS, WISHES, World

POLICY = {"ingress": "drop", "egress": "pass"}
CLOSED = {"version": 1, "name": "closed", "interfaces": ["eth0"], "policy": POLICY, "rules": []}
ONE_RULE = {
    **CLOSED,
    "name": "answers",
    "rules": [{"name": "answers", "match": {"state": "established"}, "action": "pass"}],
}


def names_of(asked):
    return sorted(f"{wish.__name__} of {server}" for wish, _, server in asked)


def all_of(lab, node):
    return [(wish, lab.name(node), server) for server in SERVERS for wish in WISHES]


@test
def one_rule_keeps_a_closed_host_its_own_clients():
    with gate(rules=CLOSED) as (lab, yett):
        world = World(lab)
        asked = all_of(lab, "gate")
        equal(names_of(world.answered(asked, 3)), [], "answered while all is closed")
        yett.apply(ONE_RULE)
        equal(names_of(world.answered(asked)), names_of(asked), "answered with one rule")
        for address in (addresses.GATE4, addresses.GATE6):
            equal(traffic.reach(lab.name("client"), address, 80), "silence", f"{address} from out")
        sums_hold(yett)


@test
def one_rule_keeps_hosts_behind_the_gate_their_clients():
    with gate(rules=ONE_RULE) as (lab, yett):
        world = World(lab)
        asked = all_of(lab, "c1")
        equal(names_of(world.answered(asked)), names_of(asked), "answered behind the gate")
        for address in (addresses.C1_4, addresses.C1_6):
            equal(traffic.reach(lab.name("client"), address, 80), "silence", f"{address} from out")
        sums_hold(yett)
