# SPDX-License-Identifier: GPL-2.0-or-later
"""One yettd in the gate, with socket, pins and state of its own, and the CLI that speaks to it."""

import json
import os
import shutil
import signal
import socket
import subprocess

import lab as lab_module
import netns

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


NATIVE = '"attach": { "*": "native" }'


def build_folder():
    return os.environ.get("YETT_BUILD") or os.path.join(ROOT, "build", "release")


def rule_file(name):
    return os.path.join(ROOT, "rules", name)


class CliError(Exception):
    """The CLI said no, or worse; the text is what it said."""

    def __init__(self, words, made):
        self.code = made.returncode
        text = (made.stderr or made.stdout).strip()
        super().__init__(f"yett {' '.join(words)}: exit code {made.returncode}: {text}")


class Yett:
    """The daemon and its command line, in one namespace of a lab."""

    def __init__(self, lab, node="gate", second=""):
        """`second`: a name for another one beside the first, with places of its own."""
        self.lab = lab
        self.node = node
        self.process = None
        self.pins = lab.pins + second
        self.socket = os.path.join(lab.folder("run"), f"yett{second}.sock")
        self.state = lab.folder("state" + second)
        self.log = os.path.join(lab.work, f"yettd{second}.log")

    # -- the daemon

    def start(self, seconds=60.0, more=(), wrapper=()):
        """Returns when the daemon says that it is ready; raises with its log when it does not.
        `wrapper` runs the daemon in its own process, as `strace -D` does."""
        program = os.path.join(build_folder(), "yettd")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            path = os.path.join(self.lab.work, "notify")
            if os.path.exists(path):
                os.unlink(path)
            notify.bind(path)
            notify.settimeout(0.2)
            words = ["--socket", self.socket, "--pin-dir", self.pins]
            words += ["--state-dir", self.state, "--list-dir", os.path.join(ROOT, "rules"), *more]
            if "--config" not in more:
                words += ["--config", ""]  # not this host's own
            with open(self.log, "ab") as log:
                self.process = self.lab.spawn(
                    self.node,
                    *wrapper,
                    program,
                    *words,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "NOTIFY_SOCKET": path},
                )
            netns.wait_for(lambda: self._ready(notify), "yettd is ready", seconds)
        return self

    def _ready(self, notify):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise RuntimeError(f"yettd ended at once:\n{log.read()[-3000:]}")
        try:
            return b"READY=1" in notify.recv(4096)
        except (TimeoutError, BlockingIOError):
            return False

    @property
    def pid(self):
        return self.process.pid

    def kill(self):
        """kill -9, and waits until the process is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def stop(self):
        """SIGTERM. What is pinned goes on filtering."""
        self.process.terminate()
        return self.process.wait(60)

    # -- the command line

    def run(self, *words, stdin=None):
        """Runs the CLI, whatever it answers."""
        program = os.path.join(build_folder(), "yett")
        shared = ["--socket", self.socket, "--pin-dir", self.pins]
        return subprocess.run(
            netns.command(self.lab.name(self.node), program, *shared, *words),
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def cli(self, *words, stdin=None):
        """Runs the CLI and gives what it printed; anything but exit code 0 raises."""
        made = self.run(*words, stdin=stdin)
        if made.returncode != 0:
            raise CliError(words, made)
        return made.stdout

    def ask(self, *words, stdin=None):
        """The same with -j, read. A status may say that something is wrong."""
        made = self.run("-j", *words, stdin=stdin)
        if made.returncode != 0 and (words[0], made.returncode) != ("status", 1):
            raise CliError(words, made)
        return json.loads(made.stdout)

    def apply(self, ruleset, native=True):
        """Applies a file (by path), a text or a dict. `native`: on XDP in the driver, where the
        ruleset says nothing else; yett's own choice for the veths of a lab would be TC."""
        if isinstance(ruleset, dict):
            ruleset = json.dumps(ruleset, indent=2)
        if "\n" not in ruleset and os.path.exists(ruleset):
            with open(ruleset, encoding="utf-8") as file:
                ruleset = file.read()
        if native and '"attach"' not in ruleset:
            ruleset = ruleset.replace('"interfaces":', f'{NATIVE}, "interfaces":', 1)
        return self.ask("apply", "-", stdin=ruleset)

    # -- what it counts

    def counters(self):
        return self.ask("counters", "--all")

    def rule_packets(self):
        """Name of each rule -> packets; the policies are "(policy) ingress" and "... egress"."""
        return {rule_key(rule): rule["packets"] for rule in self.ask("show", "rules")["rules"]}

    def interface(self, name, direction="ingress"):
        for item in self.ask("show", "interfaces")["interfaces"]:
            if item["name"] == name and item["direction"] == direction:
                return item
        return None

    def off(self):
        """Unpins whatever is left, without the daemon."""
        if self.pins:
            shutil.rmtree(self.pins, ignore_errors=True)


def rule_key(rule):
    return rule["name"] + (f" {rule['direction']}" if rule["direction"] else "")


def program_ids(lab, node="gate"):
    """Ids of the XDP programs that hold the interfaces of a node, by interface."""
    links = json.loads(netns.run(lab.name(node), "ip", "-j", "-d", "link", "show"))
    found = {}
    for link in links:
        xdp = link.get("xdp") or {}
        programs = [a["prog"]["id"] for a in xdp.get("attached", []) if "prog" in a]
        if "prog" in xdp:
            programs.append(xdp["prog"]["id"])
        if programs:
            found[link["ifname"]] = sorted(set(programs))
    return found


def alive(yett):
    return lab_module.start_time(yett.pid) is not None
