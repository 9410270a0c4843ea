# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose filter is it? Two yetts with places of their own leave each other alone; a program that
only has yett's name is somebody else's; and programs never judge by tables that nobody fills."""

import json
import os
import subprocess

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, test
from test_attach import NO_SSH, attachment
from test_pinned import Leaks, attachments

NO_8080 = {
    **NO_SSH,
    "name": "no-8080",
    "rules": [{"name": "alt", "match": {"proto": "tcp", "dport": 8080}, "action": "drop"}],
}


def filters(lab, direction="egress", device="eth0"):
    """The handles of the filters at a hook, and the ids of their programs."""
    words = ["tc", "-j", "filter", "show", "dev", device, direction]
    found = json.loads(netns.run(lab.name("gate"), *words) or "[]")
    options = [item["options"] for item in found if "options" in item]
    return {option["handle"]: option["prog"]["id"] for option in options if "prog" in option}


def maps_of(program):
    shown = netns.run(None, "bpftool", "-j", "prog", "show", "id", str(program))
    return set(json.loads(shown)["map_ids"])


def pinned_maps(lab):
    """Name -> id of the maps that are pinned."""
    (version,) = [name for name in os.listdir(lab.pins) if name.startswith("v")]
    folder = os.path.join(lab.pins, version, "maps")
    found = {}
    for name in os.listdir(folder):
        shown = netns.run(None, "bpftool", "-j", "map", "show", "pinned", f"{folder}/{name}")
        found[name] = json.loads(shown)["id"]
    return folder, found


def closed(lab, port):
    return traffic.reach(lab.name("client"), addresses.C1_4, port) == "silence"


@test
def two_yetts_on_one_interface_leave_each_other_alone():
    with gate(rules=NO_SSH) as (lab, first):
        second = yett_module.Yett(lab, second="-second")
        try:
            mine = filters(lab)
            second.start()
            second.apply(NO_8080)
            equal(mine.items() <= filters(lab).items(), True, "the first one's filter is there")
            equal(len(filters(lab)), 2, "filters at egress")
            equal((closed(lab, 22), closed(lab, 8080)), (True, True), "both judge")
            equal(len(attachments(second)), 2, "what the second says is its own")
            equal(len(second.ask("detach")["detached"]), 2, "hooks that the second detached")
            equal(filters(lab), mine, "filters after that")
            equal((closed(lab, 22), closed(lab, 8080)), (True, False), "the first judges")
            second.apply(NO_8080)
            second.kill()
            equal(len(second.ask("detach")["detached"]), 2, "without its daemon")
            equal(filters(lab), mine, "filters after that")
            equal(len(attachments(first)), 2, "what the first has")
        finally:
            second.off()


@test
def a_state_directory_has_one_daemon():
    with gate(servers=False, rules=NO_SSH) as (lab, first):
        second = yett_module.Yett(lab, second="-second")
        second.state = first.state
        try:
            second.start()
            raise AssertionError("a second yettd works on the same state directory")
        except RuntimeError as error:
            holds(f"another yettd already works on {first.state}" in str(error), str(error))
            holds("--state-dir" in str(error), "the hint names the option")
        finally:
            second.off()


@test
def a_program_that_only_has_our_name_is_somebody_elses():
    with gate(started=False) as (lab, yett):
        source = os.path.join(lab.work, "name.bpf.c")
        made = os.path.join(lab.work, "name.o")
        with open(source, "w", encoding="ascii") as file:
            file.write(
                "__attribute__((section(\"tc\"), used)) int yett_tc_egress(void* skb)\n"
                "{ (void)skb; return -1; }\n"
                "__attribute__((section(\"license\"), used)) char gpl[] = \"GPL\";\n"
            )
        netns.run(None, "clang", "-target", "bpf", "-O2", "-g", "-c", source, "-o", made)
        lines = "qdisc add dev eth0 clsact\n"
        lines += "filter add dev eth0 egress prio 10 handle 0x79657474 bpf da "
        lines += f"obj {made} sec tc\n"
        netns.batch(lab.name("gate"), lines, tool="tc")
        foreign = filters(lab)
        equal(len(foreign), 1, "the foreign filter")
        yett.start()
        equal(attachments(yett), [], "what yett says is its own")
        yett.apply(NO_SSH)
        equal(attachment(yett, "eth0", "egress")["mode"], "tc", "beside it")
        equal(len(filters(lab)), 2, "filters")
        yett.cli("detach")
        equal(filters(lab), foreign, "after detach")


@test
def a_pin_of_a_map_that_is_gone_comes_back():
    with gate(rules=NO_SSH) as (lab, yett):
        folder, before = pinned_maps(lab)
        programs = yett_module.program_ids(lab)
        leaks = Leaks(lab)
        yett.kill()
        for name in ("yett_control", "yett_connections6", "yett_interfaces"):
            os.unlink(os.path.join(folder, name))
        yett.start()
        equal(pinned_maps(lab)[1], before, "pinned maps")
        equal(yett_module.program_ids(lab), programs, "XDP programs")
        warnings = yett.ask("status")["warnings"]
        holds(any("yett_control" in text for text in warnings), f"it is told: {warnings}")
        equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port, reached c1")


@test
def programs_with_other_tables_are_replaced_not_adopted():
    with gate(rules=NO_SSH) as (lab, yett):
        folder, before = pinned_maps(lab)
        leaks = Leaks(lab)
        yett.kill()
        pin = os.path.join(folder, "yett_port_sets")
        shown = json.loads(netns.run(None, "bpftool", "-j", "map", "show", "pinned", pin))
        os.unlink(pin)
        words = ["map", "create", pin, "type", "array", "name", "yett_port_sets"]
        for key, word in (("bytes_key", "key"), ("bytes_value", "value"), ("max_entries",) * 2):
            words += ["entries" if word == "max_entries" else word, str(shown[key])]
        netns.run(None, "bpftool", *words)
        yett.start()
        after = pinned_maps(lab)[1]
        for program in (*yett_module.program_ids(lab)["eth0"], *filters(lab).values()):
            strange = maps_of(program) & set(before.values())
            equal(strange, set(), f"tables of the old ones that program {program} works on")
            holds(maps_of(program) & set(after.values()), "it works on those that are pinned")
        warnings = yett.ask("status")["warnings"]
        holds(any("yett_port_sets" in text for text in warnings), f"it is told: {warnings}")
        equal(closed(lab, 22), True, "port 22 is closed")
        equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port, reached c1")


@test
def filters_that_lost_their_pins_drop_nothing_for_long():
    """Whoever removes all pins of a yett that is not running leaves a filter that drops everything:
    a start takes its place, and so does detach."""
    for mend in ("start", "detach"):
        with gate(rules=NO_SSH) as (lab, yett):
            yett.kill()
            subprocess.run(["rm", "-r", lab.pins], check=True)
            own = lab.name("gate")
            dead = lambda: traffic.reach(own, addresses.CLIENT4, 80) == "silence"  # noqa: E731
            netns.wait_for(dead, "the filter drops everything")
            if mend == "start":
                yett.start()
                equal(len(filters(lab)), 1, "filters at egress")
            else:
                yett.cli("detach")
                equal(filters(lab), {}, "filters at egress")
            answer = traffic.answer(own, addresses.CLIENT4, 80)
            equal(answer, "refused", f"after {mend}")

@test
def what_only_filters_are_left_of_is_closed_and_says_so():
    """Pins and state are gone, and the egress filters drop for want of programs behind them."""
    with gate(rules=NO_SSH) as (lab, yett):
        yett.kill()
        for path in (lab.pins, yett.state):
            subprocess.run(["rm", "-r", path], check=True)
        yett.start()
        status = yett.ask("status")
        equal((status["in_force"], status["healthy"]), ("lockdown", False), "status")
        equal(traffic.answer(lab.name("client"), addresses.GATE4, 80), "silence", "port 80")
        yett.apply(NO_SSH)
        equal(yett.ask("status")["healthy"], True, "after an apply")
        equal(traffic.answer(lab.name("client"), addresses.GATE4, 80), "served", "port 80")
