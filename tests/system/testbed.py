# SPDX-License-Identifier: GPL-2.0-or-later
"""The verbs of tests/testbed: demo, up, down, status, shell."""

import argparse
import os
import re
import signal
import sys

import demo
import netns
import traffic
import yett as yett_module
from lab import Lab, start_time

PORTS = (80, 22, 8080)


def fail(text, code=1):
    print(f"testbed: {text}", file=sys.stderr)
    return code


def stop_on_signals():
    """SIGTERM and SIGHUP end the testbed like Ctrl-C does: through every `finally`."""

    def stop(number, _frame):
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)


def take_down(lab):
    """Cannot be interrupted: half a cleaning would be worse than waiting for it."""
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)
    lab.down()
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)


def refuse_if_standing(lab):
    if lab.standing() or os.path.exists(lab.state_file):
        names = ", ".join(lab.standing()) or lab.state_file
        raise SystemExit(
            fail(f"a testbed stands already ({names}); take it away: tests/testbed down", 7)
        )


def lay(lab):
    """Topology and web servers."""
    lab.up()
    for node in ("gate", "c1", "c2"):
        traffic.serve(lab, node, *PORTS)


def run_demo(lab, _arguments):
    refuse_if_standing(lab)
    try:
        lay(lab)
        return demo.run(lab, yett_module.Yett(lab))
    finally:
        take_down(lab)


def run_up(lab, _arguments):
    refuse_if_standing(lab)
    try:
        lay(lab)
        yett = yett_module.Yett(lab).start()
        yett.apply(yett_module.rule_file("web-server.json"))
    except BaseException:
        take_down(lab)
        raise
    print(yett.cli("status").rstrip())
    print("\nthe testbed stands; try: tests/testbed shell attacker, tests/testbed shell gate")
    return 0


def run_down(lab, _arguments):
    known = lab.load()
    standing = lab.standing()
    take_down(lab)
    print("removed: " + (", ".join(standing) if standing else "there was none"))
    return 0 if known or not standing else fail("processes of it may still run", 1)


def run_status(lab, _arguments):
    if not lab.load():
        return fail("no testbed stands; make one: tests/testbed up")
    print("namespaces: " + (", ".join(lab.standing()) or "none"))
    running = [str(pid) for pid, began in lab.processes if start_time(pid) == began]
    print("processes:  " + (" ".join(running) or "none"))
    made = yett_module.Yett(lab).run("status")
    print((made.stdout or made.stderr).rstrip())
    return made.returncode


def run_shell(lab, arguments):
    node = arguments.node
    if not netns.exists(lab.name(node)) or not lab.load():
        return fail(f"no node {node} stands; make the testbed: tests/testbed up")
    yett = yett_module.Yett(lab)
    print(f"you are in {lab.name(node)}; exit leaves it")
    os.environ["PATH"] = yett_module.build_folder() + ":" + os.environ.get("PATH", "")
    os.environ["YETT_SOCKET"], os.environ["YETT_PIN_DIR"] = yett.socket, lab.pins
    os.environ["PS1"] = f"{lab.name(node)}# "
    sys.stdout.flush()
    words = netns.command(lab.name(node), "bash", "--norc")
    os.execvp(words[0], words)
    return 9


def main():
    parser = argparse.ArgumentParser(prog="tests/testbed")
    parser.add_argument("--prefix", default="yett")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, run in (
        ("demo", run_demo),
        ("up", run_up),
        ("down", run_down),
        ("status", run_status),
        ("shell", run_shell),
    ):
        verb = verbs.add_parser(name)
        verb.set_defaults(run=run)
        if name == "shell":
            verb.add_argument("node", choices=["gate", "client", "attacker", "c1", "c2", "wire"])
    arguments = parser.parse_args()
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,31}", arguments.prefix):
        return fail("a prefix has small letters, digits and dashes", 2)
    stop_on_signals()
    return arguments.run(Lab(arguments.prefix), arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, yett_module.CliError) as error:
        sys.exit(fail(str(error)))
