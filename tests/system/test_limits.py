# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator sees of limits and automatic bans, and how a ban is lifted."""

import socket
import struct

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, test

from scapy.layers.inet import UDP  # noqa: E402

FEW = {
    "name": "few",
    "match": {"direction": "ingress", "proto": "udp", "dport": 9},
    "limit": {"per": "src", "rate": "1/min", "burst": 5},
    "action": "pass",
}
ALL = {
    "name": "all",
    "match": {"direction": "ingress", "proto": "udp", "dport": 7},
    "limit": {"per": "global", "rate": "1MB/s"},
    "over": "drop",
    "action": "pass",
}
LONG = {
    "name": "long",
    "match": {"direction": "ingress", "proto": "tcp", "dport": 80, "len": ">=800"},
    "action": "ban",
    "for": "1h",
}


def rules(*more, **keys):
    return {"version": 1, "name": "limits", "interfaces": ["eth0"], "rules": list(more), **keys}


@test
def limits_are_shown_with_what_they_hold():
    with gate(servers=False, rules=rules(FEW, ALL)) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        sources = [f"203.0.113.{n}" for n in (70, 71, 72)]
        for source, count in zip(sources, (2, 5, 20)):
            wire.packets([packets.ip(source, addresses.GATE4) / UDP(sport=1, dport=9)] * count)
        wire.close()
        netns.wait_for(lambda: _seen(yett, "few") == 27, "27 packets of three sources")
        few, everyone = yett.ask("show", "limits")["limits"]
        said = tuple(few[key] for key in ("rule", "rate", "burst", "per"))
        equal(said, ("few", "1/min", 5, "src"), "few")
        equal((few["passed"]["packets"], few["dropped"]["packets"]), (12, 15), "passed, over")
        equal((few["buckets"], few["exhausted"], few["untracked"]), (3, 2, 0), "buckets of few")
        equal((everyone["rule"], everyone["unit"], everyone["buckets"]), ("all", "bytes", 0), "all")
        text = yett.cli("show", "limits")
        holds("3 of 262k buckets in use" in text and "1MB/s" in text, text)
        yett.apply(rules(ALL))
        equal([row["rule"] for row in yett.ask("show", "limits")["limits"]], ["all"], "one limit")
        yett.apply(rules(FEW))
        equal(yett.ask("show", "limits")["limits"][0]["buckets"], 3, "buckets after two reloads")


def _seen(yett, name):
    """Packets that the rule let pass, and those that were over its limit."""
    for row in yett.ask("show", "limits")["limits"]:
        if row["rule"] == name:
            return row["passed"]["packets"] + row["dropped"]["packets"]
    return 0


def _knock_with_a_long_request(lab):
    """Real TCP: the handshake proves the client, the request has it banned.

    The connection ends with a reset: else the kernel would send the request again and again, and
    have the client banned anew.
    """
    with traffic.connect(lab.name("client"), addresses.GATE4, 80) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET /" + b"x" * 1200 + b" HTTP/1.0\r\n\r\n")
        connection.settimeout(0.3)  # nothing is to come
        try:
            return connection.recv(10)
        except TimeoutError:
            return b""


@test
def a_ban_is_listed_tested_and_lifted():
    keys = {"sets": {"friends": {"type": "prefix"}}, "never_ban": "@friends"}
    with gate(rules=rules(LONG, **keys)) as (lab, yett):
        client = lab.name("client")
        equal(traffic.answer(client, addresses.GATE4, 80), "served", "before")
        equal(_knock_with_a_long_request(lab), b"", "the long request")
        listed = yett.ask("set", "list", "@auto")
        banned = [(ban["source"], ban["rule"]) for ban in listed["bans"]]
        equal(banned, [(addresses.CLIENT4, "long")], "bans")
        equal((listed["made"], listed["evicted"]), (1, 0), "made, evicted")
        equal(traffic.reach(client, addresses.GATE4, 80), "silence", "banned")
        equal(yett.run("set", "test", "@auto", addresses.CLIENT4).returncode, 0, "it is banned")
        equal(yett.run("set", "del", "@auto", addresses.CLIENT4).returncode, 0, "lifted")
        equal(traffic.answer(client, addresses.GATE4, 80), "served", "lifted")
        equal(yett.run("set", "test", "@auto", addresses.CLIENT4).returncode, 1, "it is free")
        equal(yett.run("set", "del", "@auto", addresses.CLIENT4).returncode, 1, "lifted twice")
        _knock_with_a_long_request(lab)
        equal(traffic.reach(client, addresses.GATE4, 80), "silence", "banned again")
        yett.cli("set", "add", "friends", addresses.CLIENT4)
        equal(traffic.answer(client, addresses.GATE4, 80), "served", "a friend beats the ban")
        holds("deleted 1" in yett.cli("set", "flush", "@auto"), "flush lifts it")
        _knock_with_a_long_request(lab)
        listed = yett.ask("set", "list", "@auto")
        equal((listed["bans"], listed["made"]), ([], 2), "friends are not banned")
        holds(listed["spared"] > 0, f"spared: {listed}")
