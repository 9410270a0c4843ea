# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/testbed itself: the demonstration holds, and whatever it makes it removes."""

import os
import signal
import subprocess

import lab as lab_module
import netns
import yett as yett_module
from case import equal, holds, prefix, test

TESTBED = os.path.join(yett_module.ROOT, "tests", "testbed")


def start(name, *words):
    return subprocess.Popen(
        [TESTBED, "--prefix", name, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "YETT_PREPARED": "yes"},
    )


def run(name, *words):
    process = start(name, *words)
    said = process.communicate(timeout=600)[0]
    return process.returncode, said


def nothing_left(name):
    """No namespace, no pin, no folder, no state of that testbed."""
    left = lab_module.Lab(name).standing()
    for folder in ("/sys/fs/bpf", "/tmp", lab_module.RUN):
        if os.path.isdir(folder):
            left += [f"{folder}/{n}" for n in os.listdir(folder) if n.startswith(name)]
    equal(left, [], "left behind")


@test
def demo_holds_and_cleans_up():
    name = prefix("demo")
    code, said = run(name, "demo")
    equal(code, 0, f"exit code; it said:\n{said}")
    holds("FAILED" not in said.replace("0 FAILED", ""), said)
    nothing_left(name)


@test
def up_status_and_down():
    name = prefix("up")
    try:
        code, said = run(name, "up")
        equal(code, 0, f"up: {said}")
        equal(run(name, "up")[0], 7, "exit code of a second up")
        equal(run(name, "demo")[0], 7, "exit code of a demo beside it")
        code, said = run(name, "status")
        holds(code == 0 and "ruleset web-server" in said, f"status: {said}")
        with_shell = subprocess.run(
            [TESTBED, "--prefix", name, "shell", "gate"],
            input="yett show rules -t\n",
            capture_output=True,
            text=True,
            check=False,
        )
        holds("no-bogons" in with_shell.stdout, f"shell gate: {with_shell}")
    finally:
        code, said = run(name, "down")
    equal(code, 0, f"down: {said}")
    equal(run(name, "status")[0], 1, "exit code of status when nothing stands")
    equal(run(name, "down")[0], 0, "exit code of a second down")
    nothing_left(name)


@test
def interrupted_demo_cleans_up():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        name = prefix(f"int{number}")
        process = start(name, "demo")
        gate_name = f"{name}-gate"
        netns.wait_for(lambda: netns.exists(gate_name), "the namespace of the gate", 60)
        process.send_signal(number)
        process.communicate(timeout=120)
        equal(process.returncode, 128 + number, f"exit code after {number.name}")
        nothing_left(name)


@test
def wrong_words_get_code_2():
    for words in ((), ("nosuchverb",), ("shell",), ("demo", "twice")):
        equal(run(prefix("usage"), *words)[0], 2, f"exit code of tests/testbed {words}")
