# SPDX-License-Identifier: GPL-2.0-or-later
"""The testbed: an attacker and a client on one segment, a gate, and two containers behind it.

    attacker 203.0.113.66 ---+
             2001:db8:bad::66|            +--- eth0 gate 198.51.100.1 --- c1 198.51.100.11
                             +-- (wire) --+         2001:db8:2::1    \\      2001:db8:2::11
    client 192.0.2.10 -------+                                        +-- c2 198.51.100.12
           2001:db8:1::10                                                  2001:db8:2::12

The containers share the gate's kernel: a frame for them passes the gate's eth0, where yett is.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile

import netns

NODES = ("wire", "gate", "client", "attacker", "c1", "c2")
RUN = "/run/yett-testbed"

GATE4, C1_4, C2_4 = "198.51.100.1", "198.51.100.11", "198.51.100.12"
GATE6, C1_6, C2_6 = "2001:db8:2::1", "2001:db8:2::11", "2001:db8:2::12"
CLIENT4, ATTACKER4 = "192.0.2.10", "203.0.113.66"
CLIENT6, ATTACKER6 = "2001:db8:1::10", "2001:db8:bad::66"

TAGS_IN_THE_FRAME = ("rxvlan", "off", "txvlan", "off")
TAGS_IN_THE_FRAME += ("rx-vlan-stag-hw-parse", "off", "tx-vlan-stag-hw-insert", "off")
# Nor do hosts say anything of themselves later on, when a test counts what falls.
QUIET = ("net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
QUIET += ("net.ipv6.conf.default.router_solicitations=0",)
QUIET += ("net.ipv6.conf.default.mldv2_unsolicited_report_interval=1",)
# The gate judges by yett alone: the kernel's own reverse-path filter would hide what yett does.
GATE_SYSCTLS = (
    "net.ipv4.ip_forward=1",
    "net.ipv6.conf.all.forwarding=1",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
)


def start_time(pid):
    """When a process began, in clock ticks: with the pid, its name for ever. None: it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return None if fields[0] == "Z" else int(fields[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def end_process(pid, began, seconds=5.0):
    """SIGTERM, then SIGKILL, to exactly that process."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if start_time(pid) != began or began is None:
            return
        os.kill(pid, number)
        try:
            netns.wait_for(lambda: _gone(pid, began), "end of process", seconds)
            return
        except TimeoutError:
            continue


def _gone(pid, began):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    return start_time(pid) != began


class Lab:
    """Namespaces, links, processes and folders of one testbed; all of it goes in down()."""

    def __init__(self, prefix="yett"):
        self.prefix = prefix
        self.state_file = f"{RUN}/{prefix}.json"
        self.work = None
        self.pins = None
        self.processes = []

    def name(self, node):
        return f"{self.prefix}-{node}"

    def names(self):
        return [self.name(node) for node in NODES]

    def standing(self):
        """Names of those namespaces of this testbed that exist."""
        return [name for name in self.names() if netns.exists(name)]

    # -- making

    def up(self):
        """Raises FileExistsError when a testbed of this name stands already."""
        if self.standing() or os.path.exists(self.state_file):
            raise FileExistsError(f"a testbed named {self.prefix} stands already")
        os.makedirs(RUN, mode=0o700, exist_ok=True)
        self.work = tempfile.mkdtemp(prefix=f"{self.prefix}-testbed-")
        self.pins = f"/sys/fs/bpf/{os.path.basename(self.work)}"
        self._save()
        netns.add(*self.names())
        for name in self.names():
            netns.sysctl(name, *QUIET)
        netns.sysctl(self.name("gate"), *GATE_SYSCTLS)
        self._wire()
        self._containers()

    def _link(self, node, interface, peer_node, peer):
        """A veth pair. VLAN tags travel in the frame, where XDP can see them, not beside it: it is
        the sending end's offload that decides this."""
        one, other = self.name(node), self.name(peer_node)
        ends = [interface, "netns", one, "type", "veth", "peer", "name", peer, "netns", other]
        netns.run(None, "ip", "link", "add", *ends)
        for name, device in ((one, interface), (other, peer)):
            netns.run(name, "ethtool", "-K", device, *TAGS_IN_THE_FRAME)
            netns.run(name, "ip", "link", "set", device, "up")

    def _wire(self):
        wire = self.name("wire")
        netns.batch(wire, "link add br0 type bridge mcast_snooping 0\nlink set br0 up\n")
        self._wire_carries_everything(wire)
        for node in ("gate", "client", "attacker"):
            self._link(node, "eth0", "wire", node)
            netns.run(wire, "ip", "link", "set", node, "master", "br0")
        self._address("gate", "192.0.2.1/24", "203.0.113.1/24")
        self._address("gate", "2001:db8:1::1/64", "2001:db8:bad::1/48")
        self._address("client", f"{CLIENT4}/24", f"{CLIENT6}/64")
        self._address("attacker", f"{ATTACKER4}/24", f"{ATTACKER6}/48")
        for node, gate4, gate6 in (
            ("client", "192.0.2.1", "2001:db8:1::1"),
            ("attacker", "203.0.113.1", "2001:db8:bad::1"),
        ):
            routes = f"route add default via {gate4}\nroute add default via {gate6}\n"
            netns.batch(self.name(node), routes)

    @staticmethod
    def _wire_carries_everything(wire):
        """Where the kernel has br_netfilter, a bridge looks at IP headers and drops bad ones."""
        for family in ("ip", "ip6", "arp"):
            name = f"net.bridge.bridge-nf-call-{family}tables"
            netns.run(wire, "sysctl", "-q", "-w", f"{name}=0", check=False)

    def _address(self, node, *addresses, interface="eth0"):
        lines = "".join(
            f"addr add {a} dev {interface}{' nodad' if ':' in a else ''}\n" for a in addresses
        )
        netns.batch(self.name(node), lines)

    def _containers(self):
        gate = self.name("gate")
        self._address("gate", f"{GATE4}/32", f"{GATE6}/128", interface="lo")
        for node, own4, own6 in (("c1", C1_4, C1_6), ("c2", C2_4, C2_6)):
            self._link(node, "eth0", "gate", node)
            netns.batch(gate, f"route add {own4} dev {node}\nroute add {own6} dev {node}\n")
            # Neighbour discovery answers only for addresses of the very interface; ARP for any.
            self._address("gate", f"{GATE6}/128", interface=node)
            self._address(node, f"{own4}/32", f"{own6}/128")
            routes = f"route add {GATE4} dev eth0\nroute add default via {GATE4}\n"
            routes += f"route add {GATE6} dev eth0\nroute add default via {GATE6}\n"
            netns.batch(self.name(node), routes)

    # -- processes

    def spawn(self, node, *words, **options):
        """Starts a process inside a node, in a session of its own, so that Ctrl-C is not for it."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(
            netns.command(self.name(node), *words),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
        self.processes.append((process.pid, start_time(process.pid)))
        self._save()
        return process

    def folder(self, name):
        made = os.path.join(self.work, name)
        os.makedirs(made, mode=0o700, exist_ok=True)
        return made

    def _save(self):
        state = {"work": self.work, "pins": self.pins, "processes": self.processes}
        with open(self.state_file + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(self.state_file + ".new", self.state_file)

    def load(self):
        """Takes over what an earlier `up` left standing. False: nothing is known of it."""
        try:
            with open(self.state_file, encoding="utf-8") as file:
                state = json.load(file)
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        self.work, self.pins = state["work"], state["pins"]
        self.processes = [tuple(entry) for entry in state["processes"]]
        return True

    # -- taking away

    def down(self):
        """Ends every process, removes pins, namespaces and folders. Can be repeated."""
        for pid, began in reversed(self.processes):
            end_process(pid, began)
        self.processes = []
        if self.pins and self.pins.startswith(f"/sys/fs/bpf/{self.prefix}-testbed-"):
            shutil.rmtree(self.pins, ignore_errors=True)
        netns.delete(*reversed(self.names()))
        if self.work:
            shutil.rmtree(self.work, ignore_errors=True)
        for file in (self.state_file, self.state_file + ".new"):
            if os.path.exists(file):
                os.unlink(file)
        self.work = self.pins = None
