# SPDX-License-Identifier: GPL-2.0-or-later
"""What the stand-in for the daemon answers, and how that is shown."""

STATUS = {
    "version": "0.1.0",
    "generation": 7,
    "ruleset": "edge",
    "since": "2026-05-01T09:30:00Z",
    "policy": {"ingress": "drop", "egress": "pass"},
    "pid": 4711,
    "uptime": 5400,
    "adopted": True,
    "rules": 12,
    "sets": 2,
    "boxes": 31,
    "bans": 0,
    "attachments": [
        {"interface": "eth0", "direction": "ingress", "mode": "xdp-generic", "note": "no driver"},
        {"interface": "eth0", "direction": "egress", "mode": "tc", "note": ""},
    ],
    "warnings": ["eth1 does not exist"],
}
STATUS_TEXT = """\
yettd 0.1.0, pid 4711, up 1h30m, took over a running data plane
ruleset edge, generation 7, since 2026-05-01T09:30:00Z
policy: ingress drop, egress pass
12 rules, 2 sets, 31 boxes, 0 banned sources
INTERFACE  DIRECTION  MODE         NOTE
eth0       ingress    xdp-generic  no driver
eth0       egress     tc
warning: eth1 does not exist
"""


def limit(name, per, rate, burst, passed, dropped, **more):
    made = {"rule": name, "per": per, "rate": rate, "burst": burst, "over": "drop", **more}
    counters = {"passed": passed, "dropped": dropped}
    return {**made, **{k: {"packets": v, "bytes": 60 * v} for k, v in counters.items()}}


LIMITS = {
    "generation": 7,
    "limits": [limit("syn", "src", "50/s", 100, 1234, 55, buckets=12, exhausted=3, untracked=7)],
    "table": {"charged": 12, "capacity": 262144},
}
LIMITS_TEXT = """\
RULE  PER  RATE  BURST  PASSED  OVER  BUCKETS  EXHAUSTED  UNTRACKED
syn   src  50/s    100    1.2k    55       12          3          7
12 of 262k buckets in use
"""


def rule(index, name, action, packets, octets, **more):
    made = {"index": index, "name": name, "kind": "rule", "action": action, "direction": None}
    return {**made, "packets": packets, "bytes": octets, "comment": "", **more}


RULES = {
    "generation": 7,
    "rules": [
        rule(0, "builtin-arp", "pass", 999, 1000),
        rule(1, "no-bogons", "drop", 1234567, 3_400_000_000),
        rule(2, "evil\x1b[31m\u202e", "drop", 0, 0, comment="line\nbreak"),
        rule(None, "(policy)", "drop", 1, 60, direction="ingress"),
    ],
}
RULES_TEXT = """\
#  RULE                      ACTION  PACKETS  BYTES  COMMENT
0  builtin-arp               pass        999   1.0k
1  no-bogons                 drop       1.2M   3.4G
2  evil\\x1b[31m\\xe2\\x80\\xae  drop          0      0  line\\x0abreak
-  (policy) ingress          drop          1     60
"""
RULES_TERSE = """\
0\tbuiltin-arp\tpass\t999\t1000\t
1\tno-bogons\tdrop\t1234567\t3400000000\t
2\tevil\\x1b[31m\\xe2\\x80\\xae\tdrop\t0\t0\tline\\x0abreak
-\t(policy) ingress\tdrop\t1\t60\t
"""


def counter(packets):
    return {"packets": packets, "bytes": packets * 100}


COUNTERS = {
    "generation": 7,
    "rules": [rule(0, "web", "pass", 5, 500)],
    "reasons": [
        {
            "name": "frag_later",
            "direction": "ingress",
            "text": "a later fragment",
            "passed": counter(0),
            "dropped": counter(3),
        }
    ],
    "interfaces": [
        {
            "name": "eth0",
            "direction": "ingress",
            "attached": True,
            "mode": "xdp-native",
            "note": "",
            "seen": counter(8),
            "passed": counter(5),
            "dropped": counter(3),
        },
        {
            "name": "eth1",
            "direction": "egress",
            "attached": False,
            "mode": None,
            "note": "",
            "seen": counter(0),
            "passed": counter(0),
            "dropped": counter(0),
        },
    ],
}
COUNTERS_TEXT = """\
#  RULE  ACTION  PACKETS  BYTES  COMMENT
0  web   pass          5    500

REASON      DIRECTION  PASSED  BYTES  DROPPED  BYTES  MEANING
frag_later  ingress         0      0        3    300  a later fragment

INTERFACE  DIRECTION  MODE        SEEN  BYTES  PASSED  DROPPED  BYTES  NOTE
eth0       ingress    xdp-native     8    800       5        3    300
eth1       egress     off            0      0       0        0      0
"""
CHANGED = {"set": "banned", "added": 2, "refreshed": 1, "deleted": 0, "missing": 0, "entries": 9}
ENTRY = {"value": "192.0.2.0/24", "origin": "runtime", "added": "2026-05-01T09:30:00Z"}
IMPORTING = {
    ("POST", "/v1/sets/banned/imports"): (201, {"set": "banned", "import": "7"}),
    ("POST", "/v1/sets/banned/imports/7"): (200, {"lines": 1, "entries": 1}),
    ("PUT", "/v1/sets/banned/imports/7"): (
        200,
        {
            "set": "banned",
            "added": 9812,
            "refreshed": 3,
            "deleted": 2,
            "contained": 143,
            "duplicate": 7,
            "entries": 9815,
        },
    ),
}
TRACED = {
    "verdict": "drop",
    "rule": "(policy)",
    "reason": "policy",
    "text": "no rule matched",
    "generation": 7,
    "iface": "eth0",
    "direction": "ingress",
    "fields": {"family": "ipv4", "dport": 22},
    "unknown": [],
}
TRACED_TEXT = """\
drop by (policy) (no rule matched)
on eth0 ingress, generation 7
read: family ipv4, dport 22
"""
REASONED = {**TRACED, "rule": None, "reason": "frag_later", "text": "later", "unknown": ["dport"]}
PACKET = "tcp 203.0.113.9:4444 > 198.51.100.7:22 syn"
BATCH = "/v1/sets/banned/entries/batch"
FORBIDDEN = (403, {"status": 403, "code": 5, "detail": "you may only read", "hint": "be root"})
