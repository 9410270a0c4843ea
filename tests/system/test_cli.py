# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as scripts meet it: exit codes, JSON, and that a bad file changes nothing."""

import glob
import json
import os
import random

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, test

WEB_SERVER = yett_module.rule_file("web-server.json")
SYN = "tcp 203.0.113.9:4444 > 198.51.100.11:{} syn"
SMALL = {
    "version": 1,
    "name": "small",
    "interfaces": ["eth0"],
    "sets": {"few": {"type": "prefix", "max_entries": 2}},
    "rules": [{"name": "few", "match": {"src": "@few"}, "action": "drop"}],
}

# What is typed -> the exit code.
CODES = (
    (["check", WEB_SERVER], 0),
    (["compile", WEB_SERVER], 0),
    (["compile", "--stats", WEB_SERVER], 0),
    (["status"], 0),
    (["version"], 0),
    (["show", "rules"], 0),
    (["show", "sets"], 0),
    (["show", "interfaces"], 0),
    (["show", "reasons"], 0),
    (["show", "ruleset"], 0),
    (["show", "ruleset", "--source"], 0),
    (["counters"], 0),
    (["set", "list"], 0),
    (["set", "list", "bogons"], 0),
    (["set", "test", "bogons", "10.0.0.1", "192.168.7.0/24"], 0),
    (["trace", SYN.format(80)], 0),
    (["trace", "--expect", "pass", SYN.format(80)], 0),
    (["trace", "--in", "eth0", "--direction", "egress", SYN.format(22), "--expect", "pass"], 0),
    (["--help"], 0),
    (["set", "--help"], 0),
    (["trace", "--expect", "pass", SYN.format(22)], 1),
    (["set", "test", "bogons", "10.0.0.1", "192.0.2.1"], 1),
    (["set", "test", "nosuchset", "10.0.0.1"], 1),
    (["set", "del", "bogons", "192.0.2.1"], 1),
    (["attach", "nosuch0"], 1),
    (["detach", "nosuch0"], 1),
    ([], 2),
    (["compile", "/nonexistent"], 2),
    (["nosuchverb"], 2),
    (["status", "--nosuchoption"], 2),
    (["show", "nosuchtopic"], 2),
    (["trace"], 2),
    (["trace", "tcp nonsense"], 2),
    (["trace", "--frame", "zz"], 2),
    (["trace", "--expect", "maybe", SYN.format(22)], 2),
    (["set", "add", "bogons"], 2),
    (["set", "add", "bogons", "not-an-address"], 2),
    (["detach", "eth0", "--all"], 2),
)


@test
def exit_codes_are_those_of_the_table():
    with gate(servers=False, rules=WEB_SERVER) as (_, yett):
        wrong = []
        for words, code in CODES:
            made = yett.run(*words)
            if made.returncode != code:
                wrong.append(f"yett {' '.join(words)}: {made.returncode}, wanted {code}")
            if code > 1 and not made.stderr.strip():
                wrong.append(f"yett {' '.join(words)}: says nothing on stderr")
        equal(wrong, [], "exit codes")


@test
def json_is_one_document_for_every_verb_and_every_error():
    with gate(servers=False, rules=WEB_SERVER) as (_, yett):
        for words, code in CODES:
            if "--help" in words or code == 2 or words[:2] == ["show", "ruleset"]:
                continue
            made = yett.run("-j", *words)
            equal(made.returncode, code, f"exit code of yett -j {' '.join(words)}")
            try:
                json.loads(made.stdout)
            except json.JSONDecodeError as error:
                raise AssertionError(f"yett -j {' '.join(words)}: {made.stdout!r}") from error


@test
def without_a_daemon_the_code_is_4_and_the_mend_is_named():
    with gate(servers=False, started=False) as (_, yett):
        for words in (["status"], ["show", "rules"], ["counters"], ["apply", WEB_SERVER]):
            made = yett.run(*words)
            equal(made.returncode, 4, f"exit code of yett {words}")
            holds("start" in made.stderr, f"the mend: {made.stderr!r}")
        equal(yett.run("check", WEB_SERVER).returncode, 0, "check needs no daemon")
        equal(json.loads(yett.run("-j", "status").stdout)["code"], 4, "code in JSON")


@test
def the_cost_of_a_ruleset_is_told_before_it_is_applied():
    with gate(servers=False, started=False) as (_, yett):
        engine = json.loads(yett.run("-j", "compile", WEB_SERVER).stdout)["engine"]
        checked = json.loads(yett.run("-j", "check", WEB_SERVER).stdout)["engine"]
        equal(checked, engine, "what check says of it")
        rules = SMALL["rules"] + [
            {"name": f"r{i}", "match": {"src": f"192.0.{i // 250}.{i % 250}"}, "action": "drop"}
            for i in range(5000)
        ]
        text = json.dumps({**SMALL, "rules": rules})
        large = json.loads(yett.run("-j", "compile", "-", stdin=text).stdout)["engine"]
        holds(large["boxes"] >= 5000, f"every rule has a box: {large}")
        worst = [one["worst"] for one in large["classes"]]
        holds(any(path["steps"] >= 1 for path in worst), f"the trees have a level: {large}")
        holds(all(path["records"] < 500 for path in worst), f"nobody meets all rules: {large}")
        shown = yett.run("compile", "--stats", "-", stdin=text).stdout
        holds("with ports" in shown and "dearest packet" in shown, f"a person is told: {shown!r}")


def crowded(rules):
    """Rules that overlap in both ports, so that fast trees copy them until they do not fit."""
    dice = random.Random(1)

    def ports():
        first = dice.randrange(64536)
        return f"{first}-{first + dice.randrange(500, 1000)}"

    match = {"family": "ipv6", "proto": "tcp"}
    return {**SMALL, "rules": [
        {"name": f"r{i}", "action": "drop",
         "match": {**match, "sport": ports(), "dport": ports()}}
        for i in range(rules)]}


@test
def slower_trees_are_told_of_wherever_a_ruleset_is_taken():
    text, said = json.dumps(crowded(100000)), "of the 32.0 MiB that there are"
    with gate(servers=False) as (_, yett):
        for words in (["check", "-"], ["compile", "--stats", "-"]):
            shown = yett.run(*words, stdin=text)
            equal(shown.returncode, 0, f"exit code of yett {words}")
            holds(said in shown.stdout, f"yett {words} tells: {shown.stdout[:500]!r}")
        shown = yett.run("apply", "-", stdin=text)
        equal(shown.returncode, 0, f"exit code of yett apply: {shown.stderr[-500:]}")
        holds(said in shown.stdout + shown.stderr, f"yett apply tells: {shown.stdout!r}")
        holds(said in yett.run("status").stdout, "yett status tells")


@test
def somebody_else_gets_code_5():
    with gate(servers=False, rules=WEB_SERVER) as (lab, yett):
        for folder in (lab.work, os.path.dirname(yett.socket)):
            os.chmod(folder, 0o755)
        program = os.path.join(yett_module.build_folder(), "yett")
        copy = os.path.join(lab.work, "yett-copy")
        netns.run(None, "install", "-m", "0755", program, copy)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy]
        words = [*nobody, "--socket", yett.socket, "--pin-dir", lab.pins]
        for verb in (["status"], ["set", "add", "blocked", "192.0.2.1"], ["detach"]):
            made = traffic.subprocess.run(
                netns.command(lab.name("gate"), *words, *verb),
                capture_output=True,
                text=True,
                check=False,
            )
            equal(made.returncode, 5, f"exit code of {verb}: {made.stderr}")


@test
def a_full_set_refuses_with_code_6_and_changes_nothing():
    with gate(servers=False, rules=SMALL) as (_, yett):
        yett.cli("set", "add", "few", "192.0.2.1", "192.0.2.2")
        made = yett.run("set", "add", "few", "192.0.2.3")
        equal(made.returncode, 6, f"exit code: {made.stderr}")
        listed = [e["value"] for e in yett.ask("set", "list", "few")["entries"]]
        equal(len(listed), 2, f"entries {listed}")


BAD = {
    "malformed": '{ "version": 1, ',
    "unknown key": '{ "version": 1, "name": "x", "ruless": [] }',
    "65616 is not 80": '{ "version": 1, "name": "x", "rules": [ { "name": "a", '
    '"match": { "dport": 65616 }, "action": "drop" } ] }',
    "unknown set": '{ "version": 1, "name": "x", "rules": [ { "name": "a", '
    '"match": { "src": "@b" }, "action": "drop" } ] }',
    "reversed range": '{ "version": 1, "name": "x", "rules": [ { "name": "a", '
    '"match": { "dport": "443-80" }, "action": "drop" } ] }',
    "host bits": '{ "version": 1, "name": "x", "rules": [ { "name": "a", '
    '"match": { "src": "192.0.2.1/24" }, "action": "drop" } ] }',
    "duplicate key": '{ "version": 1, "version": 1, "name": "x" }',
    "10,000 levels": "[" * 10000 + "]" * 10000,
    "binary": "\x00\x01\x02\x7f",
}


@test
def a_bad_file_gets_code_3_and_the_running_rules_stay():
    with gate(servers=False, rules=WEB_SERVER) as (_, yett):
        before = yett.ask("status")["generation"]
        for what, text in BAD.items():
            for verb in ("check", "apply"):
                made = yett.run(verb, "-", stdin=text)
                equal(made.returncode, 3, f"exit code of {verb} of {what}: {made.stderr}")
                holds("error" in made.stderr, f"{verb} of {what} says: {made.stderr!r}")
        failing = json.loads(json.dumps(SMALL))
        failing["tests"] = [{"packet": SYN.format(80), "expect": "drop", "rule": "few"}]
        equal(yett.run("apply", "-", stdin=json.dumps(failing)).returncode, 3, "a failing test")
        equal(yett.ask("status")["generation"], before, "generation")
        equal(yett.ask("status")["ruleset"], "web-server", "ruleset")


@test
def every_rule_file_applies_and_its_tests_pass_on_the_loaded_programs():
    files = sorted(glob.glob(os.path.join(yett_module.ROOT, "rules", "*.json")))
    files = [file for file in files if not file.endswith(".schema.json")]
    with gate(servers=False) as (_, yett):
        for file in files:
            made = yett.run("check", file)
            equal(made.returncode, 0, f"check {os.path.basename(file)}: {made.stderr}")
            yett.run("detach", "--all")  # the next one names other interfaces
            result = yett.apply(file)
            holds(result["changed"], f"{file} changes nothing")
            holds(result["tests"] > 0, f"{os.path.basename(file)} has no tests")
            canonical = yett.cli("show", "ruleset")
            equal(yett.cli("fmt", "-", stdin=canonical), canonical, f"canonical form of {file}")


@test
def the_first_ruleset_of_the_readme_is_good():
    with open(os.path.join(yett_module.ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read().partition("```jsonc\n")[2].partition("```")[0]
    with gate(servers=False) as (_, yett):
        made = yett.run("check", "--strict", "-", stdin=text)
        equal((made.returncode, made.stderr), (0, ""), "yett check")
        equal(yett.apply(text)["tests"], 1, "tests that passed")


@test
def apply_says_what_changed():
    with gate(servers=False, rules=SMALL) as (_, yett):
        changed = json.loads(json.dumps(SMALL))
        changed["rules"][0]["action"] = "count"
        changed["rules"].append({"name": "more", "match": {"proto": "gre"}, "action": "drop"})
        said = yett.cli("apply", "-", stdin=json.dumps(changed))
        holds("+ more" in said and "~ few" in said, f"apply said: {said}")
        said = yett.cli("apply", "-", stdin=json.dumps(SMALL))
        holds("- more" in said, f"apply said: {said}")
        said = yett.cli("apply", "-", stdin=json.dumps(SMALL))
        holds("nothing" in said, f"apply said: {said}")


@test
def trace_agrees_with_what_happens_on_the_wire():
    with gate(rules=WEB_SERVER) as (lab, yett):
        for source, node in ((addresses.CLIENT4, "client"), (addresses.ATTACKER4, "attacker")):
            for port in (22, 80, 443, 8080):
                packet = f"tcp {source}:40000 > {addresses.C1_4}:{port} syn"
                traced = yett.ask("trace", "--in", "eth0", packet)["verdict"]
                wait = traffic.answer if traced == "pass" else traffic.reach
                real = wait(lab.name(node), addresses.C1_4, port)
                equal("drop" if real == "silence" else "pass", traced, packet)
        before = yett.interface("eth0")["seen"]["packets"]
        for _ in range(50):  # beside them, neighbours may ask for each other
            yett.cli("trace", SYN.format(22))
        holds(yett.interface("eth0")["seen"]["packets"] - before < 50, "trace counts")
