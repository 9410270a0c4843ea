# SPDX-License-Identifier: GPL-2.0-or-later
"""Fragments of real datagrams under a default drop: "fragments": "track" lets whole datagrams live,
and nothing else."""

import socket
import struct
import time

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import IP, UDP, IPOption_NOP, IPv6, IPv6ExtHdrFragment, Raw
from test_reject import reason

OPEN, CLOSED = 5000, 5001
SIZE = 7000  # octets of a datagram: five fragments at an MTU of 1500
PAIRS = ((addresses.CLIENT4, addresses.C1_4), (addresses.CLIENT6, addresses.C1_6))
SECOND = ("192.0.2.11", "2001:db8:3::10")  # further addresses of the client


def rules(**more):
    return {
        "version": 1,
        "name": "fragments",
        "interfaces": ["eth0"],
        "policy": {"ingress": "drop", "egress": "pass"},
        "rules": [
            {"name": "open", "match": {"proto": "udp", "dport": OPEN}, "action": "pass"},
            {"name": "echo", "match": {"proto": ["icmp", "icmpv6"]}, "action": "pass"},
        ],
        **more,
    }


class Listener:
    """A UDP socket in c1 that keeps what it gets."""

    def __init__(self, lab, port):
        self._socket = netns.open_socket(lab.name("c1"), socket.AF_INET6, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("::", port))

    def next(self, seconds):
        """The next datagram, or None."""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(65536)
        except TimeoutError:
            return None


def send(lab, source, target, port, data):
    """A datagram by the kernel, which cuts it."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with netns.open_socket(lab.name("client"), family, socket.SOCK_DGRAM) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        made.bind((source, 0))
        made.sendto(data, (target, port))


def arrives(lab, listener, pair, port=OPEN, seconds=traffic.PATIENCE):
    data = bytes(n % 251 for n in range(SIZE))
    send(lab, *pair, port, data)
    got = listener.next(seconds)
    holds(got is None or got == data, "the datagram arrives as it was sent, or not at all")
    return got is not None


def fallen(yett, count):
    """Later fragments that were dropped, once there are so many."""
    counted = lambda: reason(yett, "frag_later")[1]["packets"]  # noqa: E731
    netns.wait_for(lambda: counted() >= count, "fragments fall")
    return counted()


@test
def whole_datagrams_arrive_where_fragments_are_tracked():
    with gate(servers=False, rules=rules(fragments="track")) as (lab, yett):
        good, closed = Listener(lab, OPEN), Listener(lab, CLOSED)
        for pair in PAIRS:
            holds(arrives(lab, good, pair), f"to {pair[1]}, open port")
            answered = traffic.pings(lab.name("client"), pair[1], SIZE)
            holds(answered, f"a long echo request to {pair[1]} is answered")
            holds(not arrives(lab, closed, pair, CLOSED, 0.3), f"to {pair[1]}, closed port")
        passed = reason(yett, "frag_tracked")[0]["packets"]
        # Four later fragments each, and those of the answers' requests.
        equal(passed, 16, "later fragments that followed their first")
        equal(fallen(yett, 8), 8, "later fragments of the closed port")
        sums_hold(yett)


@test
def without_tracking_no_later_fragment_passes():
    with gate(servers=False, rules=rules(fragments="drop")) as (lab, yett):
        listener = Listener(lab, OPEN)
        for pair in PAIRS:
            holds(not arrives(lab, listener, pair, seconds=0.3), f"to {pair[1]}")
        equal(fallen(yett, 8), 8, "later fragments dropped")
        sums_hold(yett)


def fragment(source, target, number, offset, more, payload):
    """One fragment of a UDP datagram, whole from the IP header on."""
    if ":" in target:
        header = IPv6ExtHdrFragment(id=number, offset=offset // 8, m=int(more), nh=17)
        return IPv6(src=source, dst=target) / header / Raw(payload)
    flags = "MF" if more else 0
    head = IP(src=source, dst=target, id=number & 0xFFFF, frag=offset // 8, flags=flags, proto=17)
    return head / Raw(payload)


FIRST = bytes(UDP(sport=7, dport=OPEN, len=24, chksum=0)) + b"\0" * 8
REST = b"\1" * 8


@test
def a_later_fragment_without_its_first_is_dropped():
    """Another id, another source, another target, another protocol, another offset first."""
    with gate(servers=False, rules=rules(fragments="track")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        for (source, target), other in (
            ((addresses.ATTACKER4, addresses.C1_4), ("203.0.113.67", addresses.C2_4)),
            ((addresses.ATTACKER6, addresses.C1_6), ("2001:db8:bad::67", addresses.C2_6)),
        ):
            wire.packets([fragment(source, target, 77, 0, True, FIRST)])
            strangers = [
                fragment(source, target, 78, 16, False, REST),
                fragment(other[0], target, 77, 16, False, REST),
                fragment(source, other[1], 77, 16, False, REST),
            ]
            if ":" not in target:
                strangers.append(strangers[0].copy())
                strangers[-1].id, strangers[-1].proto = 77, 6
            before = reason(yett, "frag_later")[1]["packets"]
            wire.packets(strangers)
            counted = lambda: reason(yett, "frag_later")[1]["packets"] - before  # noqa: E731
            netns.wait_for(lambda: counted() >= len(strangers), "strangers are counted")
            equal(counted(), len(strangers), f"strangers from {source}")
            passed = reason(yett, "frag_tracked")[0]["packets"]
            wire.packets([fragment(source, target, 77, 16, False, REST)])
            follows = lambda: reason(yett, "frag_tracked")[0]["packets"] > passed  # noqa: E731
            netns.wait_for(follows, f"the datagram's own fragment from {source} follows")
        sums_hold(yett)


@test
def a_later_fragment_answers_for_its_own_options():
    """The first fragment has none, so it says nothing of those that follow it."""
    made = rules(fragments="track", exceptions={"ip_options": "drop"})
    with gate(servers=False, rules=made) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        pair = (addresses.ATTACKER4, addresses.C1_4)
        disguised = fragment(*pair, 6, 16, False, REST)
        disguised.options = [IPOption_NOP()] * 4
        wire.packets([fragment(*pair, 6, 0, True, FIRST), disguised])
        dropped = lambda: reason(yett, "ip_options")[1]["packets"] > 0  # noqa: E731
        netns.wait_for(dropped, "the fragment with options falls")
        equal(reason(yett, "frag_tracked")[0]["packets"], 0, "fragments that followed")
        sums_hold(yett)


@test
def a_first_fragment_is_remembered_for_five_seconds():
    with gate(servers=False, rules=rules(fragments="track")) as (lab, yett):
        wire = traffic.Wire(lab, "attacker")
        pair = (addresses.ATTACKER4, addresses.C1_4)
        began = time.monotonic()
        wire.packets([fragment(*pair, 5, 0, True, FIRST)])
        netns.wait_for(lambda: yett.rule_packets()["open"] == 1, "the first fragment is seen")
        seen = time.monotonic()
        later = wire.frame(fragment(*pair, 5, 16, True, REST))  # behind the last it would end
        followed = 0
        # However long this machine takes for one: none falls too early, none follows too late.
        sent = seen
        while _follows(yett, wire, later, followed):
            holds(sent - seen < 5.5, f"it followed when sent after {sent - seen:.1f} s")
            followed += 1
            sent = time.monotonic()
        took = time.monotonic() - began
        holds(took >= 4.9, f"it was forgotten after {took:.1f} s")
        holds(followed > 0, "before that it followed")


def _follows(yett, wire, frame, followed):
    """Sends a later fragment, after so many that followed: whether it does, too."""
    wire.send([frame])

    def fates():
        tracked = reason(yett, "frag_tracked")[0]["packets"] - followed
        fallen = reason(yett, "frag_later")[1]["packets"]
        return (tracked, fallen) if tracked + fallen else None

    fate = netns.wait_for(fates, "a later fragment is judged")
    equal(sum(fate), 1, "counts that moved")
    return fate[0] == 1


FLOOD, ROUNDS = 100_000, 10


def fill_the_memory(lab, yett, source, target):
    """Floods until nine of ten fragments of a flood were refused a place. A machine that is too
    busy to take all of them gets them again."""
    before = reason(yett, "frag_full")[0]["packets"]
    for _ in range(ROUNDS):
        equal(flood(lab, source, target, FLOOD), FLOOD, "frames sent")
        refused = reason(yett, "frag_full")[0]["packets"] - before
        if refused > FLOOD * 0.9:
            return
    raise AssertionError(f"{refused} of {ROUNDS} times {FLOOD} fragments were refused a place")


def flood(lab, source, target, count):
    """First fragments of that many datagrams, all to the open port; sent as fast as can be. The
    gate passes them and then does not forward them (a bad sum, no hops left): the memory of c1's
    own reassembly is not the question."""
    wire = traffic.Wire(lab, "attacker")
    whole = bytearray(wire.frame(fragment(source, target, 0, 0, True, FIRST)))
    ipv6 = ":" in target
    if ipv6:
        whole[14 + 7] = 1  # hop limit
    at = 14 + (40 + 4 if ipv6 else 4)
    head, tail = whole[:at], whole[at + (4 if ipv6 else 2) :]
    to = bytearray(whole)

    def frames():
        for number in range(count):
            if ipv6:
                yield head + struct.pack("!I", number) + tail
                continue
            to[at : at + 2] = struct.pack("!H", number & 0xFFFF)
            to[33] = whole[33] + (number >> 16 & 1)  # 65,536 ids to c1, as many to c2
            yield bytes(to)

    sent = wire.send(frames())
    wire.close()
    return sent


@test
def one_source_cannot_use_up_the_memory_of_another():
    with gate(servers=False, rules=rules(fragments="track")) as (lab, yett):
        own = f"addr add {SECOND[0]}/24 dev eth0\naddr add {SECOND[1]}/128 dev eth0 nodad\n"
        netns.batch(lab.name("client"), own)
        netns.batch(lab.name("gate"), f"route add {SECOND[1]} via {addresses.CLIENT6}\n")
        listener = Listener(lab, OPEN)
        for pair, second, attacker in (
            (PAIRS[0], SECOND[0], addresses.ATTACKER4),
            (PAIRS[1], SECOND[1], addresses.ATTACKER6),
        ):
            fill_the_memory(lab, yett, attacker, pair[1])
            # Two sources share a line of the table by chance, one in 4096: ask another then.
            sources = ((pair[0], pair[1]), (second, pair[1]))
            holds(any(arrives(lab, listener, p) for p in sources), f"a datagram to {pair[1]}")
        sums_hold(yett)
