# SPDX-License-Identifier: GPL-2.0-or-later
"""What connections are known, for how long, and what only pretends to belong to one."""

import os
import select
import socket
import struct
import subprocess
import sys
import time

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, sums_hold, test

from scapy.layers.inet import ICMP, TCP, UDP  # noqa: E402
from scapy.layers.inet6 import ICMPv6DestUnreach  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
# Addresses of the attacker's link that nobody's kernel answers for: the test does.
GHOST4, GHOST6 = "203.0.113.99", "2001:db8:bad::99"
GATE_ON_WIRE4, GATE_ON_WIRE6 = "203.0.113.1", "2001:db8:bad::1"


def rules(*more, **keys):
    return {
        "version": 1,
        "name": "answers",
        "interfaces": ["eth0"],
        "policy": {"ingress": "drop", "egress": "pass"},
        "rules": list(more),
        **keys,
    }


ANSWERS = rules(
    {"name": "answers", "match": {"state": ["established", "related"]}, "action": "pass"},
    {"name": "nobodys", "match": {"direction": "ingress", "state": "invalid"}, "action": "drop"},
)
# The same on both sides of a router, for a host behind it.
INSIDE = {"name": "inside", "match": {"iface": "c1", "direction": "ingress"}, "action": "pass"}
BOTH_SIDES = rules(*ANSWERS["rules"], INSIDE, interfaces=["eth0", "c1"])
SERVERS = (addresses.CLIENT4, addresses.CLIENT6)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


# -- what a host asks for: each function raises when there is no answer


def ask_dns(name, server):
    question = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\x04host\x04test\0\0\1\0\1"
    with netns.open_socket(name, family_of(server), socket.SOCK_DGRAM) as asker:
        asker.settimeout(traffic.PATIENCE)
        asker.connect((server, 53))
        asker.send(question)
        equal(asker.recv(512)[-4:], socket.inet_aton("192.0.2.80"), "address of host.test")


def ask_time(name, server):
    with netns.open_socket(name, family_of(server), socket.SOCK_DGRAM) as asker:
        asker.settimeout(traffic.PATIENCE)
        asker.connect((server, 123))
        asker.send(b"\x23" + b"\0" * 39 + b"\1\2\3\4\5\6\7\x08")
        answer = asker.recv(512)
        equal((answer[0] & 7, answer[24:32]), (4, b"\1\2\3\4\5\6\7\x08"), "mode and origin")


def session(name, server):
    with traffic.connect(name, server, 22) as asker:
        equal(asker.recv(100), b"SSH-2.0-testbed\r\n", "the banner")
        asker.sendall(b"line\n")
        equal(asker.recv(100), b"line\n", "the echo")


def answered(wish, name, server):
    try:
        wish(name, server)
        return True
    except (TimeoutError, ConnectionError):
        return False


def serve_the_world(lab):
    traffic.serve(lab, "client", 80)
    words = [sys.executable, "-B", os.path.join(HERE, "answers.py")]
    process = lab.spawn("client", *words, stdout=subprocess.PIPE)
    equal(process.stdout.readline(), b"listening\n", "the servers in client")


@test
def connections_outlive_reload_and_daemon():
    with gate(servers=False, rules=ANSWERS) as (lab, yett):
        serve_the_world(lab)
        long = traffic.Download(lab.name("gate"), addresses.CLIENT4)
        idle = traffic.connect(lab.name("gate"), addresses.CLIENT6, 22)
        idle.recv(100)
        yett.apply(rules(*ANSWERS["rules"], name="again"))
        holds(long.wait_for_more(), "the download goes on after a reload")
        yett.kill()
        holds(long.wait_for_more(), "the download goes on without a daemon")
        yett.start()
        shown = yett.ask("show", "connections", "--state", "open")
        far = {(c["dst"], c["dport"]) for c in shown["connections"]}
        equal(far, {(addresses.CLIENT4, 80), (addresses.CLIENT6, 22)}, "open connections")
        idle.sendall(b"still here\n")
        equal(idle.recv(100), b"still here\n", "an idle session after all that")
        holds(long.stop(), f"the download never broke: {long.error}")
        idle.close()


@test
def what_ran_before_the_first_apply_goes_on():
    with gate(servers=False) as (lab, yett):
        serve_the_world(lab)
        for name in (lab.name("gate"), lab.name("c1")):
            holds(answered(session, name, addresses.CLIENT4), f"a session of {name}")
        loads = [traffic.Download(lab.name("gate"), server) for server in SERVERS]
        for load in loads:
            holds(load.wait_for_more(), "a download before")
        yett.apply(ANSWERS)
        for load in loads:
            holds(load.wait_for_more(), f"the download goes on: {load.error}")
        yett.ask("show", "connections")
        for load in loads:
            holds(load.stop(), f"the download never broke: {load.error}")


@test
def connections_are_shown_and_filtered():
    with gate(servers=False, rules=ANSWERS) as (lab, yett):
        serve_the_world(lab)
        for server in SERVERS:
            ask_dns(lab.name("gate"), server)
            ask_time(lab.name("gate"), server)

        def dports(*words):
            shown = yett.ask("show", "connections", *words)
            equal(shown["total"], len(shown["connections"]), "total")
            return sorted((c["dst"], c["dport"]) for c in shown["connections"])

        both = sorted((server, port) for server in SERVERS for port in (53, 123))
        equal(dports("--proto", "udp", "--state", "udp_answered"), both, "UDP")
        equal(dports("--port", "53"), [(s, 53) for s in SERVERS], "port 53")
        equal(dports("--dst", "192.0.2.0/24", "--port", "123"), [(SERVERS[0], 123)], "dst, port")
        equal(dports("--src", "198.51.100.200"), [], "another source")
        equal(dports("--proto", "tcp"), [], "TCP")
        shown = yett.ask("show", "connections", "--limit", "1")
        equal((len(shown["connections"]), shown["total"]), (1, 4), "limit")
        holds("2 of 1.0M" in yett.cli("show", "connections"), "the table is summed up")
        equal(yett.run("show", "connections", "--state", "open-ish").returncode, 2, "bad state")


@test
def timeouts_of_the_ruleset_hold_at_once():
    with gate(servers=False, rules=ANSWERS) as (lab, yett):
        serve_the_world(lab)
        began = time.monotonic()
        for server in SERVERS:
            ask_dns(lab.name("gate"), server)
        shown = yett.ask("show", "connections", "--state", "udp_answered")["connections"]
        least = 178 - (time.monotonic() - began)
        equal(len(shown), 2, "connections")
        holds(all(least <= c["expires"] <= 180 for c in shown), f"by default: {shown}")
        yett.apply(rules(*ANSWERS["rules"], timeouts={"udp_answered": "90s"}))
        shown = yett.ask("show", "connections")["connections"]
        holds(all(60 <= c["expires"] <= 90 for c in shown) and len(shown) == 2, f"at 90 s: {shown}")
        answers = [_answer_to(c) for c in shown]
        for words in answers:
            equal(yett.ask("trace", words)["rule"], "answers", words)
        yett.apply(rules(*ANSWERS["rules"], timeouts={"udp_answered": "1s"}))
        netns.wait_for(lambda: yett.ask("show", "connections")["total"] == 0, "the end of both")
        for words in answers:
            equal(yett.ask("trace", words)["rule"], "(policy)", words)


def _answer_to(connection):
    ends = [
        f"[{connection[a]}]:{connection[p]}"
        if ":" in connection[a]
        else f"{connection[a]}:{connection[p]}"
        for a, p in (("dst", "dport"), ("src", "sport"))
    ]
    return f"udp {ends[0]} > {ends[1]}"


# -- attacks: the test answers for an address in the attacker's network, frame by frame


class Ghost:
    """Plays the far end of connections of the gate, or of a host behind it, by hand."""

    def __init__(self, lab, address, node="gate"):
        self.lab, self.address, self.node = lab, address, node
        own = {"gate": (GATE_ON_WIRE4, GATE_ON_WIRE6), "c1": (addresses.C1_4, addresses.C1_6)}
        self.gate_address = own[node][":" in address]
        self.wire = traffic.Wire(lab, "attacker")
        mac = netns.mac(lab.name("attacker"), "eth0")
        words = f"neigh replace {address} lladdr {mac} dev eth0\n"
        netns.batch(lab.name("gate"), words)
        self.ears = netns.raw_socket(lab.name("attacker"), "eth0")

    def hear(self, question, seconds=traffic.PATIENCE):
        """The next frame to this address that the question says yes to; None: it did not come."""
        while select.select([self.ears], [], [], seconds)[0]:
            packet = Ether(self.ears.recv(65536)).payload
            if getattr(packet, "dst", None) == self.address and question(packet):
                return packet
        return None

    def say(self, segment):
        self.wire.packets([packets.ip(self.address, self.gate_address) / segment])

    def error_about(self, packet):
        """An ICMP error that quotes the packet, which the gate is said to have sent."""
        quoted = bytes(packet)
        header = ICMP(type=3, code=3) if ":" not in self.address else ICMPv6DestUnreach(code=4)
        self.wire.packets([packets.ip(self.address, packet.src) / header / quoted])

    def close(self):
        self.ears.close()
        self.wire.close()


def connecting(lab, ghost, port=4433):
    """A socket on its way to the ghost, and the SYN that it sent."""
    made = netns.open_socket(lab.name(ghost.node), family_of(ghost.address), socket.SOCK_STREAM)
    made.setblocking(False)
    made.connect_ex((ghost.address, port))
    syn = ghost.hear(lambda p: TCP in p and p[TCP].flags == "S")
    holds(syn is not None, "the SYN leaves")
    return made, syn[TCP]


def dropped(yett):
    counts = yett.rule_packets()
    return counts["nobodys"] + counts["(policy) ingress"]


def drops(yett, ghost, what, *segments):
    """Each of the segments falls at the gate."""
    before = dropped(yett)
    for segment in segments:
        ghost.say(segment)
    wanted = before + len(segments)
    netns.wait_for(lambda: dropped(yett) >= wanted, f"{what}: drops")
    equal(dropped(yett), wanted, f"{what}: drops")


def writable(made, seconds):
    return bool(select.select([], [made], [], seconds)[1])


# The whole once by the gate's own sockets, once by those of a host behind it, whose packets go by
# two hooks.
VICTIMS = [
    (node, address, {**ruleset, "timeouts": {"closed": "1s"}})
    for node, ruleset in (("gate", ANSWERS), ("c1", BOTH_SIDES))
    for address in (GHOST4, GHOST6)
]


@test
def only_the_answer_to_its_own_syn_opens_a_connection():
    for node, address, ruleset in VICTIMS:
        with gate(servers=False, rules=ruleset) as (lab, yett):
            ghost = Ghost(lab, address, node)
            made, syn = connecting(lab, ghost)
            back = {"sport": syn.dport, "dport": syn.sport}
            drops(yett, ghost, "split handshake", TCP(flags="S", seq=500, **back))
            answer = ghost.hear(lambda p: TCP in p and p[TCP].flags == "SA", 0.3)
            equal(answer, None, "SYN+ACK of the gate")
            drops(
                yett,
                ghost,
                "forged answers",
                TCP(flags="SA", seq=500, ack=syn.seq + 2, **back),
                TCP(flags="R", seq=0, **back),
                TCP(flags="RA", seq=0, ack=syn.seq, **back),
                TCP(flags="SA", seq=500, ack=syn.seq + 1, sport=syn.dport + 1, dport=syn.sport),
            )
            # A challenge ACK (RFC 5961) gets in, and nothing more than a reset comes of it.
            ghost.say(TCP(flags="A", seq=500, ack=syn.seq + 5000, **back))
            reset = ghost.hear(lambda p: TCP in p and p[TCP].flags == "R")
            holds(reset is not None, "a reset in answer to the challenge")
            equal(reset[TCP].seq, (syn.seq + 5000) % 2**32, "number of the reset")
            ghost.say(TCP(flags="A", seq=500, ack=syn.seq + 1, **back))
            ghost.say(TCP(flags="PA", seq=501, ack=syn.seq + 1, **back) / b"data")
            holds(not writable(made, 0.2), "not connected by a bare ACK")
            ghost.say(TCP(flags="SA", seq=500, ack=syn.seq + 1, **back))
            holds(writable(made, traffic.PATIENCE), "connected by the answer")
            equal(made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0, "socket error")
            _attack_open(yett, ghost, made, syn)
            made.close()
            ghost.close()


def _attack_open(yett, ghost, made, syn):
    """On a connection that is open: blind resets fall, and what is real goes on."""
    back = {"sport": syn.dport, "dport": syn.sport}
    drops(
        yett,
        ghost,
        "blind resets",
        *(TCP(flags="R", seq=n, **back) for n in (0, 499, 0x40000000, 0x80000000, 0xFFFFFFFF)),
    )
    ghost.say(TCP(flags="PA", seq=501, ack=syn.seq + 1, **back) / b"hello")
    holds(select.select([made], [], [], traffic.PATIENCE)[0], "data of the far end arrives")
    equal(made.recv(100), b"hello", "data")
    heard = ghost.hear(lambda p: TCP in p and p[TCP].ack == 506)
    holds(heard is not None, "the gate acknowledges")
    ghost.say(TCP(flags="R", seq=506, **back))
    holds(select.select([made], [], [], traffic.PATIENCE)[0], "the real reset arrives")
    try:
        made.recv(100)
        raise AssertionError("the connection is reset")
    except ConnectionResetError:
        pass
    netns.wait_for(lambda: yett.ask("show", "connections")["total"] == 0, "the end of its memory")
    drops(
        yett,
        ghost,
        "closed connection",
        TCP(flags="A", seq=506, ack=syn.seq + 1, **back),
        TCP(flags="PA", seq=506, ack=syn.seq + 1, **back) / b"more",
        TCP(flags="R", seq=506, **back),
    )


@test
def an_icmp_error_gets_in_only_about_what_was_sent():
    for node, address, ruleset in VICTIMS:
        with gate(servers=False, rules=ruleset) as (lab, yett):
            ghost = Ghost(lab, address, node)
            with netns.open_socket(lab.name(node), family_of(address), socket.SOCK_DGRAM) as asker:
                asker.connect((address, 53))
                asker.send(b"question")
                sent = ghost.hear(lambda p: UDP in p and p[UDP].dport == 53)
                holds(sent is not None, "the question leaves")
                _forged_errors(yett, ghost, sent)
                asker.settimeout(0.2)
                equal(_outcome(asker), "silence", "after forged errors")
                ghost.error_about(sent)
                asker.settimeout(traffic.PATIENCE)
                equal(_outcome(asker), "refused", "after the real error")
            ghost.close()


def _outcome(asker):
    try:
        return asker.recv(100)
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "silence"


def _forged_errors(yett, ghost, sent):
    """About another port, another protocol, another sender: each falls."""
    before = dropped(yett)
    port, kind, sender = sent.copy(), sent.copy(), sent.copy()
    port[UDP].sport = (sent[UDP].sport + 1) % 65536
    kind.setfieldval("nh" if ":" in ghost.address else "proto", 6)
    sender.src = addresses.C2_6 if ":" in ghost.address else addresses.C2_4
    for forged in (port, kind):
        ghost.error_about(forged)
    ghost.wire.packets(
        [
            packets.ip(ghost.address, ghost.gate_address)
            / (ICMP(type=3, code=3) if ":" not in ghost.address else ICMPv6DestUnreach(code=4))
            / bytes(sender)
        ]
    )
    netns.wait_for(lambda: dropped(yett) >= before + 3, "drops of forged errors")
    equal(dropped(yett), before + 3, "drops of forged errors")
