# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows about what is typed wrongly: nothing is asked of the daemon."""

USAGE_CASES = [
    # Usage: what is wrong is named, and with -j there is one JSON document for it, too.
    {
        "run": ["stauts"],
        "code": 2,
        "stdout": "",
        "stderr": 'yett: yett has no verb "stauts"\n  did you mean "status"?',
    },
    {
        "run": ["-j", "stauts"],
        "code": 2,
        "stdout": '{"code":2,"detail":"yett has no verb \\"stauts\\"",'
        '"hint":"did you mean \\"status\\"?"}',
        "stderr": "",
    },
    {
        "run": ["ban", "192.0.2.1", "--json"],
        "code": 2,
        "stdout": '{"code":2,"detail":"yett has no verb \\"ban\\"",'
        '"hint":"write yett set add SET ADDRESS"}',
    },
    {
        "run": ["--color", "never", "set", "ad", "banned", "192.0.2.1"],
        "code": 2,
        "stderr": 'yett: yett set has no verb "ad"\n  did you mean "add"?',
    },
    {
        "run": ["check", "--strct", "x.json"],
        "code": 2,
        "stderr": 'yett: yett check has no option "--strct"\n  did you mean "--strict"?',
    },
    {
        "run": ["-t", "show"],
        "code": 2,
        "stderr": "yett: yett show needs a verb\n  there are rules sets interfaces reasons "
        "connections limits ruleset",
    },
    {
        "run": ["-j", "check"],
        "code": 2,
        "stdout": '{"code":2,"detail":"file is required","hint":"see yett check --help"}',
    },
    {
        "run": ["status", "now"],
        "code": 2,
        "stderr": "yett: the following argument was not expected: now\n  see yett status --help",
    },
    {
        "run": ["trace", "tcp 192.0.2.1 > 192.0.2.2", "--direction", "in", "-p"],
        "code": 2,
        "stdout": '{\n  "code": 2,\n  "detail": "--direction: in not in {ingress,egress}",\n'
        '  "hint": "see yett trace --help"\n}',
    },
]
