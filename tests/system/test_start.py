# SPDX-License-Identifier: GPL-2.0-or-later
"""A start never opens the gate: reboots, damaged files, full disks; and what is told of it."""

import contextlib
import json
import os
import shutil
import subprocess

import lab as addresses
import netns
import packets
import traffic
from case import equal, gate, holds, test
from test_pinned import Leaks
from test_rest import Rest

# What the README has a new operator type first, on the interface that there is here.
FIRST = {
    "version": 1,
    "name": "first",
    "interfaces": ["eth0"],
    "policy": {"ingress": "drop", "egress": "pass"},
    "failsafe": [{"src": "192.0.2.0/24", "proto": "tcp", "dport": 22}],
    "sets": {"blocked": {"type": "prefix"}, "web": {"type": "port", "entries": [80]}},
    "rules": [
        {"name": "blocked", "match": {"src": "@blocked"}, "action": "drop"},
        {"name": "answers", "match": {"state": ["established", "related"]}, "action": "pass"},
        {"name": "web", "match": {"proto": "tcp", "dport": "@web"}, "action": "pass"},
    ],
    "tests": [
        {"packet": "tcp 203.0.113.9:4444 > 198.51.100.7:22 syn", "expect": "drop",
         "rule": "(policy)"},
        {"packet": "tcp 203.0.113.9:4444 > 198.51.100.7:80 syn", "expect": "pass"},
    ],
}


def power_off(lab, yett):
    """What a reboot takes: the daemon, the pins, and all that is attached. The disk stays."""
    yett.kill()
    shutil.rmtree(lab.pins, ignore_errors=True)
    for interface in ("eth0", "c1", "c2"):
        for hook in (["qdisc", "del", "dev", interface, "clsact"],):
            netns.run(lab.name("gate"), "tc", *hook, check=False)
    detached = lambda: "prog/xdp" not in netns.run(lab.name("gate"), "ip", "link")  # noqa: E731
    netns.wait_for(detached, "the programs are gone")
    equal(_answer(lab, 22), "served", "without a gate")


def reboot(lab, yett, **options):
    power_off(lab, yett)
    yett.start(**options)


def _answer(lab, port, node="attacker"):
    return traffic.answer(lab.name(node), addresses.C1_4, port, repeats=True)


def closed(lab, what):
    equal(traffic.reach(lab.name("attacker"), addresses.C1_4, 22), "silence", f"{what}: port 22")


def checks(yett):
    """Status of /v1/health, and the names of the checks that fail."""
    status, body = Rest(yett.socket).ask("GET", "/v1/health")
    return status, [one["name"] for one in body["checks"] if not one["ok"]]


def as_wished(yett, name="first"):
    status = yett.ask("status")
    equal((status["in_force"], status["ruleset"], status["why"]), ("wished", name, ""), "in force")
    equal(checks(yett), (200, []), "health")
    equal(yett.run("status").returncode, 0, "exit code of status")
    return status


def not_as_wished(yett, standing, *failing):
    status = yett.ask("status")
    equal(status["in_force"], standing, "in force")
    holds(status["why"], "it says why")
    code, names = checks(yett)
    equal((code, set(failing) <= set(names)), (503, True), f"health, {names}")
    equal(yett.run("status").returncode, 1, "exit code of status")
    return status


def is_member(yett, value, name="blocked"):
    return yett.run("set", "test", name, value).returncode == 0


@contextlib.contextmanager
def lists(lab, *lines):
    """A directory of lists that is root's alone, and the path of one list in it."""
    folder = lab.folder("lists")
    path = os.path.join(folder, "bad.netset")
    with open(path, "w", encoding="ascii") as file:
        file.write("".join(f"{line}\n" for line in lines))
    os.chmod(path, 0o600)
    yield ("--list-dir", folder), path


def generation_path(yett, number, kind="json"):
    return os.path.join(yett.state, "generations", f"{number:06}.{kind}")


def damage(path):
    """Cuts the second half off."""
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) // 2)


@test
def the_first_commands_of_the_readme_outlive_a_reboot():
    with gate(rules=FIRST) as (lab, yett):
        yett.cli("set", "add", "blocked", "203.0.113.0/24")
        yett.cli("set", "add", "web", "8080")
        before = as_wished(yett)
        reboot(lab, yett)
        after = as_wished(yett)
        equal(after["generation"], before["generation"], "generation")
        equal([a["interface"] for a in after["attachments"]], ["eth0", "eth0"], "attached")
        equal(after["kept_aside"], [], "kept aside")
        holds(is_member(yett, "203.0.113.9"), "the entry that was added")
        closed(lab, "after the reboot")
        equal(_answer(lab, 80), "silence", "the attacker is blocked")
        equal(_answer(lab, 8080, "client"), "served", "the port that was added")
        reboot(lab, yett)
        holds(is_member(yett, "203.0.113.9"), "the entry after another one")


@test
def what_a_list_has_become_is_no_question_at_a_boot():
    rules = {**FIRST, "sets": {**FIRST["sets"], "blocked": {
        "type": "prefix", "file": "bad.netset", "min_entries": 2, "max_shrink": "10%"}}}
    for name, spoil in (("missing", os.unlink), ("emptied", lambda p: os.truncate(p, 0))):
        with gate(started=False) as (lab, yett):
            with lists(lab, "203.0.113.0/25", "203.0.113.128/26") as (more, path):
                yett.start(more=more)
                yett.apply(rules)
                spoil(path)
                reboot(lab, yett, more=more)
                as_wished(yett)
                holds(is_member(yett, "203.0.113.66"), f"{name}: the last list is in force")
                equal(_answer(lab, 80), "silence", f"{name}: the attacker is blocked")


@test
def a_source_that_became_an_own_address_is_no_question_at_a_boot():
    with gate(rules=FIRST) as (lab, yett):
        netns.run(lab.name("gate"), "ip", "addr", "add", "203.0.113.9/32", "dev", "lo")
        reboot(lab, yett)
        as_wished(yett)
        closed(lab, "after the reboot")


@contextlib.contextmanager
def small_disk(yett, size="2m"):
    """The state directory on a file system of its own; gives what fills it."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", yett.state],
                   check=True)
    filling = os.path.join(yett.state, "filling")

    def fill():
        with open(filling, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        with open(filling, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"x"):
                pass

    try:
        yield fill, filling
    finally:
        subprocess.run(["umount", "-l", yett.state], check=True)


@test
def a_full_disk_keeps_no_packet_waiting():
    with gate(started=False) as (lab, yett):
        with small_disk(yett) as (fill, filling):
            yett.start()
            yett.apply(FIRST)
            yett.cli("set", "add", "blocked", "203.0.113.0/24")
            fill()
            reboot(lab, yett)
            closed(lab, "on a full disk")
            holds(is_member(yett, "203.0.113.9"), "the entry that was added")
            equal(yett.ask("status")["in_force"], "wished", "in force")
            equal(checks(yett), (503, ["saved"]), "health")
            equal(yett.run("status").returncode, 1, "exit code of status")
            said = yett.run("apply", "-", stdin=json.dumps({**FIRST, "name": "other"}))
            equal(said.returncode, 6, f"apply on a full disk: {said.stderr}")
            holds("No space left" in said.stderr and "room" in said.stderr, said.stderr)
            os.unlink(filling)
            netns.wait_for(lambda: checks(yett) == (200, []), "it is saved once there is room")
            as_wished(yett)
            yett.apply({**FIRST, "name": "other"})
            reboot(lab, yett)
            as_wished(yett, "other")
            yett.kill()


@test
def a_generation_that_never_was_in_force_is_none():
    with gate(started=False) as (lab, yett):
        with small_disk(yett) as (fill, filling):
            yett.start()
            yett.apply(FIRST)
            fill()
            refused = {**FIRST, "name": "refused"}
            equal(yett.run("apply", "-", stdin=json.dumps(refused)).returncode, 6, "apply")
            listed = lambda: [g["generation"] for g in _generations(yett)]  # noqa: E731
            now = yett.ask("status")["generation"]
            equal(listed(), [now], "generations")
            os.unlink(filling)
            back = Rest(yett.socket).ask("POST", "/v1/ruleset/rollback", {"generation": now + 1})
            equal(back[0], 404, "a way back to it")
            yett.kill()
            # As kill -9 leaves them between the writing and the switch.
            for kind in ("json", "state"):
                path = generation_path(yett, now, kind)
                shutil.copy(path, generation_path(yett, now + 1, kind) + ".new")
            yett.start()
            equal(listed(), [now], "generations after a crash")
            # And between the switch and the renaming.
            yett.apply({**FIRST, "name": "second"})
            yett.kill()
            for kind in ("json", "state"):
                path = generation_path(yett, now + 1, kind)
                os.rename(path, path + ".new")
            yett.start()
            equal(listed(), [now + 1, now], "generations after a crash behind the switch")
            as_wished(yett, "second")
            yett.kill()


def _generations(yett):
    return Rest(yett.socket).ask("GET", "/v1/generations")[1]["generations"]


@test
def the_pinned_tables_judge_on_whatever_their_text_is_worth():
    spoils = (
        ("cut", damage),
        ("gone", os.unlink),
        ("another text", lambda p: _write(p, json.dumps({"version": 1, "name": "open"}))),
    )
    for name, spoil in spoils:
        older = {**FIRST, "name": "older", "policy": {"ingress": "pass"}, "tests": []}
        with gate(rules=older) as (lab, yett):
            newest = yett.apply(FIRST)["generation"]
            yett.cli("set", "add", "blocked", "203.0.113.0/24")
            leaks = Leaks(lab)
            yett.kill()
            spoil(generation_path(yett, newest))
            yett.start()
            status = not_as_wished(yett, "held", "ruleset")
            wished = {"generation": newest, "ruleset": "first"}
            equal(status["wished"], wished, f"{name}: wished")
            equal(status["generation"], newest, f"{name}: generation")
            holds(is_member(yett, "203.0.113.9"), f"{name}: its sets live on")
            yett.cli("set", "add", "blocked", "192.0.2.99")
            equal(_answer(lab, 80, "client"), "served", f"{name}: what passes")
            yett.kill()
            yett.start()
            holds(is_member(yett, "192.0.2.99"), f"{name}: an entry added meanwhile")
            yett.apply(FIRST)
            as_wished(yett)
            holds(is_member(yett, "192.0.2.99"), f"{name}: an entry over the next apply")
            equal(leaks.stop(), 0, f"{name}: of {leaks.sent} frames, reached c1")


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


@test
def after_a_reboot_a_predecessor_stands_in_for_a_damaged_text():
    with gate(rules={**FIRST, "name": "older"}) as (lab, yett):
        more = {**FIRST, "sets": {**FIRST["sets"], "more": {"type": "prefix"}}}
        number = yett.apply(more)["generation"]
        yett.cli("set", "add", "blocked", "203.0.113.0/24")
        yett.cli("set", "add", "more", "192.0.2.7")
        newest = generation_path(yett, number)
        with open(newest, encoding="utf-8") as file:
            text = file.read()
        yett.kill()
        damage(newest)
        yett.start()
        reboot(lab, yett)
        status = not_as_wished(yett, "predecessor", "ruleset")
        equal((status["ruleset"], status["generation"]), ("older", number - 1), "in force")
        equal(status["wished"]["generation"], number, "wished")
        holds(os.path.exists(newest), "the damaged text is still there")
        holds(is_member(yett, "203.0.113.9"), "the entries of a set that it knows")
        closed(lab, "by the predecessor")
        yett.kill()
        yett.start()
        not_as_wished(yett, "predecessor", "ruleset")
        yett.kill()
        _write(newest, text)
        yett.start()
        status = as_wished(yett)
        holds(status["generation"] > number, "it is made anew")
        holds(is_member(yett, "192.0.2.7", "more"), "of a set that the predecessor did not know")
        reboot(lab, yett)
        as_wished(yett)


@test
def without_state_json_nothing_but_what_was_done_by_hand_is_lost():
    spoils = (
        ("gone", os.unlink),
        ("cut", damage),
        ("another format", lambda p: _write(p, '{"format": 99, "generation": "seven"}')),
    )
    for name, spoil in spoils:
        with gate(rules=FIRST) as (lab, yett):
            yett.cli("set", "add", "blocked", "203.0.113.0/24")
            state = os.path.join(yett.state, "state.json")
            for what in ("live", "reboot"):
                yett.kill()
                spoil(state)
                yett.start()
                if what == "reboot":
                    power_off(lab, yett)
                    spoil(state)
                    yett.start()
                status = as_wished(yett)
                holds(is_member(yett, "203.0.113.9"), f"{name}, {what}: entry")
                holds(any("state.json" in text for text in status["warnings"]),
                      f"{name}, {what}: {status['warnings']}")
                if name != "gone":
                    holds(any("state.json" in kept for kept in status["kept_aside"]),
                          f"{name}, {what}: {status['kept_aside']}")
                closed(lab, f"{name}, {what}")


@test
def without_records_the_texts_and_entries_are_enough():
    with gate(rules=FIRST) as (lab, yett):
        yett.cli("set", "add", "blocked", "203.0.113.0/24")
        generation = yett.ask("status")["generation"]
        leaks = Leaks(lab)
        yett.kill()
        os.unlink(generation_path(yett, generation, "state"))
        os.unlink(os.path.join(yett.state, "state.json"))
        yett.start()
        as_wished(yett)
        holds(is_member(yett, "203.0.113.9"), "the entry that was added")
        equal(leaks.stop(), 0, f"of {leaks.sent} frames, reached c1")


@test
def without_any_file_what_is_pinned_goes_on():
    with gate(rules=FIRST) as (lab, yett):
        leaks = Leaks(lab)
        yett.kill()
        shutil.rmtree(yett.state)
        os.mkdir(yett.state, 0o700)
        yett.start()
        not_as_wished(yett, "unknown", "ruleset", "generation")
        equal(_answer(lab, 80, "client"), "served", "what passes")
        yett.apply(FIRST)
        as_wished(yett)
        equal(leaks.stop(), 0, f"of {leaks.sent} frames, reached c1")


@test
def when_nothing_can_be_brought_back_the_gate_locks_down():
    with gate(rules=FIRST) as (lab, yett):
        number = yett.ask("status")["generation"]
        power_off(lab, yett)
        _write(generation_path(yett, number), "{")
        yett.start()
        status = not_as_wished(yett, "lockdown", "ruleset")
        equal([a["interface"] for a in status["attachments"]], ["eth0", "eth0"], "attached")
        equal(_answer(lab, 80, "client"), "silence", "what the rules would let pass")
        equal(_answer(lab, 22, "client"), "served", "by the failsafe")
        closed(lab, "locked down")
        yett.kill()
        yett.start()
        not_as_wished(yett, "lockdown", "ruleset")
        equal(_generations(yett)[0]["generation"], number, "no generation is made of it")
        yett.apply(FIRST)
        as_wished(yett)
        equal(_answer(lab, 80, "client"), "served", "after an apply")


@test
def a_first_start_with_a_bad_config_closes_and_says_so():
    bad = json.dumps({**FIRST, "oops": 1})
    with gate(started=False) as (lab, yett):
        config = os.path.join(lab.work, "rules.json")
        yett.start(more=("--config", config))
        not_as_wished(yett, "empty", "ruleset")  # it was named, and is not there
        yett.kill()
        for name, text, standing in (
            ("no JSON", "interfaces = eth0", "empty"),
            ("invalid", bad, "lockdown"),
            ("cut", bad[: bad.index('"rules"')], "lockdown"),
        ):
            _write(config, text)
            yett.start(more=("--config", config))
            not_as_wished(yett, standing, "ruleset")
            if standing == "lockdown":
                equal(_answer(lab, 22, "client"), "served", f"{name}: by the failsafe")
                closed(lab, name)
            yett.kill()
        _write(config, json.dumps(FIRST))
        yett.start(more=("--config", config))
        as_wished(yett)
        _write(config, json.dumps({**FIRST, "name": "edited"}))
        yett.kill()
        yett.start(more=("--config", config))
        warnings = as_wished(yett)["warnings"]
        holds(any("rules.json differs" in text for text in warnings), f"{warnings}")


@test
def a_first_start_without_a_list_filters_by_the_rest_and_says_so():
    rules = {**FIRST, "sets": {**FIRST["sets"], "blocked": {
        "type": "prefix", "file": "bad.netset"}}}
    with gate(started=False) as (lab, yett):
        with lists(lab, "203.0.113.0/24") as (more, path):
            os.rename(path, path + ".late")
            config = os.path.join(lab.work, "rules.json")
            _write(config, json.dumps(rules))
            yett.start(more=(*more, "--config", config))
            equal(checks(yett), (503, ["lists"]), "health")
            equal(yett.run("status").returncode, 1, "exit code of status")
            closed(lab, "by the rules")
            os.rename(path + ".late", path)
            yett.cli("set", "reload", "blocked")
            as_wished(yett)
            holds(is_member(yett, "203.0.113.9"), "the list")


@test
def sets_that_were_accepted_stay_in_a_smaller_memory():
    lines = "".join(f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}\n" for n in range(131072))
    with gate(rules=FIRST) as (lab, yett):
        yett.cli("set", "import", "blocked", "-", stdin=lines + lines.replace("198.1", "100.1"))
        count = yett.ask("show", "sets")["sets"][0]["entries"]
        reboot(lab, yett, more=("--set-memory", "4"))
        warnings = as_wished(yett)["warnings"]
        holds(any("--set-memory" in text for text in warnings), f"{warnings}")
        equal(yett.ask("show", "sets")["sets"][0]["entries"], count, "entries")
        closed(lab, "in a smaller memory")


def _strace(*faults, path=None):
    words = ["strace", "-D", "-f", "-q", "-o", "/dev/null"]
    if path:
        words += ["-P", path]
    for fault in faults:
        words += ["-e", f"inject={fault}"]
    return words


# Name, faults as strace injects them, whether in the text of the generation alone, what is in
# force.
FAULTS = (
    ("the disk cannot be written", ("fsync,fdatasync:error=EIO",), False, ("wished",)),
    ("nothing can be renamed", ("rename:error=ENOSPC",), False, ("wished",)),
    ("no thread", ("clone3:error=EAGAIN",), False, ("wished",)),
    ("the text, once", ("openat:error=EMFILE:when=1",), True, ("wished",)),
    ("the text, always", ("openat:error=EIO",), True, ("held", "predecessor")),
    ("one call of the kernel", ("bpf:error=ENOMEM:when=40",), False, ("wished",)),
    ("a later one", ("bpf:error=EMFILE:when=300",), False, ("wished",)),
)


@test
def no_fault_of_the_machine_opens_the_gate():
    """At a live restart and at a boot: what fails once, and what fails always."""
    with gate(rules=FIRST) as (lab, yett):
        yett.cli("set", "add", "blocked", "203.0.113.0/24")
        for name, faults, of_text, standings in FAULTS:
            for what in ("live", "boot"):
                text = generation_path(yett, yett.ask("status")["generation"])
                if what == "boot":
                    power_off(lab, yett)
                else:
                    yett.kill()
                yett.start(wrapper=_strace(*faults, path=text if of_text else None))
                closed(lab, f"{name}, {what}")
                status = yett.ask("status")
                found = f"{name}, {what}: {status['in_force']}, {status['why']}"
                holds(status["in_force"] in standings, found)
                if name == "no thread":
                    yett.apply({**FIRST, "comment": what})
                yett.kill()
                yett.start()
                as_wished(yett)
                holds(is_member(yett, "203.0.113.9"), f"{name}, {what}: entry")
