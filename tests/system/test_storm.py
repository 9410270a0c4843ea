# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything at once: rulesets change without pause, the daemon is killed in the middle of it, and
frames to a closed port never stop. None of them gets through."""

import os
import random
import threading

import lab as addresses
import netns
import packets
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test
from test_demands import NOT_VLAN, REJECT, VLAN
from test_attach import NO_SSH
from test_interfaces import version
from test_pinned import Leaks

KILLS = 60 if os.environ.get("YETT_MODE") == "long" else 8
SEED = int(os.environ.get("YETT_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
# All close port 22; between some of them the attachment moves from XDP to TC and back.
RULESETS = (NO_SSH, VLAN, REJECT, NOT_VLAN)


class Applier:
    """Applies one ruleset after the other until it is stopped; an apply that the daemon's death
    cuts off is no failure."""

    def __init__(self, yett, chance):
        self.done = 0
        self._yett = yett
        self._chance = chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                self._yett.apply(self._chance.choice(RULESETS))
                self.done += 1
            except yett_module.CliError:
                self._stop.wait(0.02)

    def stop(self):
        self._stop.set()
        self._thread.join(120)


@test
def killed_in_the_middle_of_changes_nothing_gets_through():
    chance = random.Random(SEED)
    with gate(rules=NO_SSH) as (lab, yett):
        leaks = Leaks(lab)
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        holds(download.wait_for_more(), "the download runs")
        for number in range(KILLS):
            applier = Applier(yett, chance)
            goal = chance.randrange(1, 6)
            netns.wait_for(lambda: applier.done >= goal, f"{goal} rulesets applied", 120, pause=0)
            yett.kill()
            applier.stop()
            what = f"kill {number} of the run YETT_SEED={SEED}"
            closed = traffic.reach(lab.name("client"), addresses.C1_6, 22, 0.2)
            holds(closed in ("refused", "silence"), f"{what}: port 22 is {closed}, no daemon")
            yett.start()
            hooks = sorted(item["direction"] for item in yett.ask("status")["attachments"])
            equal(hooks, ["egress", "ingress"], f"{what}: attachments after the restart")
        holds(download.wait_for_more(), f"the download never broke: {download.error}")
        download.stop()
        equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port (YETT_SEED={SEED})")
        sums_hold(yett)


@test
def an_interface_that_is_made_anew_again_and_again_is_closed_each_time():
    """It cannot be attached before it exists; from the moment that the daemon says so it is closed,
    and nothing of the old one is left behind."""
    rules = {**NO_SSH, "interfaces": ["eth0", "late0"]}
    with gate(servers=False, rules=rules) as (lab, yett):
        gate_name = lab.name("gate")
        for number in range(10):
            made = ("link add late0 type veth peer name late1\n"
                    "link set late1 up\nlink set late0 up\n")
            netns.batch(gate_name, made)
            item = lambda: yett.interface("late0") or {}  # noqa: E731
            netns.wait_for(lambda: item().get("attached"), f"late0 is attached, time {number}")
            before = yett.rule_packets()["ssh"]
            with netns.raw_socket(gate_name, "late1") as sender:
                wire = traffic.Wire(lab, "attacker")
                syn = packets.tcp(addresses.ATTACKER4, addresses.C1_4, 22, "S")
                frame = wire.frame(syn)
                for _ in range(5):
                    sender.send(frame)
            counted = lambda: yett.rule_packets()["ssh"] - before  # noqa: E731
            netns.wait_for(lambda: counted() == 5, f"frames are judged, time {number}")
            netns.batch(gate_name, "link del late0\n")
        links = os.path.join(version(lab), "links")
        left = lambda: len(os.listdir(links))  # noqa: E731
        netns.wait_for(lambda: left() <= 1, "the pins of interfaces that are gone go, too")
        sums_hold(yett)
