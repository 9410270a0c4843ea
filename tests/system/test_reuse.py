# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports that are used again while one side still has the connection before: by real sockets, from
the gate, to it, and through both of its sides. Nobody waits longer than without a gate."""

import concurrent.futures
import contextlib
import errno
import itertools
import os
import random
import select
import socket
import struct
import time

import lab as addresses
import netns
import traffic
from case import equal, gate, holds, test

# linux/tcp.h: a socket under repair is closed without a word, and may be given its numbers.
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_SEND_QUEUE = 19, 20, 21, 2
NUMBER = 0x40000000
# SYNs go out after 0, 1 and 3 seconds: two may be spent on getting rid of what was.
IN_TIME = 4.0
LONG = os.environ.get("YETT_MODE") == "long"
CONNECTS = 20_000 if LONG else 2_000
PORTS = 20

RULES = {
    "version": 1,
    "name": "reuse",
    "interfaces": ["eth0", "c1"],
    "policy": {"ingress": "drop", "egress": "drop"},
    "rules": [
        {"name": "answers", "match": {"state": ["established", "related"]}, "action": "pass"},
        {"name": "nobodys", "match": {"state": "invalid"}, "action": "drop"},
        {
            "name": "service",
            "match": {"proto": "tcp", "dport": "7000-7999", "state": "new"},
            "action": "pass",
        },
    ],
}
# Who calls whom: from the gate, to the gate, and through it: eth0 and c1 both look.
WAYS = (
    ("gate", "client", addresses.CLIENT4, addresses.CLIENT6),
    ("client", "gate", addresses.GATE4, addresses.GATE6),
    ("c1", "client", addresses.CLIENT4, addresses.CLIENT6),
    ("client", "c1", addresses.C1_4, addresses.C1_6),
)


def listening(name, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = netns.open_socket(name, family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    made.listen(64)
    made.settimeout(traffic.PATIENCE)
    return made


def calling(name, address, port, number=None):
    """A socket on that port, not yet connected; `number` is what its SYN will carry."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = netns.open_socket(name, family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("", port))
    if number is not None:
        made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE)
        made.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("=I", number))
        made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    return made


def crash(made):
    """The connection is gone, and nobody was told."""
    made.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    made.close()


def reset(made):
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.close()


class Pair:
    """Two ports, used again and again."""

    def __init__(self, lab, way, family, number):
        caller, server, *theirs = WAYS[way]
        self.caller, self.address = lab.name(caller), theirs[family]
        self.port, self.own_port = 7000 + number, 20000 + number
        self.words = f"{caller} calls {server} by IPv{6 if family else 4}"
        self.door = listening(lab.name(server), self.address, self.port)
        self.near = self.far = None
        self.forgotten = []

    def call(self, number=None):
        """The time counts from here: the caller's last FIN may still wait for its acknowledgement,
        and until that is there its kernel lends the ports to nobody."""
        self.began = time.monotonic()
        while True:
            self.near = calling(self.caller, self.address, self.own_port, number)
            code = self.near.connect_ex((self.address, self.port))
            if code != errno.EADDRNOTAVAIL or time.monotonic() > self.began + IN_TIME:
                break
            self.near.close()
            os.sched_yield()
        holds(code in (0, errno.EINPROGRESS), f"{self.words}: {os.strerror(code)}")

    def take(self, seconds=IN_TIME):
        """Connected, accepted, and a word said both ways; how long that took."""
        left = max(0.0, self.began + seconds - time.monotonic())
        done = select.select([], [self.near], [], left)[1]
        holds(done, f"{self.words}: no connection within {seconds:g} s")
        code = self.near.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        holds(code == 0, f"{self.words}: {os.strerror(code)}")
        took = time.monotonic() - self.began
        self.near.settimeout(traffic.PATIENCE)
        self.far = self.door.accept()[0]
        self.far.settimeout(traffic.PATIENCE)
        for one, other in ((self.near, self.far), (self.far, self.near)):
            one.sendall(b"word")
            equal(other.recv(4), b"word", self.words)
        return took

    # -- how a connection ends

    def caller_crashes(self):
        crash(self.near)
        self.forgotten.append(self.far)

    def both_crash(self):
        crash(self.far)
        crash(self.near)

    def server_crashes(self):
        crash(self.far)
        self.near.sendall(b"anybody there?")
        with contextlib.suppress(ConnectionResetError):
            self.near.recv(4)
        self.near.close()

    def server_waits(self):
        """The server closes first and waits in TIME_WAIT."""
        self.far.close()
        equal(self.near.recv(4), b"", "the end")
        self.near.close()

    def caller_resets(self):
        reset(self.near)
        with contextlib.suppress(ConnectionResetError):
            self.far.recv(4)
        self.far.close()

    def close(self):
        for made in (self.near, self.far, self.door, *self.forgotten):
            if made:
                made.close()


ENDS = ("caller_crashes", "both_crash", "server_crashes", "server_waits", "caller_resets")


def forget(yett, how):
    """What the gate knows of it all, before the ports are used again."""
    if how == "forgotten":
        words = ["--unix-socket", yett.socket, "-X", "DELETE", "http://yett/v1/connections"]
        netns.run(None, "curl", "-sS", "--fail", *words)
    if how == "expired":
        short = {"open": "1s", "closing": "1s", "closed": "1s"}
        yett.apply({**RULES, "timeouts": short})
        netns.wait_for(lambda: yett.ask("show", "connections")["total"] == 0, "the end of all")
        yett.apply(RULES)


def all_ends_of_all_ways(lab, yett, memory, first):
    """From that pair of ports on. Seconds of the slowest."""
    with contextlib.ExitStack() as stack:
        cases = []
        for end in ENDS:
            for way in range(len(WAYS)):
                for family in (0, 1):
                    pair = Pair(lab, way, family, first + len(cases))
                    stack.callback(pair.close)
                    pair.words = f"{pair.words}, {end.replace('_', ' ')}, {memory}"
                    cases.append((pair, end))
        for pair, _ in cases:
            pair.call(NUMBER)
        for pair, end in cases:
            pair.take(traffic.PATIENCE)
            getattr(pair, end)()
        forget(yett, memory)
        # A number behind the last: what waits in TIME_WAIT does not take it for a new one.
        for pair, _ in cases:
            pair.call(NUMBER - 1_000_000)
        return max(pair.take() for pair, _ in cases)


@test
def a_port_is_used_again_whatever_became_of_the_connection_before():
    with gate(servers=False, rules=RULES) as (lab, yett):
        memories = ("known", "forgotten", "expired")
        for batch, (stamps, memory) in enumerate(itertools.product((0, 1), memories)):
            for node in ("gate", "client", "c1"):
                netns.sysctl(lab.name(node), f"net.ipv4.tcp_timestamps={stamps}")
            all_ends_of_all_ways(lab, yett, memory, batch * 100)


@test
def a_refusal_arrives_through_every_gate_of_a_host():
    with gate(servers=False, rules=RULES) as (lab, _):
        for caller, _, *theirs in WAYS:
            for address in theirs:
                answer = traffic.answer(lab.name(caller), address, 7999)
                equal(answer, "refused", f"{caller} calls {address}")


def use_again_and_again(pair, times, seed):
    """Seconds of the slowest connection. One end in thirty is a crash."""
    choice = random.Random(seed)
    slowest = 0.0
    for _ in range(times):
        pair.call(choice.randrange(1, 1 << 32) if choice.random() < 0.01 else None)
        slowest = max(slowest, pair.take())
        quiet = choice.random() < 1 / 30
        end = choice.choice(ENDS[:3] if quiet else ENDS[3:])
        getattr(pair, end)()
        while len(pair.forgotten) > 4:
            pair.forgotten.pop(0).close()
    return slowest


@test
def thousands_of_connections_from_twenty_ports():
    seed = int(os.environ.get("YETT_SEED", time.time_ns() % 1_000_000))
    print(f"       YETT_SEED={seed}", flush=True)
    with gate(servers=False, rules=RULES) as (lab, yett), contextlib.ExitStack() as stack:
        pairs = [Pair(lab, n % len(WAYS), n // len(WAYS) % 2, n) for n in range(PORTS)]
        for pair in pairs:
            stack.callback(pair.close)
        with concurrent.futures.ThreadPoolExecutor(PORTS) as pool:
            jobs = [
                pool.submit(use_again_and_again, pair, CONNECTS // PORTS, seed + n)
                for n, pair in enumerate(pairs)
            ]
            slowest = max(job.result() for job in jobs)
        holds(slowest < IN_TIME, f"the slowest took {slowest:.1f} s")
        made = yett.ask("show", "connections")
        holds(made["total"] <= 3 * PORTS, f"{made['total']} connections are known of {PORTS} ports")
