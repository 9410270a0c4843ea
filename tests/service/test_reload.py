# SPDX-License-Identifier: GPL-2.0-or-later
"""`systemctl reload yettd` after the file was edited: it is in force, or the reload fails and says
why."""

import os

from case import equal, holds, test
from knocks import OPEN
from package import RULES, machine, open_port, ruleset, status

GOOD = ruleset(open_port(OPEN))
WRONG = GOOD.replace('"udp"', '"upd"')


@test
def a_reload_puts_the_edited_file_in_force_or_fails_with_its_line():
    with machine(rules=GOOD) as made:
        made.must("systemctl", "reload", "yettd")
        first = status(made)
        made.write(RULES, ruleset(open_port(OPEN), open_port(53, "names")))
        made.must("systemctl", "reload", "yettd")
        good = status(made)
        equal((good["rules"], good["generation"]), (2, first["generation"] + 1), "after an edit")

        line = next(n for n, text in enumerate(WRONG.splitlines(), 1) if "upd" in text)
        bad = ("bad", WRONG, f"rules.json:{line}:")
        for what, text, words in (bad, ("missing", None, "No such file")):
            if text is None:
                os.unlink(made.path(RULES))
            else:
                made.write(RULES, text)
            said = made.run("systemctl", "reload", "yettd")
            holds(said.returncode != 0, f"the reload of a {what} file succeeds")
            shown = made.run("systemctl", "status", "--no-pager", "--lines=30", "yettd").stdout
            holds(words in shown, f"{what}: {words!r} is not in {shown}")
            now = status(made)
            equal(now["generation"], good["generation"], f"generation after a {what} file")
            equal(made.property("ActiveState"), "active", f"yettd after a {what} file")
