# SPDX-License-Identifier: GPL-2.0-or-later
"""While the gate is at work for long, health is answered and tells so, and changes go before looks."""

import json
import os
import threading
import time

from case import equal, gate, holds, test
from test_rest import Rest

RULES = 100_000
ENTRIES = 400_000


def many_rules():
    rules = [
        {"name": f"r{i}", "match": {"src": f"198.{18 + (i >> 16)}.{(i >> 8) & 255}.{i & 255}"}, "action": "drop"}
        for i in range(RULES)
    ]
    return {"version": 1, "name": "many", "interfaces": ["eth0"], "sets": {"bad": {"type": "prefix"}}, "rules": rules}


def watched(rest, work):
    """Asks for health until `work` is done: the seconds that each answer took, and what kept the gate busy."""
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
    holds(len(slow) <= len(times) // 20, f"{what}: {len(slow)} of {len(times)} took over 100 ms, {max(times):.3f} s")
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
        made = {}
        times, busy = watched(rest, lambda: made.update(apply=yett.run("apply", path)))
        equal(made["apply"].returncode, 0, made["apply"].stderr)
        equal(busy & {"PUT /v1/ruleset"}, {"PUT /v1/ruleset"}, f"what it was busy with, of {len(times)} answers")
        check_times(times, "apply")
        listed = os.path.join(lab.work, "list.txt")
        with open(listed, "w", encoding="ascii") as file:
            file.writelines(f"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}\n" for i in range(ENTRIES))
        times, _ = watched(rest, lambda: made.update(load=yett.run("set", "import", "bad", listed)))
        equal(made["load"].returncode, 0, made["load"].stderr)
        check_times(times, "import")
        times, _ = watched(rest, lambda: made.update(show=yett.run("-j", "set", "list", "bad")))
        check_times(times, "list")
