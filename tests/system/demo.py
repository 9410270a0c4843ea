# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration: both sides send, rules decide, one rule changes meanwhile; all is checked."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import lab as addresses
import netns
import packets
import traffic
import yett as yett_module

WEB = (80,)
CLOSED = (22, 8080)
TARGETS = {
    "gate": (addresses.GATE4, addresses.GATE6),
    "c1": (addresses.C1_4, addresses.C1_6),
    "c2": (addresses.C2_4, addresses.C2_6),
}
FLOOD = 60_000
AMPLIFIED = 2_000
SCANNED = [port for port in range(1, 1025) if port not in (80, 443)]
SCANS = {"NULL": "", "XMAS": "FPU", "SYN+FIN": "SF"}


class Report:
    """Prints each expectation as it is known, and remembers what failed."""

    def __init__(self):
        self.failed = []
        self.count = 0
        self._color = sys.stdout.isatty()

    def _paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self._color else text

    def head(self, text):
        print(f"\n{self._paint('1', text)}", flush=True)

    def say(self, text):
        print(f"  {text}", flush=True)

    def expect(self, good, what, detail=""):
        self.count += 1
        word = self._paint("32", "ok    ") if good else self._paint("31", "FAILED")
        print(f"  {word} {what}{f' ({detail})' if detail else ''}", flush=True)
        if not good:
            self.failed.append(what)

    def table(self, titles, rows):
        """Figures stand right, words left."""
        rows = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(r[i]) for r in [titles, *rows]) for i in range(len(titles))]
        figures = [all(row[i].isdigit() for row in rows) for i in range(len(titles))]
        for row in [titles, *rows]:
            cells = (
                cell.rjust(width) if figure else cell.ljust(width)
                for cell, width, figure in zip(row, widths, figures)
            )
            print("  " + "  ".join(cells).rstrip())


def reachable(lab, is_served):
    """(side, node, port, family) -> served, refused or silence; all asked at once. Where
    is_served(side, port), a busy machine may take its time."""
    questions = [
        (side, node, port, family)
        for side in ("client", "attacker")
        for node in TARGETS
        for port in WEB + CLOSED
        for family in (0, 1)
    ]
    with ThreadPoolExecutor(12) as pool:
        waits = {True: traffic.PATIENCE, False: 0.7}
        answers = pool.map(
            lambda q: traffic.reach(
                lab.name(q[0]), TARGETS[q[1]][q[3]], q[2], waits[is_served(q[0], q[2])]
            ),
            questions,
        )
        return dict(zip(questions, answers))


def only(reached, **wanted):
    """The answers to those questions that have these properties, as a set."""
    names = ("side", "node", "port", "family")
    return {
        answer
        for question, answer in reached.items()
        if all(question[names.index(key)] == value for key, value in wanted.items())
    }


class Demo:
    """The acts, in order. Each leaves behind what the last table needs."""

    def __init__(self, lab, yett):
        self.lab = lab
        self.yett = yett
        self.report = Report()
        self.reached = {}
        self.wire = traffic.Wire(lab, "attacker")
        self.hostile = traffic.from_sources(
            addresses.ATTACKER4, addresses.ATTACKER6, *packets.BOGONS, *packets.BOGONS6
        )

    def before(self):
        self.report.head("1. No filter yet: everybody reaches everything")
        self.reached["no filter"] = reached = reachable(self.lab, lambda *_: True)
        self.report.expect(
            set(reached.values()) == {"served"}, f"all {len(reached)} services answer both sides"
        )

    def start(self):
        report, yett = self.report, self.yett
        report.head("2. yettd starts in the gate, and applies rules/web-server.json")
        yett.start()
        result = yett.apply(yett_module.rule_file("web-server.json"))
        self.programs = yett_module.program_ids(self.lab)
        report.say(
            f"pid {yett.pid}, generation {result['generation']}, {result['rules']} rules, "
            f"{result['tests']} embedded tests passed on the loaded programs"
        )
        for item in yett.ask("status")["attachments"]:
            note = f" ({item['note']})" if item["note"] else ""
            report.say(f"{item['interface']} {item['direction']}: {item['mode']}{note}")
        self.reached["with rules"] = reached = reachable(
            self.lab, lambda _, port: port in WEB
        )
        for side in ("client", "attacker"):
            web = only(reached, side=side, port=80)
            report.expect(web == {"served"}, f"the {side} reaches the web, IPv4 and IPv6")
            rest = set().union(*(only(reached, side=side, port=port) for port in CLOSED))
            report.expect(rest == {"silence"}, f"ports 22 and 8080 are silent for the {side}")

    def _attack(self, what, frames, rule, targets=("c1", "c2")):
        """Sends, and expects that the rule counts each frame that the segment did not lose on its
        way to the gate, and that no container sees one."""
        witnesses = [
            traffic.Witness(self.lab.name(node), "eth0", self.hostile) for node in targets
        ]
        before, lost = self.yett.rule_packets(), self._lost()
        sent = self.wire.send(frames)
        after = self._settled(rule, before, sent, lost)
        arrived = sum(witness.stop() for witness in witnesses)
        counted, lost = after.get(rule, 0) - before.get(rule, 0), self._lost() - lost
        on_the_way = f", the segment {lost}" if lost else ""
        self.report.expect(
            arrived == 0 and counted >= sent - lost,
            f"{what}: {sent} sent, {rule} dropped {counted}{on_the_way}, "
            f"{arrived} reached a container",
        )

    def _lost(self):
        """Frames that the segment before the gate had no room for: full rings and queues."""
        words = netns.run(self.lab.name("wire"), "ip", "-j", "-s", "link", "show")
        stats = [link["stats64"] for link in json.loads(words) if "stats64" in link]
        return sum(stat[way]["dropped"] for stat in stats for way in ("rx", "tx"))

    def _settled(self, rule, before, sent, lost):
        """Counters, once every frame that is under way has been counted (or half a minute is
        over)."""
        end = time.monotonic() + 30
        while True:
            arrived = sent - (self._lost() - lost)
            now = self.yett.rule_packets()
            if now.get(rule, 0) - before.get(rule, 0) >= arrived or time.monotonic() > end:
                return now

    def attacks(self):
        self.report.head("3. The attacker scans, forges and amplifies")
        frame, source = self.wire.frame, addresses.ATTACKER4
        policy = "(policy) ingress"
        scan = [
            frame(packet)
            for target in (addresses.C1_4, addresses.C2_4)
            for packet in packets.scan(source, target, "S", SCANNED)
        ]
        self._attack("SYN scan of ports 1-1024", scan, policy)
        for name, rule in RULES["scans"].items():
            probes = packets.scan(source, addresses.C1_4, SCANS[name], [80] * 200)
            probes += packets.scan(addresses.ATTACKER6, addresses.C2_6, SCANS[name], [80] * 200)
            self._attack(f"{name} scan of port 80", [frame(p) for p in probes], rule)
        forged = [frame(p) for p in packets.bogons(addresses.C1_4) * 50]
        self._attack("bogon sources, IPv4", forged, RULES["bogons"])
        forged = [frame(p) for p in packets.bogons(addresses.C2_6) * 50]
        self._attack("bogon sources, IPv6", forged, RULES["bogons"])
        amplified = packets.amplification(source, addresses.C1_4, 200) * (AMPLIFIED // 200)
        self._attack("NTP amplification", [frame(p) for p in amplified], RULES["ntp"])

    def flood(self):
        report = self.report
        report.head("4. A flood, while the client is served")
        packet = packets.udp(addresses.ATTACKER4, addresses.C2_4, 5353, 9, 1000)
        frames = [self.wire.frame(packet)] * FLOOD
        knocker = traffic.Knocker(self.lab.name("client"), addresses.C2_4, seconds=traffic.PATIENCE)
        began = time.monotonic()
        self._attack("UDP flood of 1 KB frames", frames, "(policy) ingress")
        seconds = time.monotonic() - began
        knocker.wait_for_tries(3)
        knocker.stop()
        report.expect(
            knocker.served and not knocker.missed,
            f"the client fetched {len(knocker.served)} pages from c2 meanwhile, none failed",
            f"{FLOOD / seconds / 1000:.0f}k frames/s offered",
        )

    def change(self):
        report, lab = self.report, self.lab
        report.head("5. One rule changes while traffic flows")
        download = traffic.Download(lab.name("client"), addresses.C1_4)
        attackers = {
            node: traffic.Knocker(lab.name("attacker"), TARGETS[node][0]) for node in ("c1", "c2")
        }
        for knocker in attackers.values():
            knocker.wait_for_pages(5)
        served = {node: len(knocker.served) for node, knocker in attackers.items()}
        report.expect(all(served.values()), "the attacker still fetches pages from c1 and c2")
        report.expect(download.wait_for_more(), "the client's long download from c1 runs")
        began = time.monotonic()
        added = ("set", "add", RULES["set"], "203.0.113.0/24", "2001:db8:bad::/48")
        self.yett.cli(*added)
        moment = time.monotonic()
        report.say(f"yett {' '.join(added)}: {(moment - began) * 1000:.0f} ms")
        for node, knocker in attackers.items():
            knocker.wait_for_tries(6)
            knocker.stop()
            late = knocker.served_since(moment)
            report.expect(late == 0, f"{node}: the attacker got {late} pages since")
        report.expect(download.wait_for_more(), "the client's download goes on")
        report.expect(download.stop(), f"it never broke: {download.bytes // 1_000_000} MB so far")
        report.say(f"its longest pause was {download.longest_pause * 1000:.0f} ms")
        self._nothing_restarted()
        self.reached["blocked"] = reached = reachable(
            lab, lambda side, port: side == "client" and port in WEB
        )
        attacker = only(reached, side="attacker")
        report.expect(attacker == {"silence"}, "the attacker reaches nothing any more")
        client = only(reached, side="client", port=80)
        report.expect(client == {"served"}, "the client reaches every web server")

    def _nothing_restarted(self):
        status = self.yett.ask("status")
        same = status["pid"] == self.yett.pid and yett_module.alive(self.yett)
        self.report.expect(same, f"yettd is the same process, pid {self.yett.pid}")
        programs = yett_module.program_ids(self.lab)
        same = programs == self.programs and bool(programs)
        self.report.expect(same, f"the XDP programs are the same: {programs}")

    def sums(self):
        """passed + dropped = seen, on every interface and hook, when no frame is under way."""
        keys = ("seen", "passed", "dropped")
        end = time.monotonic() + 30
        while True:
            items = self.yett.ask("show", "interfaces")["interfaces"]
            counts = [[item[key]["packets"] for key in keys] for item in items]
            good = [seen == passed + dropped for seen, passed, dropped in counts]
            if all(good) or time.monotonic() > end:
                break
        for item, holds, (seen, passed, dropped) in zip(items, good, counts):
            self.report.expect(
                holds and (seen > 0 or item["direction"] == "egress"),
                f"{item['name']} {item['direction']}: {seen} seen = {passed} passed + "
                f"{dropped} dropped",
            )

    def tables(self):
        report = self.report
        report.head("6. What was counted")
        rules = self.yett.ask("show", "rules")["rules"]
        rows = [
            (yett_module.rule_key(r), r["action"], r["packets"], r["bytes"])
            for r in rules
            if r["packets"]
        ]
        report.table(["RULE", "VERDICT", "PACKETS", "BYTES"], rows)
        self.sums()
        report.head("7. What each side reached")
        rows = []
        for side in ("client", "attacker"):
            for port in WEB + CLOSED:
                for node in TARGETS:
                    phases = [
                        "+".join(sorted(only(r, side=side, node=node, port=port)))
                        for r in self.reached.values()
                    ]
                    rows.append((side, f"{node} tcp/{port}", *phases))
        report.table(["SIDE", "SERVICE", *(phase.upper() for phase in self.reached)], rows)

    def off(self):
        report = self.report
        report.head("8. yett detach is the off switch")
        self.yett.cli("detach")
        report.expect(not yett_module.program_ids(self.lab), "no program is attached any more")
        answer = traffic.answer(self.lab.name("attacker"), addresses.C1_4, 22, repeats=True)
        report.expect(answer == "served", "the attacker reaches c1 port 22 again")


# What the demonstration relies on in rules/web-server.json.
RULES = {
    "bogons": "no-bogons",
    "ntp": "no-ntp-amp",
    "set": "blocked",
    "scans": {"NULL": "no-null", "XMAS": "no-xmas", "SYN+FIN": "no-syn-fin"},
}


def run(lab, yett):
    """0 only when every expectation held."""
    began = time.monotonic()
    demo = Demo(lab, yett)
    for act in (demo.before, demo.start, demo.attacks, demo.flood, demo.change, demo.tables):
        act()
    demo.off()
    report = demo.report
    report.head(f"{report.count - len(report.failed)} ok, {len(report.failed)} FAILED")
    for what in report.failed:
        report.say(f"FAILED {what}")
    report.say(f"{time.monotonic() - began:.0f} s; the testbed is being taken away")
    return 1 if report.failed else 0
