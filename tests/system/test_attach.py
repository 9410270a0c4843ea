# SPDX-License-Identifier: GPL-2.0-or-later
"""Where yett attaches: native, generic, or on TC beside a program that it must not touch."""

import os

import lab as addresses
import netns
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test

HERE = os.path.dirname(os.path.abspath(__file__))
NO_SSH = {
    "version": 1,
    "name": "no-ssh",
    "interfaces": ["eth0"],
    "policy": {"ingress": "pass", "egress": "pass"},
    "rules": [{"name": "ssh", "match": {"proto": "tcp", "dport": 22}, "action": "drop"}],
}


def attachment(yett, interface, direction="ingress"):
    for item in yett.ask("status")["attachments"]:
        if (item["interface"], item["direction"]) == (interface, direction):
            return item
    return None


def attach_foreign(lab, mode="xdp"):
    """Another program takes the gate's eth0. Gives its id."""
    made = os.path.join(lab.work, "foreign.o")
    source = os.path.join(HERE, "foreign.bpf.c")
    include = "/usr/include/" + netns.run(None, "gcc", "-print-multiarch").strip()
    words = ["-target", "bpf", "-O2", "-g", "-idirafter", include, "-c", source, "-o", made]
    netns.run(None, "clang", *words)
    gate_name = lab.name("gate")
    netns.run(gate_name, "ip", "link", "set", "eth0", mode, "obj", made, "sec", "xdp")
    return yett_module.program_ids(lab)["eth0"]


@test
def a_veth_is_filtered_natively():
    with gate(servers=False, rules=NO_SSH) as (_, yett):
        item = attachment(yett, "eth0")
        equal((item["mode"], item["note"]), ("xdp-native", ""), "mode and note")
        equal(attachment(yett, "eth0", "egress")["mode"], "tc", "egress")


MACVLAN4, MACVLAN6 = "192.0.2.3", "2001:db8:1::3"


def lay_macvlan(lab):
    """mv0 on the gate's eth0, whose driver knows no native XDP; it alone answers for its addresses.
    """
    gate_name = lab.name("gate")
    netns.sysctl(gate_name, "net.ipv4.conf.all.arp_ignore=1")
    netns.batch(
        gate_name,
        "link add mv0 link eth0 type macvlan mode bridge\nlink set mv0 up\n"
        f"addr add {MACVLAN4}/24 dev mv0 noprefixroute\n"
        f"addr add {MACVLAN6}/64 dev mv0 noprefixroute nodad\n",
    )


@test
def where_the_driver_knows_no_xdp_it_can_be_generic_and_says_so():
    with gate() as (lab, yett):
        lay_macvlan(lab)
        yett.apply({**NO_SSH, "interfaces": ["mv0"], "attach": {"mv0": "generic"}})
        item = attachment(yett, "mv0")
        equal(item["mode"], "xdp-generic", "mode")
        holds(item["note"], "the note says why")
        equal(traffic.reach(lab.name("client"), MACVLAN4, 22), "silence", "port 22")
        equal(traffic.answer(lab.name("client"), MACVLAN4, 80), "served", "port 80")
        sums_hold(yett)


@test
def lo_is_never_filtered_whatever_names_it():
    closed = {"ingress": "drop", "egress": "drop"}
    for names in (["lo", "eth0"], ["*"]):
        with gate(rules={**NO_SSH, "policy": closed, "interfaces": names}) as (lab, yett):
            own = lab.name("gate")
            for address in ("127.0.0.1", "::1", addresses.GATE4, addresses.GATE6):
                equal(traffic.answer(own, address, 80), "served", f"{names}: {address}:80")
            equal(yett.run("attach", "lo").returncode, 2, "exit code of yett attach lo")
            equal(traffic.reach(lab.name("client"), addresses.C1_4, 80), "silence", "eth0")


@test
def beside_a_foreign_xdp_program_it_filters_on_tc_and_says_so():
    for mode in ("xdp", "xdpgeneric"):
        with gate(started=False) as (lab, yett):
            foreign = attach_foreign(lab, mode)
            yett.start()
            yett.apply(NO_SSH)
            item = attachment(yett, "eth0")
            equal(item["mode"], "tc", f"mode beside {mode}")
            holds("XDP" in item["note"], f"the note says why: {item['note']!r}")
            for target in (addresses.C1_4, addresses.C2_6, addresses.GATE4):
                equal(traffic.reach(lab.name("attacker"), target, 22), "silence", f"{target}:22")
                equal(traffic.answer(lab.name("client"), target, 80), "served", f"{target}:80")
            sums_hold(yett)
            yett.cli("detach")
            equal(yett_module.program_ids(lab)["eth0"], foreign, "the foreign program")
            # A veth that loses its program changes over, and may lose a SYN of that moment.
            answer = traffic.answer(lab.name("attacker"), addresses.C1_4, 22, repeats=True)
            equal(answer, "served", "after detach")


@test
def foreign_tc_filters_stay():
    with gate(servers=False, started=False) as (lab, yett):
        gate_name = lab.name("gate")
        netns.batch(gate_name, "qdisc add dev eth0 clsact\n", tool="tc")
        foreign = "filter add dev eth0 egress prio 7 protocol ip matchall action pass\n"
        had = "matchall" if _try_batch(gate_name, foreign) else None
        yett.start()
        yett.apply(NO_SSH)
        yett.cli("detach")
        left = netns.run(gate_name, "tc", "qdisc", "show", "dev", "eth0")
        holds("clsact" in left, "the qdisc that was there before is there still")
        if had:
            left = netns.run(gate_name, "tc", "filter", "show", "dev", "eth0", "egress")
            holds(had in left, "the filter that was there before is there still")


def _try_batch(name, line):
    """Kernels without that classifier cannot hold the filter."""
    try:
        netns.batch(name, line, tool="tc")
    except RuntimeError:
        return False
    return True


@test
def an_interface_that_comes_later_can_be_attached():
    with gate(servers=False, rules={**NO_SSH, "interfaces": ["eth0", "late0"]}) as (lab, yett):
        holds(any("late0" in text for text in yett.ask("status")["warnings"]), "it is warned of")
        make = "link add late0 type veth peer name late1\nlink set late0 up\nlink set late1 up\n"
        netns.batch(lab.name("gate"), make)
        yett.cli("attach", "late0")
        equal(attachment(yett, "late0")["mode"], "xdp-native", "mode")
