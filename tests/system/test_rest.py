# SPDX-License-Identifier: GPL-2.0-or-later
"""The REST socket as programs meet it: bad input, who may do what, sets, and what survives."""

import grp
import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import time
import urllib.parse

import lab as lab_module
import netns
import yett as yett_module
from case import equal, holds, test
from case import gate as lab_gate

RULES = {
    "version": 1,
    "name": "rest",
    "interfaces": ["eth0"],
    "sets": {
        "bad": {"type": "prefix", "entries": ["192.0.2.0/24"], "max_entries": 5},
        "closed": {"type": "port", "entries": [23]},
    },
    "rules": [
        {"name": "by-source", "match": {"src": "@bad"}, "action": "drop"},
        {"name": "by-port", "match": {"proto": "tcp", "dport": "@closed"}, "action": "drop"},
    ],
    "tests": [
        {"packet": "udp 192.0.2.1:9 > 198.51.100.7:9", "expect": "drop", "rule": "by-source"}
    ],
}

WHO = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
WHO += "s.sendall(sys.argv[2].encode()); s.shutdown(socket.SHUT_WR); "
WHO += "print(s.recv(4096).split()[1].decode())"


class Rest:
    """One connection a request, bodies as they are."""

    def __init__(self, path):
        self.path = path

    def raw(self, data, seconds=60):
        """Sends octets, and gives all that comes back until the server closes."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(seconds)
            link.connect(self.path)
            try:
                link.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            answer = b""
            while True:
                try:
                    part = link.recv(65536)
                except ConnectionResetError:
                    return answer
                if not part:
                    return answer
                answer += part

    def ask(self, method, target, body=b"", headers=()):
        """(status, the answer as JSON or text)."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        head = [f"{method} {target} HTTP/1.1", "Host: yett", "Connection: close"]
        head += [f"Content-Length: {len(body)}", *headers, "", ""]
        answer = self.raw("\r\n".join(head).encode() + body)
        top, _, rest = answer.partition(b"\r\n\r\n")
        status = int(top.split()[1])
        try:
            return status, json.loads(rest)
        except ValueError:
            return status, rest.decode(errors="replace")

    def good(self, *words, **more):
        status, answer = self.ask(*words, **more)
        holds(status == 200, f"{words[:2]} answers {status}: {answer}")
        return answer


def started(rules=RULES):
    """A lab whose daemon has `rules`, and its socket."""
    return lab_gate(servers=False, rules=rules)


def entry(name, value):
    return f"/v1/sets/{name}/entries/" + urllib.parse.quote(value, safe="")


def verdict(rest, packet):
    answer = rest.good("POST", "/v1/trace", {"packet": packet})
    return f"{answer['verdict']} {answer['rule']}"


def attached(rest):
    return {item["interface"] for item in rest.good("GET", "/v1/status")["attachments"]}


def changed(**more):
    return {**RULES, **more}


def rule(**more):
    return changed(rules=[{"name": "r", "action": "drop", **more}], tests=[])


BAD_RULESETS = {
    "empty": "",
    "cut": json.dumps(RULES)[:-5],
    "not an object": "[]",
    "binary garbage": bytes(range(256)) * 40,
    "random octets": bytes((i * i * 31 + 7) % 256 for i in range(5000)),
    "10,000 levels": "[" * 10_000,
    "10,000 levels, closed": '{"a":' + "[" * 10_000 + "]" * 10_000 + "}",
    "a million brackets": "[" * 1_000_000,
    "unknown key": changed(colour="red"),
    "unknown match key": rule(match={"sorce": "192.0.2.1"}),
    "duplicate key": '{"version": 1, "version": 1, "name": "a"}',
    "duplicate rule": changed(rules=RULES["rules"] + RULES["rules"][:1]),
    "wrong type": changed(rules={}),
    "port as a truth": rule(match={"proto": "tcp", "dport": True}),
    "65616 is not 80": rule(match={"proto": "tcp", "dport": 65616}),
    "port beyond 64 bits": '{"version":1,"name":"a","rules":[{"name":"r","action":"drop",'
    '"match":{"proto":"tcp","dport":18446744073709551696}}]}',
    "negative port": rule(match={"proto": "tcp", "dport": -1}),
    "port 80.5": rule(match={"proto": "tcp", "dport": 80.5}),
    "reversed range": rule(match={"proto": "tcp", "dport": "443-80"}),
    "unknown set": rule(match={"src": "@nobody"}),
    "host bits": rule(match={"src": "192.0.2.1/24"}),
    "bad address": rule(match={"src": "192.0.2.256"}),
    "unknown action": rule(action="explode"),
    "bad version": changed(version=99),
    "a test that fails": changed(
        tests=[{"packet": "udp 192.0.2.1:9 > 198.51.100.7:9", "expect": "pass"}]
    ),
    "a test of nonsense": changed(tests=[{"packet": "hello", "expect": "pass"}]),
}


@test
def bad_rulesets_change_nothing():
    with started() as (lab, yett):
        rest = Rest(yett.socket)
        before = rest.good("GET", "/v1/status")
        programs = yett_module.program_ids(lab)
        for name, body in BAD_RULESETS.items():
            for method, target in (("PUT", "/v1/ruleset"), ("POST", "/v1/ruleset/check")):
                status, answer = rest.ask(method, target, body)
                equal(status, 422, f"{name}: {method} {target}: {str(answer)[:300]}")
                equal(answer["code"], 3, f"{name}: code")
                first = answer["diagnostics"][0]
                holds(first["message"] and first["severity"], f"{name}: {first}")
        after = rest.good("GET", "/v1/status")
        for key in ("generation", "since", "bank", "attachments", "pid"):
            equal(after[key], before[key], key)
        equal(yett_module.program_ids(lab), programs, "XDP programs")
        equal(verdict(rest, "udp 192.0.2.1:9 > 198.51.100.7:9"), "drop by-source", "verdict")
        equal(rest.good("GET", "/v1/health")["healthy"], True, "healthy")


@test
def places_of_errors():
    with started() as (_, yett):
        text = json.dumps(rule(match={"proto": "tcp", "dport": "443-80"}), indent=1)
        _, answer = Rest(yett.socket).ask("PUT", "/v1/ruleset", text)
        found = answer["diagnostics"][0]
        line = text.splitlines()[found["line"] - 1]
        part = line[found["column"] - 1 : found["column"] - 1 + found["length"]]
        equal(part, '"443-80"', "what is underlined")
        holds("80-443" in found["hint"], f"hint: {found['hint']}")


@test
def huge_and_broken_requests_are_refused():
    with started() as (_, yett):
        rest = Rest(yett.socket)
        pid = rest.good("GET", "/v1/status")["pid"]
        status, _ = rest.ask("PUT", "/v1/ruleset", b"[" * 100_000_000)
        equal(status, 413, "100 MB")
        put = b"PUT /v1/ruleset HTTP/1.1\r\nHost: x\r\n"
        rows = {
            put + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n": b"501",
            put + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na": b"400",
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n": b"414",
            put + b"A: " + b"b" * 40000 + b"\r\n\r\n": b"431",
            b"\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n": b"400",
            b"\r\n" * 5: b"400",
        }
        for data, wanted in rows.items():
            answer = rest.raw(data)
            equal(answer.split()[1], wanted, repr(data[:60]))
            equal(answer.count(b"HTTP/1.1 "), 1, f"answers to {data[:60]!r}")
        for body in (b"{", b"[]", b'{"packet":1}', b'{"a":1}', b"\xff", b"[" * 1_000_000, b"{}"):
            status, answer = rest.ask("POST", "/v1/trace", body)
            equal((status, answer["code"]), (400, 2), f"trace {body[:20]!r}")
        for packet in ("", "tcp", "tcp 192.0.2.1:70000 > 192.0.2.2:1", "udp a > b", "x" * 5000):
            equal(rest.ask("POST", "/v1/trace", {"packet": packet})[0], 400, packet[:40])
        for digits in ("", "00", "0" * 27, "zz" * 20, "00" * 20000):
            equal(rest.ask("POST", "/v1/trace", {"frame_hex": digits})[0], 400, digits[:40])
        equal(rest.good("GET", "/v1/status")["pid"], pid, "the daemon is the same")


@test
def generations_guard_writes():
    with started() as (_, yett):
        rest = Rest(yett.socket)
        now = rest.good("GET", "/v1/status")["generation"]
        other = changed(comment="another")
        status, answer = rest.ask("PUT", "/v1/ruleset", other, [f'If-Match: "{now + 1}"'])
        equal((status, answer["code"]), (412, 7), "a stale writer")
        equal(rest.good("PUT", "/v1/ruleset?dry_run=true", other)["changed"], False, "dry run")
        equal(rest.good("GET", "/v1/status")["generation"], now, "generation after a dry run")
        status, answer = rest.ask("PUT", "/v1/ruleset", other, [f'If-Match: "{now}"'])
        equal((status, answer["generation"], answer["previous"]), (200, now + 1, now), "applied")
        equal(rest.good("PUT", "/v1/ruleset", other)["changed"], False, "the same again")
        equal(rest.good("POST", "/v1/ruleset/rollback")["generation"], now + 2, "rolled back")
        equal(rest.good("GET", "/v1/ruleset").get("comment"), None, "comment")
        equal(rest.ask("GET", "/v1/generations/999")[0], 404, "no such generation")
        source = "// mine\n" + json.dumps(other)
        rest.good("PUT", "/v1/ruleset", source)
        equal(rest.ask("GET", "/v1/ruleset?form=source")[1], source, "the text as it was applied")


@test
def sets_are_exact_and_refuse_when_full():
    with started() as (_, yett):
        rest = Rest(yett.socket)
        for value in ("203.0.113.0/24", "203.0.113.128/25", "2001:db8::/32"):
            equal(rest.good("PUT", entry("bad", value))["added"], 1, value)
        equal(verdict(rest, "udp 203.0.113.200:9 > 198.51.100.7:9"), "drop by-source", "nested")
        found = rest.good("GET", entry("bad", "203.0.113.200"))
        covers = [item["value"] for item in found["entries"]]
        equal(covers, ["203.0.113.128/25", "203.0.113.0/24"], "what covers it")
        equal(rest.good("DELETE", entry("bad", "203.0.113.0/24"))["deleted"], 1, "deleted")
        equal(verdict(rest, "udp 203.0.113.200:9 > 198.51.100.7:9"), "drop by-source", "the /25")
        equal(verdict(rest, "udp 203.0.113.2:9 > 198.51.100.7:9"), "pass (policy)", "outside it")
        equal(rest.ask("DELETE", entry("bad", "203.0.113.0/24"))[0], 404, "again")
        batch = {"add": [f"198.51.100.{i}" for i in range(3)]}
        status, answer = rest.ask("POST", "/v1/sets/bad/entries/batch", batch)
        equal((status, answer["code"]), (507, 6), "more than max_entries")
        equal(rest.good("GET", "/v1/sets/bad")["entries"], 3, "entries")
        equal(rest.good("PUT", entry("closed", "8000-8100"))["entries"], 2, "a range of ports")
        trace = "tcp 203.0.113.1:9 > 198.51.100.7:8100"
        equal(verdict(rest, trace), "drop by-port", "in the range")
        bad = {"192.0.2.1/24": "bad", "nonsense": "bad", "80": "bad", "65616": "closed"}
        for value, name in {**bad, "443-80": "closed"}.items():
            equal(rest.ask("PUT", entry(name, value))[0], 400, value)
        equal(rest.ask("PUT", entry("nobody", "192.0.2.1"))[0], 404, "no such set")
        for body in ({"timeout": -1}, {"timeout": "soon"}, {"tmeout": 1}, {"timeout": 1e30}, [1]):
            equal(rest.ask("PUT", entry("bad", "198.51.100.1"), body)[0], 400, str(body))


@test
def entries_end_on_time():
    with started() as (_, yett):
        rest = Rest(yett.socket)
        began = time.monotonic()
        rest.good("PUT", entry("bad", "203.0.113.7"), {"timeout": 3})
        asked = added = time.monotonic()
        packet = "udp 203.0.113.7:9 > 198.51.100.7:9"
        equal(verdict(rest, packet), "drop by-source", "at once")
        while verdict(rest, packet) != "pass (policy)":
            # A tick of 0.13 s (xdp/abi/sets.h) comes on top.
            holds(asked - added < 3.2, f"it holds after {asked - added:.1f} s")
            asked = time.monotonic()
        took = time.monotonic() - began
        holds(took >= 3, f"it ended after {took:.1f} s")
        swept = lambda: rest.good("GET", "/v1/sets/bad")["entries"] == 1  # noqa: E731
        netns.wait_for(swept, "the sweep of the entry")


def begin_import(rest, options):
    status, begun = rest.ask("POST", "/v1/sets/big/imports", options)
    equal(status, 201, "an import")
    return "/v1/sets/big/imports/" + begun["import"]


@test
def a_list_comes_in_pieces_and_becomes_one_change():
    """Also: who added what and why, over a restart; what a list must not do to a set."""
    with started() as (_, yett):
        rest = Rest(yett.socket)
        rules = {**RULES, "sets": {**RULES["sets"], "big": {"type": "prefix", "max_shrink": "50%"}}}
        rest.good("PUT", "/v1/ruleset", rules)
        hosts = [f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i in range(200_000)]
        one = begin_import(rest, {"reason": "a test", "timeout": 3600})
        text = "# hosts\n" + "".join(hosts) + "10.0.0.0/24\n10.0.0.7\n"
        for at in range(0, len(text), 1_000_000):
            equal(rest.good("GET", "/v1/sets/big")["entries"], 0, "nothing before the last piece")
            rest.good("POST", one, text[at : at + 1_000_000])
        made = rest.good("PUT", one)
        counts = [made[key] for key in ("added", "duplicate", "contained", "entries")]
        equal(counts, [200_001, 1, 256, 200_001], "counts")
        equal(rest.ask("PUT", one)[0], 404, "twice")
        yett.kill()
        yett.start()
        equal(rest.good("GET", "/v1/status")["warnings"], [], "warnings")
        found = rest.good("GET", entry("big", "10.3.13.63"))["entries"]
        equal([(e["value"], e["reason"]) for e in found], [("10.3.13.63", "a test")], "entries")
        holds(3000 < found[0]["seconds_left"] <= 3600, f"{found}")
        one = begin_import(rest, {"replace": True})
        rest.good("POST", one, "10.0.0.1\n")
        equal(rest.ask("PUT", one)[0], 409, "max_shrink")
        equal(rest.good("GET", "/v1/sets/big")["entries"], 200_001, "the last good list")
        one = begin_import(rest, {})
        status, answer = rest.ask("POST", one, "10.0.0.1\nnonsense\n")
        equal(status, 400, "nonsense")
        holds(answer["detail"].startswith("line 2: "), answer["detail"])


@test
def a_set_is_loaded_from_its_file_and_read_anew():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bad.netset")

        def write(text):
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path + ".new", 0o644)
            os.rename(path + ".new", path)

        rules = {**RULES, "sets": {**RULES["sets"]}}
        rules["sets"]["bad"] = {"type": "prefix", "file": "bad.netset", "min_entries": 1}
        rules["tests"] = []
        with started() as (_, yett):
            rest = Rest(yett.socket)
            equal(rest.ask("PUT", "/v1/ruleset", rules)[0], 422, "no such file")
            yett.kill()
            yett.start(more=("--list-dir", folder))
            write("# today\n192.0.2.0/24\n203.0.113.7\n")
            rest.good("PUT", "/v1/ruleset", rules)
            equal(verdict(rest, "udp 203.0.113.7:9 > 198.51.100.7:9"), "drop by-source", "loaded")
            write("192.0.2.0/24\n203.0.113.8\n")
            made = rest.good("POST", "/v1/sets/bad/reload")
            equal((made["added"], made["deleted"]), (1, 1), "the difference")
            equal(verdict(rest, "udp 203.0.113.7:9 > 198.51.100.7:9"), "pass (policy)", "gone")
            for text, code in (("# nothing\n", 409), ("nonsense\n", 422)):
                write(text)
                equal(rest.ask("POST", "/v1/sets/bad/reload")[0], code, text)
                equal(rest.good("GET", "/v1/sets/bad")["entries"], 2, "the last good list")
            os.unlink(path)
            other = {**rules, "name": "other"}
            warnings = rest.good("PUT", "/v1/ruleset", other)["warnings"]
            holds(any("keeps the 2 entries" in text for text in warnings), f"{warnings}")
            equal(verdict(rest, "udp 203.0.113.8:9 > 198.51.100.7:9"), "drop by-source", "kept")


@test
def a_killed_daemon_forgets_nothing():
    with started() as (lab, yett):
        rest = Rest(yett.socket)
        rest.good("PUT", entry("bad", "203.0.113.7"))
        yett.kill()
        yett.start()
        equal(rest.good("GET", "/v1/status")["adopted"], True, "adopted")
        equal(rest.good("GET", entry("bad", "203.0.113.7"))["member"], True, "added right before")
        yett.kill()
        with open(os.path.join(yett.state, "state.json"), "w", encoding="utf-8") as state:
            state.write('{"format": 1, "gen')
        programs = yett_module.program_ids(lab)
        yett.start()
        status = rest.good("GET", "/v1/status")
        holds(any("state.json" in text for text in status["warnings"]), f"{status['warnings']}")
        equal(status["ruleset"], "rest", "the ruleset")
        equal(yett_module.program_ids(lab), programs, "XDP programs")
        equal(verdict(rest, "udp 192.0.2.1:9 > 198.51.100.7:9"), "drop by-source", "verdict")


@test
def a_reboot_brings_everything_back():
    with started() as (lab, yett):
        rest = Rest(yett.socket)
        rest.good("PUT", entry("bad", "203.0.113.7"))
        equal(yett.stop(), 0, "exit code")
        subprocess.run(["rm", "-r", lab.pins], check=True)
        # Without its pin the kernel lets a link go when it finds the time.
        netns.wait_for(lambda: not yett_module.program_ids(lab), "XDP programs go with their pins")
        yett.start()
        equal(rest.good("GET", "/v1/status")["ruleset"], "rest", "the ruleset")
        equal(verdict(rest, "udp 203.0.113.7:9 > 198.51.100.7:9"), "drop by-source", "run time")
        holds("eth0" in yett_module.program_ids(lab), "eth0 is attached again")


@test
def interfaces_that_come_later_are_attached():
    rules = changed(interfaces=["eth0", "late0"])
    with started(rules) as (lab, yett):
        rest = Rest(yett.socket)
        warnings = rest.good("GET", "/v1/status")["warnings"]
        holds(any("late0" in text for text in warnings), f"warnings: {warnings}")
        words = ["ip", "link", "add", "late0", "type", "veth", "peer", "name", "late1"]
        netns.run(lab.name("gate"), *words)
        netns.wait_for(lambda: "late0" in attached(rest), "late0 is attached")
        status, refused = rest.ask("PUT", "/v1/ruleset", RULES)
        equal((status, refused["code"]), (409, 7), "late0 would be open")
        answer = rest.good("PUT", "/v1/ruleset?force=true", RULES)
        detached = {(item["interface"], item["direction"]) for item in answer["detached"]}
        equal(detached, {("late0", "ingress"), ("late0", "egress")}, "no longer in the ruleset")


@test
def applying_again_switches_on_again():
    with started(changed(interfaces=["eth0", "never0"])) as (lab, yett):
        rest = Rest(yett.socket)
        equal(len(rest.good("DELETE", "/v1/interfaces")["detached"]), 2, "hooks switched off")
        equal(yett_module.program_ids(lab), {}, "XDP programs")
        equal(rest.good("DELETE", "/v1/interfaces")["detached"], [], "again")
        yett.kill()
        yett.start()
        equal(yett_module.program_ids(lab), {}, "XDP programs after a restart")
        answer = rest.good("PUT", "/v1/ruleset", rest.ask("GET", "/v1/ruleset?form=source")[1])
        equal((answer["changed"], len(answer["attached"])), (False, 2), "the same ruleset again")
        equal(rest.ask("DELETE", "/v1/interfaces/never0/attachment")[0], 404, "was not attached")
        equal(rest.ask("PUT", "/v1/interfaces/never0/attachment")[0], 404, "does not exist")
        target = "/v1/interfaces/eth0/attachment?direction=egress"
        equal(len(rest.good("DELETE", target)["detached"]), 1, "one hook")
        equal(len(rest.good("PUT", target)["attached"]), 1, "the same hook")
        equal(rest.ask("PUT", target.replace("egress", "up"))[0], 400, "no such direction")


def as_nobody(yett, gid, method, target):
    """The status that uid 65534 gets when its group is `gid`; "denied" when it cannot connect."""
    request = f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
    made = subprocess.run(
        ["/usr/bin/python3", "-c", WHO, yett.socket, request],
        user=65534,
        group=gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    return made.stdout.strip() or ("denied" if "PermissionError" in made.stderr else made.stderr)


@test
def who_may_do_what():
    with lab_gate(servers=False, started=False) as (_, yett):
        writers, readers = grp.getgrnam("games"), grp.getgrnam("mail")
        yett.start(more=["--group", writers.gr_name, "--reader-group", readers.gr_name])
        equal(os.stat(yett.socket).st_gid, writers.gr_gid, "group of the socket")
        mode = stat.S_IMODE(os.stat(yett.socket).st_mode)
        equal(oct(mode), "0o660", "mode of the socket")
        equal(as_nobody(yett, 65534, "GET", "/v1/status"), "denied", "a stranger")
        path = os.path.dirname(yett.socket)
        while path != "/":
            os.chmod(path, os.stat(path).st_mode | stat.S_IXOTH)
            path = os.path.dirname(path)
        os.chmod(yett.socket, 0o666)
        equal(as_nobody(yett, 65534, "GET", "/v1/status"), "403", "a stranger who got in")
        equal(as_nobody(yett, 65534, "PUT", "/v1/ruleset"), "403", "a stranger who writes")
        equal(as_nobody(yett, readers.gr_gid, "GET", "/v1/status"), "200", "a reader")
        equal(as_nobody(yett, readers.gr_gid, "PUT", "/v1/ruleset"), "403", "a reader who writes")
        equal(as_nobody(yett, readers.gr_gid, "DELETE", "/v1/interfaces"), "403", "the off switch")
        equal(as_nobody(yett, writers.gr_gid, "PUT", "/v1/ruleset"), "422", "a writer, no ruleset")


@test
def a_second_daemon_is_refused():
    with started() as (lab, yett):
        program = os.path.join(yett_module.build_folder(), "yettd")
        words = ["--pin-dir", lab.pins, "--state-dir", yett.state, "--socket", yett.socket + "2"]
        command = netns.command(lab.name("gate"), program, *words)
        made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        equal(made.returncode, 7, "exit code")
        holds("another yettd" in made.stderr, made.stderr)
        holds(lab_module.start_time(yett.pid) is not None, "the first one lives")


@test
def sighup_applies_the_config_file():
    with lab_gate(servers=False, started=False) as (lab, yett):
        config = os.path.join(lab.work, "rules.json")
        with open(config, "w", encoding="utf-8") as file:
            json.dump(RULES, file)
        yett.start(more=["--config", config])
        rest = Rest(yett.socket)
        equal(rest.good("GET", "/v1/status")["ruleset"], "rest", "the first start")
        with open(config, "w", encoding="utf-8") as file:
            json.dump(changed(name="second"), file)
        yett.process.send_signal(signal.SIGHUP)
        reloaded = lambda: rest.good("GET", "/v1/status")["ruleset"] == "second"  # noqa: E731
        netns.wait_for(reloaded, "the reload")
        with open(config, "w", encoding="utf-8") as file:
            file.write("{ broken")
        generation = rest.good("GET", "/v1/status")["generation"]
        yett.process.send_signal(signal.SIGHUP)
        netns.wait_for(lambda: "reload: line" in open(yett.log, encoding="utf-8").read(), "log")
        equal(rest.good("GET", "/v1/status")["generation"], generation, "a broken file")
