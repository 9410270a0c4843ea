# SPDX-License-Identifier: GPL-2.0-or-later
"""What XDP cannot do on a veth (VLAN tags beside the frame, replies) is done on TC instead, and the
move from one to the other leaves no gap."""

import lab as addresses
import netns
import packets
import traffic
import yett as yett_module
from case import equal, gate, holds, sums_hold, test
from test_attach import NO_SSH, attachment
from test_pinned import Leaks

SSH = NO_SSH["rules"][0]
SEVEN = {"name": "seven", "match": {"vlan": 7}, "action": "drop"}
VLAN = {**NO_SSH, "name": "vlan", "rules": [SEVEN, SSH]}
NOT_VLAN = {
    **NO_SSH,
    "name": "not-vlan",
    "rules": [{**SEVEN, "match": {"not": {"vlan": [0, 5]}}}, SSH],
}
REJECT = {**NO_SSH, "name": "reject", "rules": [{**SSH, "action": "reject"}]}


def tagged_beside_the_frame(lab):
    """Tags that the kernel writes travel beside the frame again, as on any veth: the sending ends
    decide, here those of the bridge and of the attacker."""
    for node, device in (("wire", "gate"), ("attacker", "eth0")):
        for feature in ("txvlan", "tx-vlan-stag-hw-insert"):
            netns.run(lab.name(node), "ethtool", "-K", device, feature, "on")


def lay_vlans(lab, number):
    """VLAN devices on the attacker and on the gate."""
    for node, end in (("attacker", 66), ("gate", 1)):
        netns.batch(
            lab.name(node),
            f"link add link eth0 name v{number} type vlan id {number}\n"
            f"link set v{number} up\n"
            f"addr add 203.0.113.{end}/32 dev v{number} noprefixroute\n",
        )


@test
def tags_beside_the_frame_are_seen_ten_times_of_ten():
    """The kernel of the attacker tags: such a tag never stands in the frame until it is put there.
    """
    for rules in (VLAN, NOT_VLAN):
        with gate(servers=False, rules=rules) as (lab, yett):
            equal(attachment(yett, "eth0")["mode"], "tc", "mode")
            holds("veth" in attachment(yett, "eth0")["note"], "the note says why")
            tagged_beside_the_frame(lab)
            wire = traffic.Wire(lab, "attacker")
            plain = wire.frame(packets.tcp(addresses.ATTACKER4, addresses.C1_4, 80, "S"))
            for number, wanted in ((7, 10), (5, 0)):
                tag = bytes.fromhex("8100") + number.to_bytes(2, "big")
                before = yett.rule_packets()
                wire.send([plain[:12] + tag + plain[12:]] * 10)
                judged = lambda: _moved(yett, before)  # noqa: E731
                netns.wait_for(lambda: judged() >= 10, "ten frames are judged")
                got = yett.rule_packets()["seven"] - before["seven"]
                equal(got, wanted, f"{rules['name']}: frames of VLAN {number} that the rule counts")
            sums_hold(yett)


def _moved(yett, before):
    now = yett.rule_packets()
    return sum(now[key] - before[key] for key in ("seven", "(policy) ingress"))


@test
def xdp_alone_would_not_have_seen_them():
    """Why this is so: the same frames, natively, look untagged. When this fails, XDP on a veth has
    learned to see them, and the way around can go."""
    with gate(servers=False, rules=NO_SSH) as (lab, yett):
        equal(attachment(yett, "eth0")["mode"], "xdp-native", "mode")
        tagged_beside_the_frame(lab)
        frames = traffic.Wire(lab, "attacker")
        syn = frames.frame(packets.tcp(addresses.ATTACKER4, addresses.C1_4, 22, "S")) + bytes(20)
        before = yett.interface("eth0")["seen"]
        frames.send([syn[:12] + bytes.fromhex("81000007") + syn[12:]] * 10)
        seen = lambda: yett.rule_packets()["ssh"]  # noqa: E731
        netns.wait_for(lambda: seen() >= 10, "the frames are judged")
        after = yett.interface("eth0")["seen"]
        octets = after["bytes"] - before["bytes"]
        count = after["packets"] - before["packets"]
        holds(octets < count * len(syn) + 10 * 4, "the tag is not among the octets that XDP saw")


def moved_without_a_gap(lab, yett, leaks, download):
    """The download went on, nothing forbidden arrived; and detach takes all of it off."""
    holds(download.wait_for_more(), f"the download never broke: {download.error}")
    download.stop()
    equal(leaks.stop(), 0, f"of {leaks.sent} frames to a closed port, reached c1")
    sums_hold(yett)
    yett.cli("detach")
    equal(yett_module.program_ids(lab), {}, "XDP programs")
    answer = traffic.answer(lab.name("attacker"), addresses.C1_4, 22, repeats=True)
    equal(answer, "served", "after detach")


@test
def rules_that_need_tc_move_a_veth_there_and_back_without_a_gap():
    with gate(rules=NO_SSH) as (lab, yett):
        leaks = Leaks(lab)
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        holds(download.wait_for_more(), "the download runs")
        for rules, mode in ((VLAN, "tc"), (NO_SSH, "xdp-native"), (REJECT, "tc")) * 3:
            yett.apply(rules)
            item = attachment(yett, "eth0")
            equal(item["mode"], mode, f"mode under {rules['name']}")
            equal(bool(item["note"]), mode == "tc", "there is a note")
            count = [i["direction"] for i in yett.ask("status")["attachments"]]
            equal(sorted(count), ["egress", "ingress"], "attachments")
        moved_without_a_gap(lab, yett, leaks, download)


@test
def a_restart_finds_what_moved():
    with gate(rules=REJECT) as (lab, yett):
        yett.kill()
        yett.start()
        equal(attachment(yett, "eth0")["mode"], "tc", "mode")
        equal(traffic.answer(lab.name("client"), addresses.C1_4, 22), "refused", "port 22")
        yett.apply(NO_SSH)
        equal(attachment(yett, "eth0")["mode"], "xdp-native", "mode")
        equal(traffic.reach(lab.name("client"), addresses.C1_4, 22), "silence", "port 22")
