# SPDX-License-Identifier: GPL-2.0-or-later
"""A state directory that somebody has been at: nothing opens for it, and nothing of it is lost."""

import json
import os
import shutil

import netns
from case import equal, gate, holds, test
from test_start import FIRST, as_wished, checks, closed, is_member, not_as_wished, power_off
from test_start import reboot

BANNED = "203.0.113.0/24"


def begun(yett):
    """FIRST in force, and an entry of run time."""
    yett.start()
    yett.apply(FIRST)
    yett.cli("set", "add", "blocked", BANNED)


def path_of(yett, *parts):
    return os.path.join(yett.state, *parts)


@test
def rights_that_were_given_away_are_taken_back_and_told():
    with gate(started=False) as (lab, yett):
        begun(yett)
        for folder in ("", "generations", "sets"):
            power_off(lab, yett)
            os.chmod(path_of(yett, folder), 0o775)
            yett.start()
            warnings = as_wished(yett)["warnings"]
            holds(any("could be written by others" in text for text in warnings), f"{warnings}")
            equal(os.stat(path_of(yett, folder)).st_mode & 0o777, 0o700, f"mode of {folder!r}")
            holds(is_member(yett, BANNED), f"the entry, after {folder!r}")
            closed(lab, folder)


@test
def without_its_generations_what_was_covered_stays_closed():
    with gate(started=False) as (lab, yett):
        begun(yett)
        for name, harm in (
            ("gone", lambda: shutil.rmtree(path_of(yett, "generations"))),
            ("still gone", lambda: None),
        ):
            power_off(lab, yett)
            harm()
            yett.start()
            not_as_wished(yett, "lockdown", "ruleset")
            closed(lab, name)
        yett.apply(FIRST)
        as_wished(yett)
        closed(lab, "by the rules again")


@test
def a_text_that_never_was_in_force_is_nobodys_wish():
    planted = json.dumps({"version": 1, "name": "planted", "interfaces": ["eth0"]})
    with gate(started=False) as (lab, yett):
        begun(yett)
        number = yett.ask("status")["generation"]
        for words, again in (("live", None), ("after a reboot", reboot)):
            with open(path_of(yett, "generations", "000099.json"), "w", encoding="ascii") as file:
                file.write(planted)
            if again:
                again(lab, yett)
            else:
                yett.kill()
                yett.start()
            equal(as_wished(yett)["generation"], number, words)
            closed(lab, words)


def unreadable(yett):
    """The file of a set gives way to something that cannot be read."""
    os.rename(path_of(yett, "sets", "blocked.set"), path_of(yett, "blocked.away"))
    os.mkdir(path_of(yett, "sets", "blocked.set"))


def readable(yett):
    os.rmdir(path_of(yett, "sets", "blocked.set"))
    os.rename(path_of(yett, "blocked.away"), path_of(yett, "sets", "blocked.set"))


@test
def entries_that_cannot_be_read_once_are_told_and_come_into_force_when_they_can():
    with gate(started=False) as (lab, yett):
        begun(yett)
        for words, restarted in (("while it runs", False), ("over a restart", True)):
            power_off(lab, yett)
            unreadable(yett)
            yett.start()
            equal(checks(yett), (503, ["saved"]), f"health, {words}")
            equal(yett.run("set", "add", "blocked", "192.0.2.1").returncode, 8, "a change of it")
            readable(yett)
            if restarted:
                yett.kill()
                yett.start()
            netns.wait_for(lambda: is_member(yett, BANNED), f"the entry is back, {words}")
            netns.wait_for(lambda: checks(yett) == (200, []), f"all is well, {words}")
            holds(is_member(yett, "192.0.2.1"), "what was added meanwhile stays")
            reboot(lab, yett)
            holds(is_member(yett, BANNED), f"and it is saved, {words}")


@test
def a_damaged_head_costs_no_entry_behind_it():
    with gate(started=False) as (lab, yett):
        begun(yett)
        power_off(lab, yett)
        with open(path_of(yett, "sets", "blocked.set"), "r+", encoding="utf-8") as file:
            file.write("YETT")
        yett.start()
        warnings = as_wished(yett)["warnings"]
        holds(any("make no sense" in text for text in warnings), f"{warnings}")
        holds(is_member(yett, BANNED), "the entry")


@test
def an_apply_beside_a_set_that_cannot_be_saved_says_so():
    with gate(started=False) as (lab, yett):
        begun(yett)
        power_off(lab, yett)
        unreadable(yett)
        yett.start()
        made = yett.run("apply", "-", stdin=json.dumps({**FIRST, "name": "second"}))
        equal(made.returncode, 8, f"exit code: {made.stderr}")
        holds("not saved" in made.stderr, made.stderr)
        equal(yett.ask("status")["ruleset"], "second", "it is in force")
