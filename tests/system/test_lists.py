# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists into a set and out of it again, as an operator does it: whole, or not at all."""

import json
import os
import re

from case import equal, gate, holds, test

RULES = {
    "version": 1,
    "name": "lists",
    "interfaces": ["eth0"],
    "sets": {
        "l": {"type": "prefix"},
        "ending": {"type": "prefix", "timeout": "1h"},
        "copy": {"type": "prefix", "timeout": "1h"},
        "p": {"type": "port"},
    },
    "rules": [
        {"name": "listed", "match": {"src": ["@l", "@ending", "@copy"]}, "action": "drop"},
        {"name": "ports", "match": {"proto": "udp", "dport": "@p"}, "action": "drop"},
    ],
}

# What is typed after "set" (and the text on standard input), and what the set holds then: all of it
# taken, or refused with these words and this exit code.
TAKEN = [
    (["replace", "l", "-"], "192.0.2.1 - 192.0.2.2\n", ["192.0.2.1", "192.0.2.2"]),
    (["replace", "l", "-", "--format", "csv", "--columns", "1-2"], "192.0.2.0,192.0.2.255\n",
     ["192.0.2.0/24"]),
    (["replace", "l", "-"], "create t hash:net\nadd t 192.0.2.2\nswap t l\ndestroy t\n",
     ["192.0.2.2"]),
    (["replace", "l", "-", "--set", "b"], "add a 192.0.2.1\nadd b 192.0.2.2\n", ["192.0.2.2"]),
    (["replace", "l", "-"], '{"prefixes":[{"ip_prefix":"192.0.2.0\\/24"},\n{"ip":"198.51.100.1"}]}',
     ["192.0.2.0/24", "198.51.100.1"]),
    (["replace", "l", "-", "--pointer", "/web"], '{"web":["192.0.2.1"],"api":["192.0.2.9"]}',
     ["192.0.2.1"]),
    (["add", "l", "192.0.2.8-192.0.2.9"], "", ["192.0.2.1", "192.0.2.8/31"]),
    (["del", "l", "192.0.2.8-192.0.2.9"], "", ["192.0.2.1"]),
    (["replace", "l", "-", "--force"], "", []),
    (["import", "l", "-"], "\ufeff192.0.2.1\n", ["192.0.2.1"]),
]
REFUSED = [
    (["replace", "l", "-"], "", 7, "empty file"),
    (["replace", "l", "-", "--skip-invalid"], "<html>\n<p>404</p>\n", 7, "an HTML page"),
    (["replace", "l", "-", "--format", "csv", "--column", "9"], "a,b\n192.0.2.1,x\n", 2,
     "column 9"),
    (["import", "l", "-", "--skip-invalid"], "nonsense\n", 7, "nothing in the list"),
    (["import", "l", "-"], "0.0.0.0/1\n128.0.0.0/1\n", 7, "every address"),
    (["import", "l", "-"], "add l 192.0.2.0/24\nadd l 192.0.2.64/26 nomatch\n", 2, "nomatch"),
    (["import", "l", "-"], '{"ip":"192.0.2.7"}\n{"ip":"192.0.', 2, "line 2"),
    (["import", "l", "-"], "192.0.2.1/24\n", 2, "192.0.2.0/24"),
    (["add", "l", "192.0.2.1/24"], "", 2, "192.0.2.0/24"),
    (["add", "l", "::ffff:192.0.2.7"], "", 2, "write 192.0.2.7"),
    (["add", "l", "192.0.2.9-192.0.2.1"], "", 2, "192.0.2.1-192.0.2.9"),
    (["add", "p", "8000:8100"], "", 2, "8000-8100"),
    (["add", "p", "80,443"], "", 2, "[80, 443]"),
    (["add", "l", "192.0.2.7", "--timeout", "1w"], "", 2, "10m, 1h, 7d"),
    (["add", "l", "192.0.2.7", "--timeout", "4000d"], "", 2, "ten years"),
]


def without_times(text):
    return re.sub(r" until \S+Z", " until Z", text)


def values(yett, name):
    return [entry["value"] for entry in yett.ask("set", "list", name)["entries"]]


@test
def a_list_is_taken_whole_or_refused_with_what_it_is():
    with gate(servers=False, rules=RULES) as (_, yett):
        for words, text, wanted in TAKEN:
            yett.cli("set", *words, stdin=text)
            equal(values(yett, "l"), wanted, f"{words} {text!r}")
        for words, text, code, part in REFUSED:
            made = yett.run("set", *words, stdin=text)
            equal(made.returncode, code, f"{words} {text!r}: {made.stderr}")
            holds(part in made.stderr, f"{words} {text!r}: {made.stderr!r} does not say {part!r}")
            equal(values(yett, "l"), ["192.0.2.1"], f"after {words} {text!r}")


@test
def decisions_come_with_their_time_and_lifted_ones_go():
    with gate(servers=False, rules=RULES) as (_, yett):
        yett.cli("set", "add", "l", "192.0.2.9", "203.0.113.1")
        stream = {
            "deleted": [{"duration": "-1h", "scope": "Ip", "type": "ban", "value": "192.0.2.9"}],
            "new": [{"duration": "4h", "scope": "Ip", "type": "ban", "value": "198.51.100.9"}],
        }
        answer = yett.ask("set", "import", "l", "-", stdin=json.dumps(stream))
        equal((answer["added"], answer["lifted"], answer["deleted"]), (1, 1, 1), "the answer")
        entries = yett.ask("set", "list", "l")["entries"]
        equal([e["value"] for e in entries], ["198.51.100.9", "203.0.113.1"], "listed")
        holds(14000 < entries[0]["seconds_left"] <= 14400, f"its time: {entries[0]}")


@test
def what_is_exported_comes_back_with_ends_and_reasons_also_over_a_restart():
    reason = 'a "reason" # of\nany \u202e text \u00e4, ' + "long " * 60
    with gate(servers=False, rules=RULES) as (_, yett):
        yett.cli("set", "add", "ending", "192.0.2.1", "--reason", reason)
        yett.cli("set", "add", "ending", "192.0.2.0/24", "--timeout", "0")
        yett.cli("set", "add", "ending", "2001:db8::/32", "--timeout", "2h", "--reason", "ssh")
        text = yett.cli("set", "export", "ending")
        equal(yett.cli("set", "export", "ending", "--plain"),
              "192.0.2.0/24\n192.0.2.1\n2001:db8::/32\n", "plain")
        for form in (text, yett.cli("-j", "set", "export", "ending")):
            yett.cli("set", "replace", "copy", "-", stdin=form)
            yett.kill()
            yett.start()
            saved = yett.cli("set", "export", "ending")
            equal(without_times(saved), without_times(text), "what was saved")
            copy, first = (yett.ask("set", "list", name)["entries"] for name in ("copy", "ending"))
            for one, other in zip(copy, first, strict=True):
                equal((one["value"], one["reason"]), (other["value"], other["reason"]), "a copy")
                left = one["seconds_left"], other["seconds_left"]
                holds(left == (None, None) or abs(left[0] - left[1]) <= 3, f"the time left: {left}")
            yett.cli("set", "flush", "copy")
        kept = first[1]["reason"]
        holds(len(kept.encode()) <= 200 and kept.endswith("..."), f"the reason: {kept!r}")
        holds(kept.startswith('a "reason" # of<U+000A>any <U+202E> text \u00e4, long'), kept)


@test
def counts_of_a_list_add_up():
    with gate(servers=False, rules=RULES) as (lab, yett):
        path = os.path.join(lab.work, "list.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("192.0.2.1\n192.0.2.1\nnone\n192.0.2.0/24\n198.51.100.0-198.51.100.2\n"
                       "203.0.113.1 until 2001-01-01T00:00:00Z\n")
        yett.cli("set", "add", "l", "192.0.2.1")
        made = yett.run("-j", "set", "import", "l", path, "--skip-invalid")
        answer = json.loads(made.stdout)
        found = {key: answer[key] for key in ("lines", "read", "added", "refreshed", "duplicate",
                                              "contained", "over", "skipped")}
        equal(found, {"lines": 6, "read": 5, "added": 3, "refreshed": 1, "duplicate": 1,
                      "contained": 1, "over": 1, "skipped": 1}, "counts")
        holds(answer["problems"][0].startswith('line 3: "none"'), f"{answer['problems']}")
