# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile packets by name, built with scapy. Each function gives a list of whole IP packets."""

import logging

logging.getLogger("scapy").setLevel(logging.ERROR)

# pylint: disable=unused-import
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP  # noqa: E402,F401
from scapy.layers.inet6 import (  # noqa: E402,F401
    ICMPv6DestUnreach,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    PadN,
)
from scapy.layers.l2 import Ether  # noqa: E402,F401
from scapy.packet import Raw  # noqa: E402

# First octets of what must never come from outside: this network, private, loopback, link-local,
# shared, multicast, class E.
BOGONS = ("0.1.2.3", "10.1.2.3", "100.64.1.2", "127.0.0.1", "169.254.1.2", "172.16.1.2")
BOGONS += ("192.168.1.2", "224.1.2.3", "240.1.2.3", "255.255.255.255")
BOGONS6 = ("::1", "::ffff:192.0.2.1", "fc00::1", "fec0::1", "ff02::1", "100::1")


def ip(source, target, **more):
    if ":" in target:
        return IPv6(src=source, dst=target, **more)
    return IP(src=source, dst=target, **more)


def tcp(source, target, port, flags, sport=40000):
    return ip(source, target) / TCP(sport=sport, dport=port, flags=flags, seq=1)


def udp(source, target, sport, dport, size=18):
    """size: octets of payload."""
    return ip(source, target) / UDP(sport=sport, dport=dport) / Raw(b"\0" * size)


def scan(source, target, flags, ports):
    """One packet to each port. flags: "S", "" (NULL), "FPU" (XMAS), "F" ..."""
    return [tcp(source, target, port, flags) for port in ports]


def bogons(target, port=80):
    """A SYN from each source that cannot be."""
    sources = BOGONS6 if ":" in target else BOGONS
    return [tcp(source, target, port, "S") for source in sources]


def amplification(source, target, count):
    """What an abused time server sends to a victim: UDP from port 123, 468 octets and more."""
    return [udp(source, target, 123, 40000 + n % 1000, 440) for n in range(count)]


def ping(source, target):
    return ip(source, target) / ICMP() / Raw(b"\0" * 32)
