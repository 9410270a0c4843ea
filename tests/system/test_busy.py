# SPDX-License-Identifier: GPL-2.0-or-later
"""While the gate is at work for long, health is answered and tells so."""

import json
import os
import threading
import time

from case import equal, gate, holds, test
from test_rest import Rest

RULES = 100_000
ENTRIES = 400_000


def address(first, number):
    return f"{first}.{number >> 16}.{(number >> 8) & 255}.{number & 255}"


def many_rules():
    rules = [
        {"name": f"r{i}", "match": {"src": address("198", i + (18 << 16))}, "action": "drop"}
        for i in range(RULES)
    ]
    sets = {"bad": {"type": "prefix"}}
    return {"version": 1, "interfaces": ["eth0"], "sets": sets, "rules": rules}


def watched(rest, work):
    """Asks for health until `work` is done: seconds of each answer, and what kept the gate busy."""
    thread = threading.Thread(target=work)
    times, busy = [], set()
    thread.start()
    while thread.is_alive():
        begin = time.monotonic()
        status, body = rest.ask("GET", "/v1/health")
        times.append(time.monotonic() - begin)
        equal(status, 200, str(body))
        if body["busy"]:
            busy.add(body["busy"]["with"])
            holds(body["age"] < 60, f"age {body['age']}")
    thread.join()
    return times, busy


def check_times(times, what):
    slow = [one for one in times if one > 0.1]
    holds(len(times) >= 5, f"{what}: only {len(times)} answers")
    worst = f"{len(slow)} of {len(times)} took over 100 ms, {max(times):.3f} s"
    holds(len(slow) <= len(times) // 20, f"{what}: {worst}")
    holds(max(times) < 1, f"{what}: {max(times):.3f} s")


@test
def health_is_answered_while_rules_are_applied():
    with gate(servers=False) as (lab, yett):
        rest = Rest(yett.socket)
        _, body = rest.ask("GET", "/v1/health")
        equal((body["busy"], body["checks"][-1]["name"]), (None, "at-work"), "at rest")
        path = os.path.join(lab.work, "many.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(many_rules(), file)
        made = []
        run = lambda *words: made.append(yett.run(*words))  # noqa: E731
        times, busy = watched(rest, lambda: run("apply", path))
        equal(made[-1].returncode, 0, made[-1].stderr)
        holds("PUT /v1/ruleset" in busy, f"it was busy with {busy}, of {len(times)} answers")
        check_times(times, "apply")
        listed = os.path.join(lab.work, "list.txt")
        with open(listed, "w", encoding="ascii") as file:
            file.writelines(address("10", i) + "\n" for i in range(ENTRIES))
        times, _ = watched(rest, lambda: run("set", "import", "bad", listed))
        equal(made[-1].returncode, 0, made[-1].stderr)
        check_times(times, "import")
        times, _ = watched(rest, lambda: run("-j", "set", "list", "bad"))
        check_times(times, "list")
