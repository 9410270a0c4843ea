# SPDX-License-Identifier: GPL-2.0-or-later
"""What is saved, and what is said when it cannot be: full disks, crashes in changes, dead ends."""

import contextlib
import json
import os
import random
import resource
import subprocess
import time

import netns
import yett as yett_module
from case import equal, gate, holds, test
from test_rest import Rest

KILLS = 100 if os.environ.get("YETT_MODE") == "long" else 30
RULES = {
    "version": 1,
    "name": "saved",
    "interfaces": ["eth0"],
    "sets": {
        "blocked": {"type": "prefix"},
        "fresh": {"type": "prefix"},
        "listed": {"type": "prefix", "file": "listed.netset"},
    },
    "rules": [
        {"name": "blocked", "match": {"src": "@blocked"}, "action": "drop"},
        {"name": "fresh", "match": {"src": "@fresh"}, "action": "drop"},
        {"name": "listed", "match": {"src": "@listed"}, "action": "drop"},
    ],
}


def hosts(first, count):
    """A list of IPv4 hosts, from 10.first.0.0 on."""
    lines = (f"10.{first + (i >> 16)}.{i >> 8 & 255}.{i & 255}\n" for i in range(count))
    return "".join(lines)


def write_list(folder, text):
    path = os.path.join(folder, "listed.netset")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path + ".new", 0o644)
    os.rename(path + ".new", path)


@contextlib.contextmanager
def small_disk(size="1m"):
    """(lab, yett, lists): the state stands on a small file system of its own."""
    with gate(servers=False, started=False) as (lab, yett):
        lists = lab.folder("lists")
        write_list(lists, "192.0.2.0/25\n")
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "yett-test", yett.state],
            check=True,
        )
        try:
            yett.more = ("--list-dir", lists)
            yett.start(more=yett.more)
            yett.apply(RULES)
            yield lab, yett, lists
        finally:
            if yett.process.poll() is None:
                yett.kill()
            subprocess.run(["umount", "-l", yett.state], check=True)


def fill(folder):
    path = os.path.join(folder, "fill")
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 256)
        except OSError:
            return path


def health(yett):
    """(status, the checks that fail)."""
    status, answer = Rest(yett.socket).ask("GET", "/v1/health")
    return status, [check["name"] for check in answer["checks"] if not check["ok"]]


def members(yett, name):
    return {entry["value"] for entry in yett.ask("set", "list", name)["entries"]}


def reboot(lab, yett):
    """Pins and what is attached are gone, the disk is as it was."""
    if yett.process.poll() is None:
        yett.kill()
    subprocess.run(["rm", "-r", lab.pins], check=True)
    netns.wait_for(lambda: not yett_module.program_ids(lab), "XDP programs go with their pins")
    yett.start(more=getattr(yett, "more", ()))


def changes_while_full(lists):
    """(what is typed, its standard input, the set, a member that it makes or None).

    The first change of each file is larger than what its last page has left."""
    write_list(lists, "192.0.2.0/25\n203.0.113.77\n" + hosts(3, 2000))
    many = [*hosts(4, 100).split(), "203.0.113.2", "--reason", "r" * 100]
    return (
        (["set", "add", "blocked", *many], None, "blocked", "203.0.113.2"),
        (["set", "del", "blocked", "203.0.113.1"], None, "blocked", None),
        (["set", "import", "blocked", "-"], hosts(1, 300), "blocked", "10.1.0.7"),
        (["set", "replace", "fresh", "-"], hosts(2, 20_000), "fresh", "10.2.0.7"),
        (["set", "flush", "fresh"], None, "fresh", None),
        (["set", "add", "fresh", "203.0.113.9"], None, "fresh", "203.0.113.9"),
        (["set", "reload", "listed"], None, "listed", "203.0.113.77"),
    )


@test
def a_full_disk_is_told_and_what_it_kept_out_is_saved_when_there_is_room():
    with small_disk() as (lab, yett, lists):
        answer = yett.ask("set", "add", "blocked", "203.0.113.1")
        equal((answer["saved"], answer["unsaved"]), (True, None), "with room")
        equal(health(yett), (200, []), "health with room")
        filler = fill(yett.state)
        for words, text, name, member in changes_while_full(lists):
            made = yett.run("-j", *words, stdin=text)
            equal(made.returncode, 8, f"{words}: {made.stderr}")
            answer = json.loads(made.stdout)
            equal(answer["saved"], False, f"{words}")
            holds("No space left" in answer["unsaved"], answer["unsaved"])
            holds("not saved" in made.stderr, made.stderr)
            if member is not None:
                equal(yett.run("set", "test", name, member).returncode, 0, f"{words}: in force")
        made = yett.run("apply", "-", stdin=json.dumps(RULES))
        equal(made.returncode, 6, f"an apply writes first, and is refused: {made.stderr}")
        for words in (("detach", "eth0"), ("attach", "eth0")):
            made = yett.run("-j", *words)
            equal((made.returncode, json.loads(made.stdout).get("saved")), (8, False), f"{words}")
        equal(health(yett), (503, ["saved"]), "health of a full disk")
        warnings = yett.ask("status")["warnings"]
        holds(any("not saved" in text for text in warnings), f"{warnings}")
        wanted = {name: members(yett, name) for name in RULES["sets"]}
        equal(wanted["fresh"], {"203.0.113.9"}, "fresh")
        os.unlink(filler)
        netns.wait_for(lambda: health(yett) == (200, []), "all is saved")
        reboot(lab, yett)
        for name, values in wanted.items():
            equal(members(yett, name), values, f"{name} after a reboot")


@test
def a_disk_that_became_read_only_is_told():
    with small_disk() as (lab, yett, _):
        yett.cli("set", "add", "blocked", "203.0.113.1")
        subprocess.run(["mount", "--bind", yett.state, yett.state], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", yett.state], check=True)
        try:
            made = yett.run("set", "add", "fresh", "203.0.113.2")
            equal(made.returncode, 8, made.stderr)
            holds("Read-only file system" in made.stderr, made.stderr)
            equal(health(yett), (503, ["saved"]), "health")
        finally:
            subprocess.run(["umount", yett.state], check=True)
        netns.wait_for(lambda: health(yett) == (200, []), "all is saved")
        reboot(lab, yett)
        equal(members(yett, "fresh"), {"203.0.113.2"}, "after a reboot")


@test
def a_kill_in_the_middle_of_a_change_leaves_all_of_it_or_nothing():
    with gate(servers=False, started=False) as (lab, yett):
        yett.more = ("--list-dir", lab.folder("lists"))
        write_list(lab.folder("lists"), "192.0.2.0/25\n")
        yett.start(more=yett.more)
        yett.apply(RULES)
        rest = Rest(yett.socket)
        lists = [hosts(1, 12_000), hosts(1, 9_000) + hosts(2, 9_000)]
        begun = time.monotonic()
        yett.cli("set", "replace", "blocked", "-", stdin=lists[0])
        length = time.monotonic() - begun
        now, torn, whole = 0, [], 0
        source = random.Random(time.monotonic_ns())
        for turn in range(KILLS):
            words = [os.path.join(yett_module.build_folder(), "yett"), "--socket", yett.socket]
            with subprocess.Popen(
                [*words, "set", "replace", "blocked", "-"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as client:
                client.stdin.write(lists[1 - now].encode())
                client.stdin.close()
                time.sleep(source.uniform(0, length))
                yett.kill()
            if turn % 6 == 5:
                reboot(lab, yett)
            else:
                yett.start(more=yett.more)
            found = members(yett, "blocked")
            there = [i for i, text in enumerate(lists) if found == set(text.split())]
            if not there:
                torn.append((turn, len(found)))
                yett.cli("set", "replace", "blocked", "-", stdin=lists[0])
                there = [0]
            whole += there[0] != now
            now = there[0]
            memory = rest.good("GET", "/v1/sets")["memory"]
            equal(memory["entries_ipv4"], len(found) + 1, f"turn {turn}: the kernel's tables")
        equal(torn, [], f"sets that were torn, of {KILLS}")
        holds(0 < whole < KILLS, f"{whole} of {KILLS} changes were made: kills came at other times")


@test
def an_apply_that_says_the_same_of_a_set_does_not_write_it_again():
    with gate(servers=False, started=False) as (lab, yett):
        write_list(lab.folder("lists"), "192.0.2.0/25\n")
        yett.start(more=("--list-dir", lab.folder("lists")))
        yett.apply(RULES)
        yett.cli("set", "import", "blocked", "-", stdin=hosts(1, 5000))
        path = os.path.join(yett.state, "sets", "blocked.set")
        before = os.stat(path)
        rules = json.loads(json.dumps(RULES).replace('{"name": "blocked"', '{"name": "renamed"'))
        equal(yett.apply(rules)["changed"], True, "the apply")
        yett.kill()
        yett.start(more=("--list-dir", lab.folder("lists")))
        after = os.stat(path)
        equal((after.st_ino, after.st_mtime_ns), (before.st_ino, before.st_mtime_ns), "the file")
        equal(len(members(yett, "blocked")), 5000, "entries")


def begin_import(rest, name, options):
    status, begun = rest.ask("POST", f"/v1/sets/{name}/imports", options)
    equal(status, 201, "an import")
    return f"/v1/sets/{name}/imports/" + begun["import"]


@test
def a_list_for_a_set_that_became_another_one_is_refused():
    def with_type(kind):
        sets = {"s": {"type": kind}} if kind else {}
        rules = [{"name": "r", "match": {"proto": "tcp"}, "action": "count"}]
        return {"version": 1, "name": "types", "sets": sets, "rules": rules}

    ways = {
        "another type": ["port"],
        "another type and back": ["port", "prefix"],
        "removed and made anew": ["", "prefix"],
    }
    with gate(servers=False) as (_, yett):
        rest = Rest(yett.socket)
        for what, kinds in ways.items():
            rest.good("PUT", "/v1/ruleset", with_type("prefix"))
            imports = [begin_import(rest, "s", {}) for _ in range(2)]
            rest.good("POST", imports[0], "192.0.2.1\n")
            for kind in kinds:
                rest.good("PUT", "/v1/ruleset", with_type(kind))
            for method, one in (("PUT", imports[0]), ("POST", imports[1])):
                status, answer = rest.ask(method, one, "80\n" if method == "POST" else "")
                equal(status, 409, f"{what}: {method}")
                holds("anew" in answer["detail"], answer["detail"])
            equal(rest.good("GET", "/v1/sets/s")["entries"], 0, what)
        rest.good("PUT", "/v1/ruleset", with_type("prefix"))
        one = begin_import(rest, "s", {})
        rest.good("POST", one, "192.0.2.1\n")
        rest.good("PUT", "/v1/ruleset", {**with_type("prefix"), "name": "same-set"})
        equal(rest.good("PUT", one)["added"], 1, "the set stayed the same one")


@test
def a_daemon_at_its_limits_says_so_and_goes_on():
    with gate(servers=False) as (_, yett):
        rest = Rest(yett.socket)
        rules = {**RULES, "sets": {"blocked": {"type": "prefix"}}, "rules": RULES["rules"][:1]}
        yett.apply(rules)
        yett.cli("set", "add", "blocked", "203.0.113.1")
        size = os.stat(os.path.join(yett.state, "sets", "blocked.set")).st_size
        before = resource.prlimit(yett.pid, resource.RLIMIT_FSIZE, (size + 5, -1))
        made = yett.run("set", "add", "blocked", "203.0.113.2")
        equal(made.returncode, 8, f"files may not grow: {made.stderr}")
        resource.prlimit(yett.pid, resource.RLIMIT_FSIZE, before)
        netns.wait_for(lambda: health(yett) == (200, []), "all is saved")
        with open(f"/proc/{yett.pid}/status", encoding="utf-8") as file:
            size = next(int(line.split()[1]) for line in file if line.startswith("VmSize"))
        before = resource.prlimit(yett.pid, resource.RLIMIT_AS, ((size + 8192) * 1024, -1))
        one = begin_import(rest, "blocked", {"replace": True})
        answers = []
        for part in range(40):
            answers.append(rest.ask("POST", one, hosts(part * 4, 200_000)))
            if answers[-1][0] != 200:
                break
        equal(answers[-1][0], 507, f"a list without memory: {answers[-1]}")
        holds("memory" in answers[-1][1]["detail"], f"{answers[-1]}")
        resource.prlimit(yett.pid, resource.RLIMIT_AS, before)
        equal(members(yett, "blocked"), {"203.0.113.1", "203.0.113.2"}, "the set")
        holds(yett_module.alive(yett), "yettd lives")


def start_with(lab, yett, files):
    """Starts yettd with so few descriptors; (exit code, what it said), None for one that runs."""
    program = os.path.join(yett_module.build_folder(), "yettd")
    words = ["--socket", yett.socket, "--pin-dir", lab.pins, "--state-dir", yett.state]
    process = lab.spawn(
        "gate",
        *["prlimit", f"--nofile={files}", program, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        over = lambda: process.poll() is not None  # noqa: E731
        netns.wait_for(lambda: over() or os.path.exists(yett.socket), "it runs or ends", 60)
        if over():
            return process.returncode, process.stdout.read()
        process.kill()
        return None


@test
def a_daemon_that_cannot_start_ends_in_words():
    with gate(servers=False, started=False) as (lab, yett):
        ended = 0
        for files in range(5, 300, 14):
            found = start_with(lab, yett, files)
            if found is None:
                break
            code, said = found
            if "shared libraries" in said or "ELF" in said:
                continue
            ended += 1
            holds(0 < code < 10, f"{files} files: exit code {code}: {said}")
            holds("terminate" not in said and "error" in said, f"{files} files: {said}")
        holds(ended > 3, f"{ended} starts ended in words")


def shell(lab, yett, line, stdin=""):
    """What a shell makes of it; $YETT is the command line. (code, what came to stderr)."""
    program = os.path.join(yett_module.build_folder(), "yett")
    yett_line = f"{program} --socket {yett.socket} --pin-dir {lab.pins}"
    made = subprocess.run(
        netns.command(lab.name("gate"), "bash", "-c", line),
        env={**os.environ, "YETT": yett_line},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return made.returncode, made.stderr


@test
def output_that_nobody_takes_is_an_error_and_keeps_nothing_from_happening():
    with gate(servers=False, rules={**RULES, "sets": {}, "rules": []}) as (lab, yett):
        for verb in ("status", "-j status", "show sets", "version", "--help", "counters"):
            for where in (">/dev/full", ">&-"):
                code, said = shell(lab, yett, f"$YETT {verb} {where}")
                holds(0 < code < 10, f"{verb} {where}: {code}")
                holds("could not be written" in said, f"{verb} {where}: {said!r}")
        names = iter(range(1000))
        for where in ("2>/dev/full", "2>&-", "2> >(exec <&-)", ">&- 2>&-"):
            name = f"silent-{next(names)}"
            # With a finding, so that there is something to say.
            rules = {**RULES, "name": name, "rules": [], "sets": {"unused": {"type": "port"}}}
            shell(lab, yett, f"$YETT apply - {where}", json.dumps(rules))
            equal(yett.ask("status")["ruleset"], name, f"apply {where}")
            holds(yett_module.alive(yett), f"yettd lives after {where}")
