# SPDX-License-Identifier: GPL-2.0-or-later
"""Readers who ask for too much: of connections, of time, of memory. Root is answered meanwhile."""

import http.client
import signal
import socket
import time

import netns
from case import equal, holds, test
from knocks import OPEN
from machine import PATIENCE
from package import machine, open_port, ruleset

SOCKET = "run/yett/yett.sock"
# On a busy machine; one that is not answers within a millisecond.
SOON = 2.0

# Opens connections, says how many of them were answered, and holds all until its input ends.
HOLD = """
import socket, sys
held = []
for _ in range(int(sys.argv[1])):
    made = socket.socket(socket.AF_UNIX)
    made.connect("/run/yett/yett.sock")
    held.append(made)
def answered(one):
    try:  # one too many is closed at once, perhaps before it has asked
        one.sendall(b"GET /v1/version HTTP/1.1\\r\\nHost: y\\r\\n\\r\\n")
        return b" 200 " in one.recv(4096)
    except OSError:
        return False
print(sum(answered(one) for one in held), flush=True)
sys.stdin.read()
"""

# Sends a rule file to be checked, and prints the status of the answer and what it says.
CHECK = """
import http.client, socket, sys
class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/yett/yett.sock")
asked = Local("y")
asked.request("POST", "/v1/ruleset/check", open(sys.argv[1], "rb").read())
print("sent", flush=True)
answer = asked.getresponse()
print(answer.status, answer.read().decode(), flush=True)
"""


class Local(http.client.HTTPConnection):
    """To the daemon of a machine, as root."""

    def __init__(self, made):
        super().__init__("y", timeout=PATIENCE)
        self._path = f"/proc/{made.first[0]}/root/{SOCKET}"

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def health(made):
    """Seconds that it took, over a connection of its own, whatever it says."""
    began = time.monotonic()
    asked = Local(made)
    asked.request("GET", "/v1/health")
    asked.getresponse().read()
    asked.close()
    return time.monotonic() - began


def spawned(made, script, *words, user="watcher"):
    return made.spawn("python3", "-c", script, *words, user=user)


@test
def a_reader_with_every_connection_does_not_keep_root_out():
    with machine(rules=ruleset(open_port(OPEN))) as made:
        reader = spawned(made, HOLD, "64")
        equal(reader.stdout.readline().strip(), "8", "connections of one reader")
        holds(health(made) < SOON, "root is answered soon")
        other = spawned(made, HOLD, "64", user="keeper")
        equal(other.stdout.readline().strip(), "8", "connections of another")
        holds(health(made) < SOON, "root is answered soon")
        for one in (reader, other):
            one.communicate(timeout=PATIENCE)


def slow_ruleset(rules, tests):
    """That many rules, none of which decides that many tests."""
    many = [open_port(1 + n % 60000, f"r{n}") for n in range(rules)]
    packet = {"packet": "tcp 203.0.113.9:4444 > 198.51.100.7:22 syn", "expect": "drop"}
    return ruleset(*many, tests=[packet] * tests)


def workers(made):
    """Process ids, as the machine knows them, of those that check."""
    found = made.run("pgrep", "--full", "--parent", made.property("MainPID"), "check-worker")
    return found.stdout.split()


@test
def a_long_check_keeps_nobody_waiting_and_is_one_of_its_user():
    with machine(rules=ruleset(open_port(OPEN))) as made:
        made.write("opt/slow.json", slow_ruleset(6000, 2000))
        slow = spawned(made, CHECK, "/opt/slow.json")
        equal(slow.stdout.readline().strip(), "sent", "the first")
        worker = netns.wait_for(lambda: workers(made), "a process that checks")[0]
        owner = made.must("stat", "--format=%u", f"/proc/{worker}").strip()
        holds(owner in ("65534", "0"), f"uid of the process that checks: {owner}")
        capabilities = made.must("grep", "^CapEff", f"/proc/{worker}/status").split()[1]
        equal(int(capabilities, 16), 0, "its capabilities")
        second = spawned(made, CHECK, "/opt/slow.json").communicate(timeout=PATIENCE)[0]
        holds("503 {" in second, f"a second one is checked as well: {second[-200:]}")
        waits = [health(made) for _ in range(20)]
        holds(workers(made) == [worker], "it was checked all the while")
        holds(max(waits) < SOON, f"root waits {max(waits):.3f} s")
        said = slow.communicate(timeout=PATIENCE)[0]
        holds("200 {" in said, said[:300])


@test
def a_check_that_is_killed_costs_its_sender_alone():
    with machine(rules=ruleset(open_port(OPEN))) as made:
        made.write("opt/slow.json", slow_ruleset(6000, 2000))
        pid = made.property("MainPID")
        slow = spawned(made, CHECK, "/opt/slow.json")
        worker = netns.wait_for(lambda: workers(made), "a process that checks")[0]
        made.must("kill", f"-{signal.SIGKILL}", worker)
        said = slow.communicate(timeout=PATIENCE)[0]
        holds("503 {" in said, said[:300])
        equal(made.property("MainPID"), pid, "the daemon")
        holds(health(made) < SOON, "root is answered soon")
