# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what: every verb as root, as a member of yett, as one of yett-ro, and as nobody."""

from case import equal, holds, test
from knocks import OPEN
from package import RULES, machine, open_port, ruleset, yett

# Exit codes.
DONE, MAY_NOT = 0, 5
FREE, LOOK, CHANGE = "free", "look", "change"
PACKET = "udp 203.0.113.9:4444 > 192.0.2.7:5000"
FILE = "/" + RULES
VERBS = (
    (FREE, "check", FILE),
    (FREE, "compile", FILE),
    (FREE, "fmt", FILE),
    (FREE, "schema"),
    (FREE, "version"),
    (LOOK, "status"),
    (LOOK, "show", "rules"),
    (LOOK, "counters"),
    (LOOK, "trace", PACKET),
    (LOOK, "set", "list", "blocked"),
    (CHANGE, "apply", FILE),
    (CHANGE, "set", "add", "blocked", "203.0.113.9"),
    (CHANGE, "attach", "eth0"),
    (CHANGE, "detach", "eth0"),
)
USERS = {
    "root": (FREE, LOOK, CHANGE),
    "keeper": (FREE, LOOK, CHANGE),
    "watcher": (FREE, LOOK),
    "nobody": (FREE,),
}


def verbs_of(made):
    """All that there are, as the command lists them."""
    lines = made.must("yett", "--help").partition("Subcommands:")[2].splitlines()
    return {line.split()[0] for line in lines if line.startswith("  ") and line.split()}


@test
def every_verb_does_what_its_user_may():
    rules = ruleset(open_port(OPEN), sets={"blocked": {"type": "prefix"}})
    with machine(rules=rules) as made:
        made.must("yett", "apply", FILE)
        missing = {verb for verb in verbs_of(made) if verb not in {row[1] for row in VERBS}}
        equal(missing, set(), "verbs without a row")
        for user, may in USERS.items():
            for need, *words in VERBS:
                code, _, said = yett(made, *words, user=user)
                wanted = DONE if need in may else MAY_NOT
                equal(code, wanted, f"{user}: yett {' '.join(words)} ({said.strip()})")
        equal(made.property("NRestarts"), "0", "restarts")


@test
def the_socket_says_by_its_access_list_who_may_come():
    with machine() as made:
        for path, wanted in (
            ("/run/yett", "user::rwx group::r-x group:yett-ro:--x mask::r-x other::---"),
            ("/run/yett/yett.sock", "user::rw- group::rw- group:yett-ro:rw- mask::rw- other::---"),
        ):
            shown = made.must("getfacl", "--omit-header", "--absolute-names", path).split()
            equal(sorted(shown), sorted(wanted.split()), path)
            owner = made.must("stat", "--format=%U:%G", path).strip()
            equal(owner, "root:yett", path)
        # From now on a list of the folder would be inherited: it must not be what decides.
        made.must("setfacl", "--modify", "default:group:yett-ro:r--", "/run/yett")
        made.must("systemctl", "restart", "yettd")
        for user in ("root", "keeper", "watcher"):
            code, _, said = yett(made, "status", user=user)
            holds(code == DONE, f"{user}: {code} {said}")
