# SPDX-License-Identifier: GPL-2.0-or-later
"""Which interfaces are filtered: no change opens one unless it is meant to, patterns follow what
comes, what others take away comes back, and detach gives back what attach changed."""

import os
import shutil

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test
from test_attach import NO_SSH, attachment
from test_owner import filters
from test_pinned import attachments

LATE = "link add {0} type veth peer name peer-{0}\nlink set {0} up\n"


def there(yett):
    return {item["interface"] for item in attachments(yett)}


@test
def no_ruleset_opens_an_interface_unless_it_is_meant_to():
    openers = {"none": [], "no such": ["nosuch0"], "another": ["c1"], "a pattern": ["nosuch*"]}
    with gate(rules=NO_SSH) as (lab, yett):
        for name, interfaces in openers.items():
            rules = {**NO_SSH, "name": "opener", "interfaces": interfaces}
            text = yett_module.json.dumps(rules)
            made = yett.run("apply", "-", stdin=text)
            equal(made.returncode, 7, f"{name}: exit code: {made.stdout}")
            holds("it would open eth0" in made.stderr and "--force" in made.stderr, made.stderr)
            equal(yett.run("apply", "--dry-run", "-", stdin=text).returncode, 7, f"{name}, dry")
            equal((there(yett), yett.ask("status")["ruleset"]), ({"eth0"}, "no-ssh"), name)
        equal(traffic.reach(lab.name("client"), addresses.C1_4, 22), "silence", "port 22")
        made = yett.run("apply", "--force", "-", stdin=yett_module.json.dumps(
            {**NO_SSH, "name": "opener", "interfaces": []}))
        equal((made.returncode, there(yett)), (0, set()), f"with --force: {made.stderr}")
        equal(traffic.answer(lab.name("client"), addresses.C1_4, 22, repeats=True), "served", "22")


@test
def a_pattern_follows_what_comes_and_goes():
    rules = {**NO_SSH, "interfaces": ["c*", "late*"]}
    with gate(rules=rules) as (lab, yett):
        equal(there(yett), {"c1", "c2"}, "attached")
        holds(any("late*" in text for text in yett.ask("status")["warnings"]), "it is told")
        equal(traffic.reach(lab.name("c1"), addresses.C2_4, 22), "silence", "from c1, port 22")
        for name in ("late0", "later", "other0"):
            netns.batch(lab.name("gate"), LATE.format(name))
        wanted = {"c1", "c2", "late0", "later"}
        netns.wait_for(lambda: there(yett) == wanted, "those that match are attached")
        equal(yett.apply(rules)["detached"], [], "detached by the same ruleset")
        netns.batch(lab.name("gate"), "link del late0\nlink set later name gone0\n")
        netns.wait_for(lambda: "late0" not in there(yett), "what is gone is gone")
        equal(yett.ask("detach", "c1")["detached"][0]["interface"], "c1", "by hand")
        netns.batch(lab.name("gate"), LATE.format("late0"))
        netns.wait_for(lambda: "late0" in there(yett), "late0 comes back")
        holds("c1" not in there(yett), "what was detached by hand stays so")
        yett.kill()
        yett.start()
        holds("late0" in there(yett) and "c1" not in there(yett), f"after a start: {there(yett)}")
        sums_hold(yett)


@test
def names_that_come_and_go_for_ever_do_not_run_out():
    """Containers: each has an interface with a name of its own."""
    with gate(servers=False, rules={**NO_SSH, "interfaces": ["late*"]}) as (lab, yett):
        made, batch = 0, 50
        while made < 300:
            names = [f"late{number}" for number in range(made, made + batch)]
            netns.batch(lab.name("gate"), "".join(LATE.format(name) for name in names))
            netns.wait_for(lambda: set(names) <= there(yett), f"{names[0]} and more are attached")
            netns.batch(lab.name("gate"), "".join(f"link del {name}\n" for name in names))
            made += batch


TAKEN = {
    "clsact": lambda lab: netns.batch(lab.name("gate"), "qdisc del dev eth0 clsact\n", tool="tc"),
    "filter": lambda lab: netns.batch(
        lab.name("gate"), "filter del dev eth0 egress prio 10\n", tool="tc"
    ),
    "pins of links": lambda lab: shutil.rmtree(os.path.join(version(lab), "links")),
    "all pins": lambda lab: shutil.rmtree(version(lab)),
}


def version(lab):
    (name,) = [name for name in os.listdir(lab.pins) if name.startswith("v")]
    return os.path.join(lab.pins, name)


@test
def what_somebody_takes_away_is_attached_again():
    with gate(rules=NO_SSH) as (lab, yett):
        opened = lambda: sum(  # noqa: E731
            yett.interface("eth0", direction)["uncovered"]["times"]
            for direction in ("ingress", "egress")
        )
        for name, take in TAKEN.items():
            before = opened()
            take(lab)
            netns.wait_for(lambda: opened() > before, f"{name}: it is counted")
            netns.wait_for(
                lambda: yett_module.program_ids(lab).get("eth0") and filters(lab),
                f"{name}: attached again",
            )
            equal(len(attachments(yett)), 2, f"{name}: attachments")
            equal(traffic.reach(lab.name("client"), addresses.C1_4, 22), "silence", name)
        for direction in ("ingress", "egress"):
            item = yett.interface("eth0", direction)["uncovered"]
            holds(item["milliseconds"] < 2000 * item["times"], f"{direction}: {item}")
        with open(yett.log, encoding="utf-8") as log:
            holds("the filter was taken away from eth0" in log.read(), "the log tells")
        yett.kill()
        equal(traffic.reach(lab.name("client"), addresses.C1_4, 22), "silence", "without a daemon")


def settings(lab, device):
    shown = netns.run(lab.name("gate"), "ethtool", "-k", device)
    offloads = [line.split()[:2] for line in shown.splitlines() if "vlan" in line]
    qdiscs = netns.run(lab.name("gate"), "tc", "qdisc", "show", "dev", device)
    return offloads, "clsact" in qdiscs


@test
def detach_gives_back_what_attach_changed():
    with gate(servers=False, rules=NO_SSH) as (lab, yett):
        own = lab.name("gate")
        netns.batch(own, LATE.format("late0"))
        before = settings(lab, "late0")
        holds(["rx-vlan-offload:", "on"] in before[0], f"offloads of a fresh veth: {before}")
        for way in ("daemon", "restarted", "dead"):
            yett.apply({**NO_SSH, "interfaces": ["eth0", "late0"]})
            equal(attachment(yett, "late0")["mode"], "xdp-native", "mode")
            during = settings(lab, "late0")
            holds(["rx-vlan-offload:", "off"] in during[0], f"attached: {during}")
            holds(["tx-vlan-offload:", "on"] in during[0], f"tx is none of our business: {during}")
            if way != "daemon":
                yett.kill()
            if way == "restarted":
                yett.start()
            yett.cli("detach", "late0")
            equal(settings(lab, "late0"), before, f"{way}: as before")
            if way == "dead":
                yett.start()
        netns.batch(own, "qdisc add dev late0 clsact\n", tool="tc")
        yett.apply({**NO_SSH, "interfaces": ["eth0", "late0"]})
        yett.cli("detach", "late0")
        equal(settings(lab, "late0"), (before[0], True), "a clsact that was there stays")
