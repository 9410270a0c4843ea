# SPDX-License-Identifier: GPL-2.0-or-later
"""What a system test stands on: a lab of its own, taken away whatever happens; and the runner."""

import contextlib
import os
import sys
import time
import traceback

import lab as lab_module
import traffic
import yett as yett_module

_tests = []


def test(function):
    """Marks a function as a case; its name, read as words, is what the report says."""
    _tests.append(function)
    return function


def prefix(name):
    """Unique for this run and this case, and short enough for everything it becomes part of."""
    return f"yt{os.getpid()}-{name[:16].strip('-')}"


@contextlib.contextmanager
def gate(servers=True, started=True, rules=None):
    """Gives (lab, yett): a fresh testbed, web servers in gate, c1 and c2, a running yettd."""
    lab = lab_module.Lab(prefix(f"{time.monotonic_ns() % 10**9}"))
    try:
        lab.up()
        if servers:
            for node in ("gate", "c1", "c2"):
                traffic.serve(lab, node, 80, 22, 8080)
        yett = yett_module.Yett(lab)
        if started:
            yett.start()
            if rules is not None:
                yett.apply(rules)
        yield lab, yett
    except BaseException:
        _show_log(lab)
        raise
    finally:
        lab.down()


def _show_log(lab):
    """The end of the daemon's log, before it goes away with the lab."""
    if lab.work and os.path.exists(os.path.join(lab.work, "yettd.log")):
        with open(os.path.join(lab.work, "yettd.log"), encoding="utf-8", errors="replace") as log:
            for line in log.read().splitlines()[-15:]:
                print(f"       yettd: {line}")


def equal(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, wanted {wanted!r}")


def holds(good, what):
    if not good:
        raise AssertionError(what)


def sums_hold(yett, seconds=30):
    """passed + dropped = seen, on every interface and hook, once traffic ended; gives the items.

    A snapshot that was taken while a packet was on its way may have it in one counter only."""
    deadline = time.monotonic() + seconds
    while True:
        items = yett.ask("show", "interfaces")["interfaces"]
        holds(items, "no interface is shown")
        wrong = [line for item in items for line in _wrong_sums(item)]
        if not wrong:
            return items
        holds(time.monotonic() < deadline, "; ".join(wrong))


def _wrong_sums(item):
    seen, passed, dropped = (item[key] for key in ("seen", "passed", "dropped"))
    for unit in ("packets", "bytes"):
        if passed[unit] + dropped[unit] != seen[unit]:
            sums = f"{passed[unit]} passed, {dropped[unit]} dropped, {seen[unit]} seen"
            yield f"{item['name']} {item['direction']} {unit}: {sums}"


def main(wanted=""):
    """Runs the cases whose name has `wanted` in it; 0 when all are good."""
    good = bad = 0
    for function in _tests:
        name = f"{function.__module__.removeprefix('test_')}: {function.__name__}"
        name = name.replace("_", " ")
        if wanted and wanted not in name and wanted not in function.__name__:
            continue
        began = time.monotonic()
        try:
            function()
            good += 1
            print(f"ok     {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pylint: disable=broad-except
            bad += 1
            print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, AssertionError):
                traceback.print_exc(limit=-4, file=sys.stdout)
    print(f"{good} passed, {bad} failed")
    return 0 if good and not bad else 1
