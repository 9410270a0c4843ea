# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows: what is typed, what the daemon answers; what must be printed, asked, and the exit code."""

from answers import (
    BATCH, CHANGED, COUNTERS, COUNTERS_TEXT, ENTRY, FORBIDDEN, IMPORTING, LIMITS, LIMITS_TEXT,
    PACKET, REASONED, RULES, RULES_TERSE, RULES_TEXT, STATUS, STATUS_TEXT, TRACED, TRACED_TEXT,
)
from usage_cases import USAGE_CASES

CASES = USAGE_CASES + [
    {"run": ["status"], "daemon": {("GET", "/v1/status"): (200, STATUS)}, "stdout": STATUS_TEXT},
    {
        "run": ["status"],
        "but": " (nothing applied yet)",
        "daemon": {("GET", "/v1/status"): (200, {**STATUS, "generation": 0, "attachments": []})},
        "stdout": "yettd 0.1.0, pid 4711, up 1h30m, took over a running data plane\n"
        "no ruleset is active: yett apply FILE makes one\n"
        "attached nowhere: no packet is filtered\nwarning: eth1 does not exist\n",
    },
    {
        "run": ["-j", "status"],
        "daemon": {("GET", "/v1/status"): (200, '{"version": "0.1.0"}')},
        "stdout": '{"version": "0.1.0"}',
    },
    {
        "run": ["-p", "status"],
        "daemon": {("GET", "/v1/status"): (200, '{"version": "0.1.0"}')},
        "stdout": '{\n  "version": "0.1.0"\n}',
    },
    {
        "run": ["status"],
        "but": " (an answer without a field that this command knows)",
        "daemon": {("GET", "/v1/status"): (200, '[1, "x"]')},
        "code": 0,
    },
    {
        "run": ["show", "rules"],
        "daemon": {("GET", "/v1/rules"): (200, RULES)},
        "stdout": RULES_TEXT,
    },
    {
        "run": ["show", "rules", "-t"],
        "daemon": {("GET", "/v1/rules"): (200, RULES)},
        "stdout": RULES_TERSE,
    },
    {
        "run": ["show", "reasons", "--all"],
        "daemon": {("GET", "/v1/reasons?all=true"): (200, {"reasons": []})},
        "stdout": "no reason has counted yet",
    },
    {
        "run": ["show", "limits"],
        "daemon": {("GET", "/v1/limits"): (200, LIMITS)},
        "stdout": LIMITS_TEXT,
    },
    {
        "run": ["show", "limits", "-t"],
        "daemon": {("GET", "/v1/limits"): (200, LIMITS)},
        "stdout": "syn\tsrc\t50/s\t100\t1234\t55\t12\t3\t7",
    },
    {
        "run": ["show", "limits"],
        "but": " (none)",
        "daemon": {("GET", "/v1/limits"): (200, {"limits": [], "table": {"charged": 0}})},
        "stdout": "no rule has a limit",
    },
    {
        "run": ["counters"],
        "daemon": {("GET", "/v1/counters"): (200, COUNTERS)},
        "stdout": COUNTERS_TEXT,
    },
    {
        "run": ["set", "add", "banned", "192.0.2.1", "2001:db8::/32", "--timeout", "60"],
        "daemon": {("POST", BATCH): (200, CHANGED)},
        "stdout": "banned: added 2, refreshed 1; 9 entries now",
        "asks": [
            (
                "POST",
                BATCH,
                '{"add":[{"value":"192.0.2.1","timeout":60},'
                '{"value":"2001:db8::/32","timeout":60}]}',
            )
        ],
    },
    {
        "run": ["set", "del", "banned", "192.0.2.1"],
        "daemon": {("POST", BATCH): (200, {**CHANGED, "deleted": 0, "missing": 1})},
        "stdout": "banned: deleted 0, not there 1; 9 entries now",
        "code": 1,
        "asks": [("POST", BATCH, '{"delete":["192.0.2.1"]}')],
    },
    {
        "run": ["set", "del", "desk", "02:00:5e:10:00:01", "02:00:5e:00:00:00/24"],
        "daemon": {
            ("POST", "/v1/sets/desk/entries/batch"): (
                200,
                {**CHANGED, "set": "desk", "deleted": 2},
            )
        },
        "asks": [
            (
                "POST",
                "/v1/sets/desk/entries/batch",
                '{"delete":["02:00:5e:10:00:01","02:00:5e:00:00:00/24"]}',
            )
        ],
        "stdout": "desk: deleted 2, not there 0; 9 entries now",
    },
    {
        "run": ["set", "test", "desk", "02:00:5e:10:00:01"],
        "daemon": {
            ("GET", "/v1/sets/desk/entries/02%3A00%3A5e%3A10%3A00%3A01"): (
                200,
                {"set": "desk", "value": "02:00:5e:10:00:01", "member": False, "entries": []},
            )
        },
        "code": 1,
        "stdout": "02:00:5e:10:00:01 is not in desk",
    },
    {
        "run": ["set", "test", "banned", "192.0.2.0/25"],
        "daemon": {
            ("GET", "/v1/sets/banned/entries/192.0.2.0%2F25"): (
                200,
                {"set": "banned", "value": "192.0.2.0/25", "member": True, "entries": [ENTRY]},
            )
        },
        "stdout": "192.0.2.0/25 is in banned: covered by 192.0.2.0/24",
    },
    {
        "run": ["set", "list", "banned"],
        "but": " (in pages)",
        "daemon": {
            ("GET", "/v1/sets/banned/entries"): (200, {"entries": [ENTRY], "next": "a/b"}),
            ("GET", "/v1/sets/banned/entries?after=a%2Fb"): (
                200,
                {"entries": [{**ENTRY, "value": "198.51.100.0/24"}], "next": None},
            ),
        },
        "stdout": "ENTRY         ORIGIN   ADDED                 EXPIRES  REASON\n"
        "192.0.2.0/24  runtime  2026-05-01T09:30:00Z  -\n"
        "ENTRY            ORIGIN   ADDED                 EXPIRES  REASON\n"
        "198.51.100.0/24  runtime  2026-05-01T09:30:00Z  -\n",
    },
    {
        "run": ["set", "test", "banned", "192.0.2.1"],
        "but": " (with a time and a reason)",
        "daemon": {
            ("GET", "/v1/sets/banned/entries/192.0.2.1"): (
                200,
                {
                    "set": "banned",
                    "value": "192.0.2.1",
                    "member": True,
                    "entries": [{**ENTRY, "seconds_left": 3600, "reason": "ssh guesses"}],
                },
            )
        },
        "stdout": "192.0.2.1 is in banned: covered by 192.0.2.0/24 (1h left) (ssh guesses)",
    },
    {
        "run": ["set", "import", "banned", "-", "--timeout", "60", "--reason", "a list"],
        "stdin": "192.0.2.1\n",
        "daemon": IMPORTING,
        "stdout": "banned: added 9812, refreshed 3, contained 143, duplicate 7; 9815 entries now",
        "asks": [
            (
                "POST",
                "/v1/sets/banned/imports",
                '{"replace":false,"format":"auto","skip_invalid":false,"timeout":60,'
                '"reason":"a list"}',
            ),
            ("POST", "/v1/sets/banned/imports/7", "192.0.2.1\n"),
            ("PUT", "/v1/sets/banned/imports/7", ""),
        ],
    },
    {
        "run": [
            "set", "replace", "banned", "-", "--format", "csv", "--columns", "1-2", "--force",
            "--timeout", "1h", "--skip-invalid",
        ],
        "stdin": "192.0.2.1,192.0.2.2\n",
        "daemon": {
            **IMPORTING,
            ("PUT", "/v1/sets/banned/imports/7"): (
                200,
                {**IMPORTING[("PUT", "/v1/sets/banned/imports/7")][1], "over": 4, "skipped": 1,
                 "problems": ["line 3: \"x\u001b[31m\" is no address"]},
            ),
        },
        "stdout": "banned: added 9812, refreshed 3, deleted 2, contained 143, duplicate 7, over 4, "
        "skipped 1; 9815 entries now",
        "stderr": 'yett: skipped line 3: "x\\x1b[31m" is no address',
        "asks": [
            (
                "POST",
                "/v1/sets/banned/imports",
                '{"replace":true,"format":"csv","skip_invalid":true,"force":true,'
                '"columns":"1-2","timeout":3600}',
            ),
            ("POST", "/v1/sets/banned/imports/7", "192.0.2.1,192.0.2.2\n"),
            ("PUT", "/v1/sets/banned/imports/7", ""),
        ],
    },
    {
        "run": [
            "set", "import", "banned", "-", "--format", "json", "--set", "a", "--key", "ip",
            "--pointer", "/x",
        ],
        "stdin": "{}",
        "daemon": IMPORTING,
        "asks": [
            (
                "POST",
                "/v1/sets/banned/imports",
                '{"replace":false,"format":"json","skip_invalid":false,"from":"a","key":"ip",'
                '"pointer":"/x"}',
            ),
            ("POST", "/v1/sets/banned/imports/7", "{}"),
            ("PUT", "/v1/sets/banned/imports/7", ""),
        ],
    },
    {
        "run": ["set", "add", "banned", "192.0.2.1", "--timeout", "-1"],
        "code": 2,
    },
    {
        "run": ["set", "add", "banned", "192.0.2.1", "--timeout", "99999999999999999999"],
        "code": 2,
    },
    {
        "run": ["set", "add", "banned", "192.0.2.1", "--timeout", "7d"],
        "daemon": {("POST", BATCH): (200, CHANGED)},
        "asks": [("POST", BATCH, '{"add":[{"value":"192.0.2.1","timeout":604800}]}')],
    },
    {
        "run": ["set", "replace", "banned", "-"],
        "stdin": "192.0.2.1\n",
        "daemon": IMPORTING,
        "stdout": "banned: added 9812, refreshed 3, deleted 2, contained 143, duplicate 7; "
        "9815 entries now",
    },
    {
        "run": ["set", "import", "banned", "-"],
        "but": " (a list that is refused)",
        "stdin": "nonsense\n",
        "daemon": {
            ("POST", "/v1/sets/banned/imports"): (201, {"import": "7"}),
            ("POST", "/v1/sets/banned/imports/7"): (
                400,
                {"status": 400, "code": 2, "detail": 'line 1: "nonsense" is no address'},
            ),
            ("DELETE", "/v1/sets/banned/imports/7"): (200, {"deleted": 1}),
        },
        "code": 2,
        "stdout": "",
    },
    {
        "run": ["set", "export", "banned"],
        "daemon": {
            ("GET", "/v1/sets/banned/entries"): (200, {"entries": [ENTRY], "next": None}),
        },
        "stdout": "192.0.2.0/24\n",
    },
    {
        "run": ["set", "export", "banned"],
        "but": " (with ends and reasons)",
        "daemon": {
            ("GET", "/v1/sets/banned/entries"): (
                200,
                {
                    "timeout": 3600,
                    "entries": [
                        {**ENTRY, "expires": "2026-05-01T10:30:00Z", "reason": 'a "b" \\ c'},
                        {**ENTRY, "value": "192.0.2.9"},
                    ],
                    "next": None,
                },
            ),
        },
        "stdout": '192.0.2.0/24 until 2026-05-01T10:30:00Z reason "a \\"b\\" \\\\ c"\n'
        "192.0.2.9 timeout 0\n",
    },
    {
        "run": ["set", "export", "banned", "--plain"],
        "daemon": {
            ("GET", "/v1/sets/banned/entries"): (
                200,
                {
                    "timeout": 3600,
                    "entries": [{**ENTRY, "expires": "2026-05-01T10:30:00Z", "reason": "x"}],
                    "next": None,
                },
            ),
        },
        "stdout": "192.0.2.0/24\n",
    },
    {
        "run": ["set", "flush", "banned"],
        "daemon": {("DELETE", "/v1/sets/banned/entries"): (200, {**CHANGED, "deleted": 9})},
        "stdout": "banned: deleted 9",
    },
    {
        "run": ["set", "reload"],
        "daemon": {
            ("GET", "/v1/sets"): (
                200,
                {"sets": [{"name": "bogons", "file": "b.netset"}, {"name": "s", "file": None}]},
            ),
            ("POST", "/v1/sets/bogons/reload"): (200, {**CHANGED, "set": "bogons", "deleted": 4}),
        },
        "stdout": "bogons: added 2, deleted 4; 9 entries now",
    },
    {
        "run": ["set", "list", "@auto"],
        "daemon": {
            ("GET", "/v1/bans"): (
                200,
                {
                    "bans": [
                        {"source": "203.0.113.9", "rule": "scan", "added": "a", "expires": "b"}
                    ],
                    "total": 1,
                    "capacity": 65536,
                    "made": 3,
                    "evicted": 2,
                    "unproven": 5,
                },
            )
        },
        "stdout": "SOURCE       RULE  ADDED  EXPIRES\n203.0.113.9  scan  a      b\n"
        "1 of 65536 banned; 3 made, 2 evicted; 5 packets came from sources that may be forged "
        "and banned nobody",
    },
    {
        "run": ["set", "test", "@auto", "203.0.113.9"],
        "daemon": {
            ("GET", "/v1/bans/203.0.113.9"): (
                200,
                {"source": "203.0.113.9", "banned": True, "rule": "scan", "expires": "b"},
            )
        },
        "stdout": "203.0.113.9 is banned by scan until b",
    },
    {
        "run": ["set", "test", "@auto", "192.0.2.1", "-t"],
        "daemon": {
            ("GET", "/v1/bans/192.0.2.1"): (200, {"source": "192.0.2.1", "banned": False})
        },
        "stdout": "192.0.2.1\tno",
        "code": 1,
    },
    {
        "run": ["set", "flush", "@auto"],
        "daemon": {("DELETE", "/v1/bans"): (200, {"deleted": 3})},
        "stdout": "@auto: deleted 3",
    },
    {
        "run": ["set", "del", "@auto", "203.0.113.9"],
        "daemon": {("DELETE", "/v1/bans/203.0.113.9"): (200, {"deleted": 1})},
        "stdout": "@auto: deleted 1, not there 0",
    },
    {
        "run": ["set", "list", "../../etc"],
        "asks": [("GET", "/v1/sets/..%2F..%2Fetc/entries", "")],
        "code": 1,
    },
    {
        "run": ["trace", PACKET],
        "daemon": {("POST", "/v1/trace"): (200, TRACED)},
        "stdout": TRACED_TEXT,
        "asks": [("POST", "/v1/trace", '{"packet":"' + PACKET + '"}')],
    },
    {
        "run": ["trace", PACKET, "--expect", "pass"],
        "daemon": {("POST", "/v1/trace"): (200, TRACED)},
        "stdout": TRACED_TEXT + "expected pass\n",
        "code": 1,
    },
    {
        "run": ["trace", "--in", "eth0", "--direction", "egress", "--frame", "00ff", "-t"],
        "daemon": {("POST", "/v1/trace"): (200, REASONED)},
        "stdout": "drop\t-\tfrag_later",
        "asks": [
            ("POST", "/v1/trace", '{"frame_hex":"00ff","iface":"eth0","direction":"egress"}')
        ],
    },
    {
        "run": ["trace", PACKET],
        "but": " (a reason decides)",
        "daemon": {("POST", "/v1/trace"): (200, REASONED)},
        "stdout": "drop before any rule: frag_later (later)\non eth0 ingress, generation 7\n"
        'read: family ipv4, dport 22\ncould not be read: ["dport"]\n',
    },
    {
        "run": ["attach", "eth0"],
        "daemon": {
            ("PUT", "/v1/interfaces/eth0/attachment"): (
                200,
                {"attached": STATUS["attachments"]},
            )
        },
        "stdout": "eth0 ingress: xdp-generic (no driver)\neth0 egress: tc\n",
    },
    {
        "run": ["detach", "eth0", "--direction", "egress"],
        "daemon": {
            ("DELETE", "/v1/interfaces/eth0/attachment?direction=egress"): (
                200,
                {"detached": [{"interface": "eth0", "direction": "egress"}]},
            )
        },
        "stdout": "eth0 egress: detached",
    },
    {
        "run": ["detach"],
        "daemon": {("DELETE", "/v1/interfaces"): (200, {"detached": []})},
        "stdout": "was not attached anywhere",
    },
    {
        "run": ["detach"],
        "but": " (not allowed)",
        "daemon": {("DELETE", "/v1/interfaces"): FORBIDDEN},
        "stderr": "yett: you may only read\n  be root\n",
        "code": 5,
    },
    {
        "run": ["-j", "detach"],
        "but": " (not allowed)",
        "daemon": {("DELETE", "/v1/interfaces"): FORBIDDEN},
        "stdout": '{"code":5,"detail":"you may only read","hint":"be root"}',
        "code": 5,
    },
    {
        "run": ["show", "rules"],
        "but": " (an answer that is no JSON)",
        "daemon": {("GET", "/v1/rules"): (500, "<html>")},
        "stderr": "yett: the daemon answered 500 without saying why\n"
        "  is it of the same version? see yett version\n",
        "code": 9,
    },
    {
        "run": ["-j", "show", "rules"],
        "but": " (an answer that is no JSON)",
        "daemon": {("GET", "/v1/rules"): (200, "<html>")},
        "stdout": '{"code":9,"detail":"the daemon answered 200 without saying why",'
        '"hint":"is it of the same version? see yett version"}',
        "code": 9,
    },
]

# An unset shell variable: nothing is asked, whatever is empty.
CASES += [
    {"run": words, "code": 2, "stdout": "", "asks": []}
    for words in (
        ["detach", ""],
        ["detach", "eth0", "--direction", ""],
        ["detach", "eth0", "--direction="],
        ["attach", ""],
        ["apply", ""],
        ["check", ""],
        ["fmt", ""],
        ["compile", ""],
        ["show", ""],
        ["trace", ""],
        ["trace", "--in", "", "arp"],
        ["set", "list", ""],
        ["set", "add", "", "192.0.2.1"],
        ["set", "add", "s", ""],
        ["set", "add", "s", "192.0.2.1", "--reason", ""],
        ["set", "del", "s", ""],
        ["set", "flush", ""],
        ["set", "reload", ""],
        ["set", "import", "s", ""],
        ["set", "replace", "s", ""],
        ["--socket", "", "status"],
        ["--pin-dir=", "detach"],
        ["", "detach"],
    )
]
