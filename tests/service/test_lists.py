# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists below /etc/yett, read by a daemon in the sandbox of its unit."""

import os

from case import equal, holds, test
from package import RULES, machine, ruleset, yett

SETS = {"bad": {"type": "prefix", "file": "lists/bad.netset"}}
RULE = {"name": "bad", "match": {"src": "@bad"}, "action": "drop"}
LIST = "etc/yett/lists/bad.netset"


@test
def a_list_is_read_and_what_is_no_plain_file_is_refused():
    with machine() as made:
        equal(made.property("RestrictSUIDSGID"), "yes", "RestrictSUIDSGID")
        made.write(RULES, ruleset(RULE, sets=SETS))
        made.write(LIST, "203.0.113.0/24\n2001:db8:bad::/48\n")
        made.must("yett", "apply", "/" + RULES)
        equal(made.must("yett", "-t", "set", "list", "bad").count("\n"), 2, "entries")
        made.write(LIST, "203.0.113.0/24\n198.51.100.0/24\n192.0.2.0/24\n")
        made.must("yett", "set", "reload", "bad")
        equal(made.must("yett", "-t", "set", "list", "bad").count("\n"), 3, "entries")
        os.rename(made.path(LIST), made.path(LIST + ".real"))
        os.symlink("bad.netset.real", made.path(LIST))
        code, _, said = yett(made, "set", "reload", "bad")
        holds(code != 0 and "symbolic link" in said, f"a link is followed: {code} {said}")
        equal(made.must("yett", "-t", "set", "list", "bad").count("\n"), 3, "entries that stay")
