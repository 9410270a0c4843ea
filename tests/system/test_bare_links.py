# SPDX-License-Identifier: GPL-2.0-or-later
"""A device whose packets have no Ethernet header (tun) is filtered on TC, both ways."""

import contextlib
import errno
import fcntl
import os
import select
import socket
import struct
import time

import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test
from packets import IP, TCP, UDP, IPv6
from test_attach import attachment

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
OWN4, PEER4, OWN6, PEER6 = "203.0.113.129", "203.0.113.130", "2001:db8:9::1", "2001:db8:9::2"
RULES = {
    "version": 1,
    "name": "bare",
    "interfaces": ["tun9"],
    "policy": {"ingress": "drop", "egress": "pass"},
    "rules": [
        {"name": "mac", "match": {"smac": "00:00:00:00:00:00"}, "action": "drop"},
        {"name": "tagged", "match": {"vlan": 0}, "action": "drop"},
        {"name": "no", "match": {"dport": 22, "direction": "ingress"}, "action": "reject"},
        {"name": "web", "match": {"proto": "tcp", "dport": 80}, "action": "pass"},
        {"name": "not-out", "match": {"proto": "udp", "dport": 5000}, "action": "drop"},
        {"name": "out", "match": {"proto": "udp", "dport": 5001}, "action": "pass"},
    ],
}


class Tun:
    """The other end of the gate's tun9: whole IP packets in, whole IP packets out."""

    def __init__(self, lab):
        name = lab.name("gate")
        with netns.inside(name):  # a device belongs to where its file was opened
            self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            request = struct.pack("16sH22x", b"tun9", IFF_TUN | IFF_NO_PI)
            fcntl.ioctl(self.file, TUNSETIFF, request)
        lines = f"addr add {OWN4}/30 dev tun9\naddr add {OWN6}/64 dev tun9 nodad\n"
        netns.batch(name, lines + "link set tun9 up\n")

    def send(self, packet):
        os.write(self.file, bytes(packet))

    def answer(self, question, seconds=traffic.PATIENCE):
        """The first packet that the gate sends and the question is true of; None: none came."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.file], [], [], left)[0]:
                return None
            octets = os.read(self.file, 65536)
            packet = (IPv6 if octets[0] >> 4 == 6 else IP)(octets)
            if question(packet):
                return packet
        return None

    def close(self):
        os.close(self.file)


@contextlib.contextmanager
def tunnelled():
    """Gives (lab, yett, tun): web servers in the gate, yett on its tun9 alone."""
    with gate() as (lab, yett):
        tun = Tun(lab)
        try:
            yett.apply(RULES)
            yield lab, yett, tun
        finally:
            tun.close()


def syn(own, peer, port, sport=40000):
    return packets.ip(peer, own) / TCP(sport=sport, dport=port, flags="S", seq=1)


def flags_from(port):
    return lambda packet: TCP in packet and packet[TCP].sport == port


@test
def both_ways_of_a_tun_are_covered_and_status_says_so():
    with tunnelled() as (_, yett, _tun):
        status = yett.ask("status")
        equal([w for w in status["warnings"] if "tun9" in w], [], "warnings")
        for direction in ("ingress", "egress"):
            equal(attachment(yett, "tun9", direction)["mode"], "tc", direction)
        holds("no Ethernet header" in attachment(yett, "tun9", "ingress")["note"], "the note")


@test
def what_comes_by_a_tun_is_judged_and_answered():
    with tunnelled() as (_, yett, tun):
        for own, peer in ((OWN4, PEER4), (OWN6, PEER6)):
            tun.send(syn(own, peer, 80))
            answer = tun.answer(flags_from(80))
            equal(str(answer[TCP].flags), "SA", f"an open port of {own}")
            tun.send(syn(own, peer, 22))
            answer = tun.answer(flags_from(22))
            equal(str(answer[TCP].flags), "RA", f"a rejected port of {own}")
            tun.send(syn(own, peer, 8080))
            tun.send(syn(own, peer, 80, 40001))
            answer = tun.answer(lambda packet: TCP in packet and packet[TCP].dport == 40001)
            equal(answer[TCP].sport, 80, f"nothing answers for 8080 of {own} before that")
        counts = yett.rule_packets()
        for rule, number in {"mac": 0, "tagged": 0, "no": 2}.items():
            equal(counts[rule], number, rule)
        equal(counts["(policy) ingress"], 2, "by the policy")
        sums_hold(yett)


@test
def octets_of_a_tun_are_those_of_its_packets():
    with tunnelled() as (_, yett, tun):
        before = yett.interface("tun9")["dropped"]
        tun.send(syn(OWN4, PEER4, 8080))
        after = netns.wait_for(
            lambda: (now := yett.interface("tun9")["dropped"]) != before and now, "it falls"
        )
        equal(after["bytes"] - before["bytes"], 40, "octets of a SYN")
        sums_hold(yett)


@test
def what_leaves_by_a_tun_is_judged():
    with tunnelled() as (lab, yett, tun):
        for peer in (PEER4, PEER6):
            family = socket.AF_INET6 if ":" in peer else socket.AF_INET
            with netns.open_socket(lab.name("gate"), family, socket.SOCK_DGRAM) as sender:
                with contextlib.suppress(OSError):  # ENOBUFS: the hook took it
                    sender.sendto(b"no", (peer, 5000))
                sender.sendto(b"yes", (peer, 5001))
            came = tun.answer(lambda packet: UDP in packet)
            equal(came[UDP].dport, 5001, f"the first that leaves for {peer}")
        counts = yett.rule_packets()
        equal((counts["not-out"], counts["out"]), (2, 2), "not-out and out")
        sums_hold(yett)


@test
def a_trace_on_a_tun_knows_no_ethernet_header():
    with tunnelled() as (_, yett, _tun):
        words = f"tcp {PEER4}:4444 > {OWN4}:80 syn"
        traced = yett.ask("trace", "--in", "tun9", words)
        equal((traced["verdict"], traced["rule"]), ("pass", "web"), words)
        equal({"smac", "dmac", "vlan"} & set(traced["fields"]), set(), "fields")
        traced = yett.ask("trace", "--in", "tun9", "--direction", "egress", words)
        equal(traced["verdict"], "pass", "at egress")


@test
def tags_in_front_of_a_tuns_packets_are_read_through():
    """A tun with packet information says of each packet what it is, a VLAN tag among others."""
    with gate() as (lab, yett):
        with netns.inside(lab.name("gate")):
            file = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        try:
            with netns.inside(lab.name("gate")):
                fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", b"tun9", IFF_TUN))
            lines = f"addr add {OWN4}/30 dev tun9\nlink set tun9 up\n"
            netns.batch(lab.name("gate"), lines)
            yett.apply({**RULES, "policy": {"ingress": "pass", "egress": "pass"}})
            packet = bytes(syn(OWN4, PEER4, 22))
            for tags in (b"", struct.pack("!HH", 0, 0x0800), struct.pack("!HH", 5, 0x0800)):
                kind = 0x8100 if tags else 0x0800
                before = yett.rule_packets()["no"]
                try:
                    os.write(file, struct.pack("!HH", 0, kind) + tags + packet)
                except OSError as error:
                    equal(error.errno, errno.EINVAL, "what a tun says of a packet it does not take")
                    continue
                netns.wait_for(lambda b=before: yett.rule_packets()["no"] == b + 1, f"{tags!r}")
        finally:
            os.close(file)
