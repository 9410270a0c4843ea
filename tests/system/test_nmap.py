# SPDX-License-Identifier: GPL-2.0-or-later
"""A second opinion: nmap's scan types (Debian's package) against a port that a rule drops and one
that a rule passes."""

import re
import subprocess

import lab as addresses
import netns
import traffic
from case import equal, gate, holds, sums_hold, test
from test_thc_ipv6 import chain

CLOSED, OPEN = 22, 80
QUICK = ["-n", "-Pn", "-T4", "--max-retries", "1", "--max-rtt-timeout", "200ms"]
QUICK += ["--initial-rtt-timeout", "150ms", "--host-timeout", "60s", "-p", f"{CLOSED},{OPEN}"]
# What a busy machine does not answer in time is asked again, as often as nmap may repeat itself.
PATIENT = ["-n", "-Pn", "-T4", "--max-retries", "5", "--max-rtt-timeout", "3s"]
PATIENT += ["--initial-rtt-timeout", "1s", "-p", f"{OPEN}"]
SILENT = ("filtered", "open|filtered")
# Options, and what the open port shows. A segment that no connection has falls before the rules
# pass it; one that a connection has (FIN alone) reaches a listener, who says nothing.
SCANS = (
    (["-sS"], ("open",)),
    (["-sT"], ("open",)),
    (["-sA"], ("unfiltered",)),
    (["-sW"], ("closed", "open")),
    (["-sM"], ("open|filtered", "closed")),
    (["-sN"], ("open|filtered",)),
    (["-sF"], ("open|filtered",)),
    (["-sX"], ("open|filtered",)),
    (["-sS", "--scanflags", "SYNFIN"], ("filtered",)),
    (["-sS", "--scanflags", "SYNRST"], ("filtered",)),
    (["-sS", "--scanflags", "URGACKPSHRSTSYNFIN"], ("filtered",)),
    (["-sS", "--scanflags", "SYNURG"], ("filtered",)),
    (["-sS", "--source-port", "53"], ("open",)),
    (["-sS", "--source-port", "80"], ("open",)),
    (["-sS", "--data-length", "200"], ("open",)),
    (["-sS", "--badsum"], ("filtered",)),
)
ONLY4 = (
    (["-sS", "-f"], ("filtered",)),
    (["-sS", "--mtu", "24"], ("open", "filtered")),
    (["-sS", "-D", "203.0.113.77,203.0.113.78"], ("open",)),
    (["-sS", "--ip-options", "R"], ("open",)),
    (["-sS", "--ip-options", "L 192.0.2.10"], ("filtered",)),
)


def rules(policy):
    return {
        "version": 1,
        "name": f"nmap-{policy}",
        "interfaces": ["eth0"],
        "policy": {"ingress": policy, "egress": "pass"},
        "rules": [
            {"name": "closed", "match": {"proto": "tcp", "dport": CLOSED}, "action": "drop"},
            {"name": "open", "match": {"proto": "tcp", "dport": OPEN}, "action": "pass"},
        ],
    }


def scan(lab, options, how, target):
    """Starts a scan; the function that is given back waits for it, and gives the state of every
    port."""
    family = ["-6"] if ":" in target else []
    process = subprocess.Popen(
        netns.command(lab.name("attacker"), "nmap", *family, *options, *how, target),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def states():
        text = process.communicate()[0]
        found = dict(re.findall(r"^(\d+)/tcp +(\S+)", text, re.MULTILINE))
        holds(len(found) == how[-1].count(",") + 1, f"nmap ran: {text}")
        return {int(port): state for port, state in found.items()}

    return states


def scan_all(lab, scans, target):
    """Runs all scans at once; gives for each the state of every port."""
    running = [scan(lab, options, QUICK, target) for options, _ in scans]
    for (options, wanted), states in zip(scans, [states() for states in running]):
        if states[OPEN] not in wanted:
            states.update(scan(lab, options, PATIENT, target)())
        yield states


def ports(frame):
    """(source, destination) of a whole TCP segment, or None."""
    if frame[12:14] == b"\x86\xdd":
        _, kind, rest = chain(frame)
    elif frame[12:14] == b"\x08\0" and not int.from_bytes(frame[20:22], "big") & 0x1FFF:
        kind, rest = frame[23], frame[14 + (frame[14] & 15) * 4 :]
    else:
        return None
    if kind != 6:
        return None
    return int.from_bytes(rest[:2], "big"), int.from_bytes(rest[2:4], "big")


@test
def no_scan_type_reaches_the_closed_port_and_the_open_one_is_as_it_is():
    for policy in ("drop", "pass"):
        with gate(rules=rules(policy)) as (lab, yett):
            arrived = traffic.Witness(
                lab.name("c1"), "eth0", lambda f: (ports(f) or (0, 0))[1] == CLOSED
            )
            answered = traffic.Witness(
                lab.name("gate"), "c1", lambda f: (ports(f) or (0, 0))[0] == CLOSED
            )
            for scans, target in ((SCANS + ONLY4, addresses.C1_4), (SCANS, addresses.C1_6)):
                for (options, wanted), states in zip(scans, scan_all(lab, scans, target)):
                    what = f"nmap {' '.join(options)} {target}, policy {policy}"
                    holds(states[CLOSED] in SILENT, f"{what}: port {CLOSED} is {states[CLOSED]}")
                    holds(states[OPEN] in wanted, f"{what}: port {OPEN} is {states[OPEN]}")
            equal(arrived.stop(), 0, f"segments for the closed port in c1, policy {policy}")
            equal(answered.stop(), 0, f"answers of the closed port, policy {policy}")
            holds(yett.rule_packets()["closed"] >= 20, "the rule counts")
            sums_hold(yett)
