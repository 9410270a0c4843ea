# SPDX-License-Identifier: GPL-2.0-or-later
"""The data plane outlives its daemon: killed, restarted, stopped; and detach is the off switch."""

import json
import os
import time

import lab as addresses
import packets
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test

WEB_SERVER = yett_module.rule_file("web-server.json")


class Leaks:
    """Frames to a closed port, sent without pause; counts how many reach the container."""

    def __init__(self, lab):
        self._wire = traffic.Wire(lab, "attacker")
        packet = packets.tcp(addresses.ATTACKER4, addresses.C1_4, 22, "S")
        self._frames = [self._wire.frame(packet)] * 50
        question = traffic.from_sources(addresses.ATTACKER4)
        self._witness = traffic.Witness(lab.name("c1"), "eth0", question)
        self.sent = 0
        self._stop = traffic.threading.Event()
        self._thread = traffic.threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.wait(0.005):
            self.sent += self._wire.send(self._frames)

    def stop(self):
        self._stop.set()
        self._thread.join(5)
        return self._witness.stop()


@test
def kill_9_leaves_filtering_as_it_was():
    with gate(rules=WEB_SERVER) as (lab, yett):
        leaks = Leaks(lab)
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        holds(download.wait_for_more(), "the download runs")
        programs = yett_module.program_ids(lab)
        yett.kill()
        holds(download.wait_for_more(), "the download goes on without a daemon")
        equal(traffic.reach(lab.name("attacker"), addresses.C2_6, 22), "silence", "port 22")
        # The frames of Leaks may fill the ring in front of a SYN.
        answer = traffic.answer(lab.name("client"), addresses.C2_6, 80, repeats=True)
        equal(answer, "served", "port 80")
        equal(yett_module.program_ids(lab), programs, "XDP programs")
        holds(download.stop(), f"the download never broke: {download.error}")
        equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port, reached c1")


@test
def restart_adopts_without_a_gap():
    with gate(rules=WEB_SERVER) as (lab, yett):
        yett.cli("set", "add", "blocked", "203.0.113.128/25")
        generation = yett.ask("status")["generation"]
        programs = yett_module.program_ids(lab)
        leaks = Leaks(lab)
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        for _ in range(3):
            counted = yett.interface("eth0")["seen"]["packets"]
            yett.kill()
            yett.start()
            status = yett.ask("status")
            equal(status["adopted"], True, "adopted")
            equal(status["generation"], generation, "generation")
            equal(yett_module.program_ids(lab), programs, "XDP programs")
            holds(yett.interface("eth0")["seen"]["packets"] >= counted, "counters go on")
        equal(yett.run("set", "test", "blocked", "203.0.113.200").returncode, 0, "run-time entry")
        holds(download.wait_for_more(), f"the download never broke: {download.error}")
        download.stop()
        equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port, reached c1")
        sums_hold(yett)


@test
def stop_and_start_keep_the_rules():
    with gate(rules=WEB_SERVER) as (lab, yett):
        equal(yett.stop(), 0, "exit code of yettd after SIGTERM")
        equal(traffic.reach(lab.name("attacker"), addresses.C1_4, 22), "silence", "port 22")
        yett.start()
        equal(yett.ask("status")["ruleset"], "web-server", "ruleset")
        again = yett.apply(WEB_SERVER)
        equal(again["changed"], False, "the same file again changes something")


def attachments(yett):
    return yett.ask("status")["attachments"]


def _after_a_change_over(lab):
    """A veth that loses its program changes over: a SYN of that moment may have to come again."""
    return traffic.answer(lab.name("attacker"), addresses.C1_4, 22, repeats=True)


@test
def detach_switches_off_with_a_daemon():
    with gate(rules=WEB_SERVER) as (lab, yett):
        equal(traffic.reach(lab.name("attacker"), addresses.C1_4, 22), "silence", "before")
        yett.cli("detach")
        equal(_after_a_change_over(lab), "served", "after")
        equal(yett_module.program_ids(lab), {}, "XDP programs")
        yett.kill()
        yett.start()
        equal(traffic.answer(lab.name("attacker"), addresses.C1_4, 22), "served", "after a restart")


@test
def detach_switches_off_without_a_daemon():
    with gate(rules=WEB_SERVER) as (lab, yett):
        yett.kill()
        equal(traffic.reach(lab.name("attacker"), addresses.C1_4, 22), "silence", "before")
        said = yett.cli("detach", "--all")
        holds("eth0 ingress" in said, f"detach says what it switched off: {said}")
        equal(_after_a_change_over(lab), "served", "after")
        equal(yett_module.program_ids(lab), {}, "XDP programs")
        left = set(os.listdir(lab.pins)) - {"detached", "state"}
        equal(left, set(), "pins that are left")
        equal(yett.run("detach").returncode, 0, "detaching again")
        yett.start()
        equal(yett_module.program_ids(lab), {}, "XDP programs after a start")
        equal(attachments(yett), [], "attachments after a start")
        yett.apply(WEB_SERVER)
        equal(len(attachments(yett)), 2, "attachments after an apply")


@test
def detach_of_one_interface_leaves_the_other():
    with gate(rules=WEB_SERVER) as (lab, yett):
        yett.cli("attach", "c1", "--direction", "ingress")
        holds(set(yett_module.program_ids(lab)) == {"eth0", "c1"}, "both are attached")
        yett.cli("detach", "c1")
        equal(set(yett_module.program_ids(lab)), {"eth0"}, "attached")
        equal(yett.run("detach", "c1").returncode, 1, "exit code when it is not attached")


@test
def an_interface_is_free_the_moment_that_detach_says_so():
    """The kernel's own way would be to let go of it some time later."""
    with gate(servers=False, rules=WEB_SERVER) as (lab, yett):
        for number in range(10):
            yett.cli("detach", "eth0", "--direction", "ingress")
            equal(yett_module.program_ids(lab), {}, f"XDP programs, time {number}")
            yett.cli("attach", "eth0", "--direction", "ingress")
            modes = {item["mode"] for item in yett.ask("status")["attachments"]}
            equal(modes, {"xdp-native", "tc"}, f"modes, time {number}")


@test
def rules_change_under_traffic_without_a_gap():
    """Two rulesets that both close port 22, applied in turn; the client's pages keep coming."""
    with open(WEB_SERVER, encoding="utf-8") as file:
        text = file.read()
    other = text.replace('"name": "web-server"', '"name": "web-server-2"')
    with gate(rules=text) as (lab, yett):
        leaks = Leaks(lab)
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        end = time.monotonic() + 3
        count = 0
        while time.monotonic() < end or count < 10:
            holds(yett.apply(other if count % 2 == 0 else text)["changed"], "nothing changed")
            count += 1
        holds(download.wait_for_more(), f"the download never broke: {download.error}")
        download.stop()
        equal(leaks.stop(), 0, f"{count} applies, {leaks.sent} frames to port 22; reached c1")
        sums_hold(yett)


def closed_ports(*ports):
    """A ruleset that closes port 8080 and these."""
    closed = [{"name": f"port-{port}", "match": {"proto": "tcp", "dport": port}, "action": "drop"}
              for port in (8080, *ports)]
    return {"version": 1, "name": "closed", "interfaces": ["eth0"], "rules": closed}


@test
def patched_tables_are_judged_by_and_adopted():
    with gate(rules=closed_ports(*range(1000, 1060))) as (lab, yett):
        change = json.dumps(closed_ports(80, *range(1000, 1060)))
        said = yett.cli("apply", "-", stdin=change)
        holds("the tables patched" in said and "+ port-80" in said, f"apply said: {said}")
        ask = lambda port: traffic.reach(lab.name("client"), addresses.C1_4, port)  # noqa: E731
        equal(ask(80), "silence", "the new rule")
        generation = yett.ask("status")["generation"]
        yett.kill()
        yett.start()
        status = yett.ask("status")
        equal(status["adopted"], True, "adopted")
        equal(status["generation"], generation, "generation")
        equal(ask(80), "silence", "the new rule, after a restart")
        yett.cli("apply", "-", stdin=json.dumps(closed_ports(*range(1000, 1060))))
        equal(traffic.answer(lab.name("client"), addresses.C1_4, 80), "served", "open again")
