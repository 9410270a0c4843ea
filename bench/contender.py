# SPDX-License-Identifier: GPL-2.0-or-later
"""Filters to be measured, each on a veth pair in a namespace of its own, with the same frames."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess

from harness import Failed, command


class Lane:
    """One namespace with v0 and v1, and the sender in it (bench/path.cpp)."""

    def __init__(self, bench):
        self.sender = subprocess.Popen(
            [bench.program("path")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._answer()["ready"]
        self.count = None

    def _answer(self):
        line = self.sender.stdout.readline()
        answer = json.loads(line) if line.strip() else {"error": "the sender ended"}
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def tell(self, words):
        """One command to the sender, and its answer."""
        self.sender.stdin.write(words + "\n")
        self.sender.stdin.flush()
        return self._answer()

    def inside(self, words, stdin=None):
        """Runs a program in the namespace; pins stay visible."""
        return command(["nsenter", f"--net=/proc/{self.pid}/ns/net", *words], stdin)

    def turn(self, milliseconds, verb="send"):
        """Nanoseconds a frame, over about that time."""
        if self.count is None:
            first = self.tell(f"{verb} 256")["ns"]
            better = self.tell(f"{verb} {max(256, int(2e6 / max(first, 1)))}")["ns"]
            self.count = max(256, int(milliseconds * 1e6 / max(better, 1)) // 64 * 64)
        return self.tell(f"{verb} {self.count}")["ns"]

    def verify(self, frames, hits):
        """Sends each of the frames once; which share of them was counted by another rule, at least.

        None: this filter does not say.
        """
        counted = self.counted(len(hits) - 1)
        if counted is None:
            return None
        self.tell(f"frames {frames}")
        self.tell(f"send {sum(hits)}")
        after = self.counted(len(hits) - 1)
        wrong = sum(abs(new - old - hit) for new, old, hit in zip(after, counted, hits))
        missing = abs(sum(after) - sum(counted) - sum(hits[:-1]))
        return (wrong + missing) / 2 / sum(hits)

    def counted(self, rules):
        """Packets by rule so far, if this filter counts."""
        return None

    def close(self):
        """Ends the sender, and with it the namespace."""
        self.sender.stdin.close()
        self.sender.wait(60)


class Bare(Lane):
    """XDP_DROP and nothing else."""

    def __init__(self, bench):
        super().__init__(bench)
        self.tell("bare on")


class Yett(Lane):
    """A yettd of its own, with a rule file.

    ahead: the daemon goes before all that is not real-time, where its own time is measured.
    options: more words for yettd.
    """

    def __init__(self, bench, rules, entries=None, ahead=False, options=()):
        super().__init__(bench)
        self.bench = bench
        self.options = options
        self.before = []
        if ahead:
            self.before = ["taskset", "-c", str(os.cpu_count() - 1), "chrt", "-f", "10"]
        self.folder = bench.folder / f"yett-{self.pid}"
        self.pins = pathlib.Path(f"/sys/fs/bpf/yett-bench-{self.pid}")
        self.folder.mkdir()
        self.daemon = self._start()
        try:
            self.applied = self.ask("apply", rules)
            if entries:
                self.ask("set", "import", *entries)
            modes = [item["mode"] for item in self.ask("attach", "v1")["attached"]]
            if "xdp-native" not in modes:
                raise Failed(f"yett is not on XDP in the driver, but on {modes}")
        except Failed:
            self.close()
            raise

    def _start(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            path = str(self.folder / "notify")
            notify.bind(path)
            notify.settimeout(30)
            words = ["nsenter", f"--net=/proc/{self.pid}/ns/net", *self.before,
                     self.bench.program("yettd"), "--socket",
                     self.folder / "run" / "yett.sock", "--state-dir", self.folder / "state",
                     "--pin-dir", self.pins, "--config", "", *self.options]
            with open(self.folder / "log", "wb") as log:
                daemon = subprocess.Popen([str(word) for word in words], stdout=log, stderr=log,
                                          env={**os.environ, "NOTIFY_SOCKET": path})
            try:
                while b"READY=1" not in notify.recv(4096):
                    pass
            except TimeoutError as late:
                daemon.kill()
                text = (self.folder / "log").read_text()
                raise Failed(f"yettd does not start: {text[-500:]}") from late
        return daemon

    def ask(self, *words):
        """The CLI's answer."""
        shared = ["--socket", self.folder / "run" / "yett.sock", "--pin-dir", self.pins, "-j"]
        text = command([self.bench.program("yett"), *shared, *words])
        return json.loads(text) if text.strip() else {}

    def counted(self, rules):
        rows = self.ask("show", "rules")["rules"]
        found = {row["name"]: row["packets"] for row in rows}
        return [found[f"r{number}"] for number in range(rules)]

    def memory(self, which="VmRSS"):
        """Kilobytes of the daemon, resident; VmHWM: at most so far."""
        for line in pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text().splitlines():
            if line.startswith(f"{which}:"):
                return int(line.split()[1])
        return 0

    def close(self):
        try:
            self.ask("detach", "--all")
        except Failed:
            pass
        self.daemon.terminate()
        self.daemon.wait(60)
        shutil.rmtree(self.pins, ignore_errors=True)
        super().close()


class Nft(Lane):
    """nftables at its earliest hook, netdev ingress."""

    def __init__(self, bench, script=None):
        super().__init__(bench)
        need("nft")
        self.refused = 0
        if script is not None:
            self.inside(["nft", "-f", script])


class NftMap(Nft):
    """A verdict map. Elements that it does not take are left out, and counted."""

    def __init__(self, bench, script):
        super().__init__(bench)
        tried = subprocess.run(
            ["nsenter", f"--net=/proc/{self.pid}/ns/net", "nft", "-f", str(script)],
            capture_output=True, text=True, check=False,
        )
        if tried.returncode == 0:
            return
        bad = {int(number) for number in re.findall(r"^[^:\n]+:(\d+):\S+ Error: .*exist",
                                                    tried.stderr, re.MULTILINE)}
        lines = script.read_text().splitlines()
        self.refused = len(bad)
        kept = "\n".join(line for i, line in enumerate(lines, 1) if i not in bad)
        self.inside(["nft", "-f", "-"], kept + "\n")


class NftCounters(NftMap):
    """The verdict map again, as a map of counters."""

    def counted(self, rules):
        text = self.inside(["nft", "-j", "list", "counters", "table", "netdev", "bench"])
        rows = [row["counter"] for row in json.loads(text)["nftables"] if "counter" in row]
        found = {row["name"]: row["packets"] for row in rows}
        return [found[f"c{number}"] for number in range(rules)]


class Iptables(Lane):
    """iptables-legacy at its earliest hook, raw PREROUTING."""

    def __init__(self, bench, rules, ipset=None):
        super().__init__(bench)
        need("iptables-legacy-restore")
        if ipset is not None:
            need("ipset")
            with open(ipset, encoding="ascii") as file:
                self.inside(["ipset", "restore"], file.read())
        self.inside(["iptables-legacy-restore"], rules)


class XdpFilter(Lane):
    """xdp-filter, which holds lists of addresses and ports."""

    def __init__(self, bench, addresses):
        super().__init__(bench)
        need("xdp-filter")
        self.inside(["xdp-filter", "load", "-m", "native", "-f", "ipv4", "-p", "allow", "v1"])
        self.inside(["sh", "-c", "while read -r a; do xdp-filter ip -m src $a || exit; done"],
                    "\n".join(addresses) + "\n")

    def close(self):
        self.inside(["xdp-filter", "unload", "v1"])
        super().close()


def need(program):
    """A peer that is not installed is named in the report."""
    if shutil.which(program) is None:
        raise Failed(f"{program} is not installed")
