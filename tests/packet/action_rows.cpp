// SPDX-License-Identifier: GPL-2.0-or-later
// Actions, policies, failsafe, built-ins and automatic bans.
#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

#include "model/packet.hpp"
#include "packet/row.hpp"

namespace yett::corpus {
namespace {

Octets frame_of(const std::string& words) {
    const auto packet = parse_packet(words);
    if (!packet) throw std::invalid_argument(words + ": " + packet.error().message);
    return to_frame(*packet);
}

constexpr const char* kOrder = R"({"version": 1, "name": "order", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "pass"},
 "rules": [
  {"name": "all", "match": {}, "action": "count"},
  {"name": "tcp", "match": {"proto": "tcp"}, "action": "count"},
  {"name": "web", "match": {"proto": "tcp", "dport": [80, 443]}, "action": "pass"},
  {"name": "tcp-again", "match": {"proto": "tcp", "dport": ["1-100", "50-60"]}, "action": "count"},
  {"name": "late-web", "match": {"proto": "tcp", "dport": "1-500"}, "action": "drop"}]})";

constexpr const char* kBans = R"({"version": 1, "name": "bans", "interfaces": ["eth0"],
 "policy": {"ingress": "pass", "egress": "pass"},
 "failsafe": [{"src": ["203.0.113.0/28", "2001:db8:1::/64"], "proto": "tcp", "dport": 2222}],
 "rules": [
  {"name": "trap", "match": {"proto": "tcp", "dport": 23}, "action": "ban", "for": "10m",
   "spoofable": true},
  {"name": "web", "match": {"proto": "tcp", "dport": 80}, "action": "pass"},
  {"name": "none", "match": {"proto": "tcp", "dport": 81}, "action": "drop"}]})";

struct ActionCase {
    const char* words;
    Direction direction;
    Expect expect;
    std::vector<std::string> also = {};
    std::vector<const char*> before = {};
};

std::vector<Row> rows_for(const std::string& subject, const char* ruleset,
                          const std::vector<ActionCase>& cases) {
    std::vector<Row> rows;
    for (const ActionCase& one : cases) {
        const bool egress = one.direction == Direction::egress;
        Row row = {.subject = subject,
                   .name = fmt::format("{} {}", egress ? "egress" : "ingress", one.words),
                   .ruleset = ruleset,
                   .frame = frame_of(one.words),
                   .expect = one.expect,
                   .also = one.also};
        row.hooks = egress ? std::vector{Hook::tc_egress}
                           : std::vector{Hook::xdp_ingress, Hook::tc_ingress};
        for (const char* first : one.before) {
            row.before.push_back(frame_of(first));
            row.name += fmt::format(" after {}", first);
        }
        if (one.before.empty()) row.words = one.words;
        rows.push_back(std::move(row));
    }
    return rows;
}

constexpr Direction kIn = Direction::ingress, kOut = Direction::egress;

std::vector<ActionCase> order_cases() {
    const Expect web = {Verdict::pass, "web", "rule"}, late = {Verdict::drop, "late-web", "rule"};
    const Expect in = {Verdict::drop, "(policy)", "policy"};
    const Expect out = {Verdict::pass, "(policy)", "policy"};
    return {
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kIn, web, {"all", "tcp"}},
        {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:443", kIn, web, {"all", "tcp"}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:55", kIn, late, {"all", "tcp", "tcp-again"}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:500", kOut, late, {"all", "tcp"}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:501", kIn, in, {"all", "tcp"}},
        {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:501", kOut, out, {"all", "tcp"}},
        {"udp 203.0.113.9:1 > 192.0.2.7:80", kIn, in, {"all"}},
        {"udp [2001:db8:1::9]:1 > [2001:db8:2::7]:80", kOut, out, {"all"}},
        {"ethertype 0x88cc", kIn, in, {"all"}},
        {"ethertype 0x88cc", kOut, out, {"all"}},
    };
}

/// The same trap for senders who have proven nothing, and a list that beats every ban.
constexpr const char* kProven = R"({"version": 1, "name": "proven", "interfaces": ["eth0"],
 "policy": {"ingress": "pass", "egress": "pass"}, "never_ban": "@friends",
 "sets": {"friends": {"type": "prefix", "entries": ["203.0.113.0/28", "2001:db8:1::/64",
  "2001:db8:7::1"]}},
 "rules": [
  {"name": "trap", "match": {"proto": "tcp", "dport": 23}, "action": "ban"},
  {"name": "trap-all", "match": {"proto": "tcp", "dport": 24}, "action": "ban", "spoofable": true},
  {"name": "web", "match": {"proto": "tcp", "dport": 80}, "action": "pass"}]})";

std::vector<ActionCase> proven_cases() {
    const Expect trap = {Verdict::drop, "trap", "rule"}, web = {Verdict::pass, "web", "rule"};
    const Expect banned = {Verdict::drop, "", "banned"};
    return {
        {"tcp 203.0.113.99:1 > 192.0.2.7:23", kIn, trap},
        {"tcp 203.0.113.99:1 > 192.0.2.7:80", kIn, web, {}, {"tcp 203.0.113.99:1 > 192.0.2.7:23"}},
        {"tcp 203.0.113.99:1 > 192.0.2.7:80",
         kIn,
         web,
         {},
         {"tcp 203.0.113.99:1 > 192.0.2.7:23 ack"}},
        {"tcp 203.0.113.99:1 > 192.0.2.7:80",
         kIn,
         banned,
         {},
         {"tcp 203.0.113.99:1 > 192.0.2.7:24"}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kIn, web, {}, {"tcp 203.0.113.9:1 > 192.0.2.7:24"}},
        {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:80",
         kIn,
         web,
         {},
         {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:24"}},
        {"tcp [2001:db8:9::9]:1 > [2001:db8:2::7]:80",
         kIn,
         banned,
         {},
         {"tcp [2001:db8:9::9]:1 > [2001:db8:2::7]:24"}},
        // A friend in a banned /64 stays one.
        {"tcp [2001:db8:7::1]:1 > [2001:db8:2::7]:80",
         kIn,
         web,
         {},
         {"tcp [2001:db8:7::9]:1 > [2001:db8:2::7]:24"}},
        {"tcp [2001:db8:7::2]:1 > [2001:db8:2::7]:80",
         kIn,
         banned,
         {},
         {"tcp [2001:db8:7::9]:1 > [2001:db8:2::7]:24"}},
    };
}

std::vector<ActionCase> ban_cases() {
    const Expect trap = {Verdict::drop, "trap", "rule"}, web = {Verdict::pass, "web", "rule"};
    const Expect banned = {Verdict::drop, "", "banned"}, none = {Verdict::drop, "none", "rule"};
    const Expect failsafe = {Verdict::pass, "(failsafe)", "rule"};
    const Expect policy = {Verdict::pass, "(policy)", "policy"};
    const char* knock4 = "tcp 203.0.113.9:1 > 192.0.2.7:23";
    const char* knock6 = "tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:23";
    const char* knock_link = "tcp [fe80::9]:1 > [2001:db8:2::7]:23";
    const char* knock_many = "tcp 203.0.113.9:1 > 192.0.2.7:23 dmac 01:00:5e:00:00:01";
    return {
        {knock4, kIn, trap},
        {knock6, kIn, trap},
        {knock4, kIn, trap, {}, {knock4}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kIn, web},
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kIn, banned, {}, {knock4}},
        {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:80", kIn, banned, {}, {knock6}},
        {"udp 203.0.113.9:1 > 192.0.2.7:9", kIn, banned, {}, {knock4}},
        {"icmp6 2001:db8:1::9 > 2001:db8:2::7 type 128", kIn, banned, {}, {knock6}},
        {"tcp 203.0.113.10:1 > 192.0.2.7:80", kIn, web, {}, {knock4}},
        // A /64 is one site's (RFC 6177), and what a limit counts; of a link each station is one.
        {"tcp [2001:db8:1::a]:1 > [2001:db8:2::7]:80", kIn, banned, {}, {knock6}},
        {"tcp [2001:db8:1:0:ffff::a]:1 > [2001:db8:2::7]:80", kIn, banned, {}, {knock6}},
        {"tcp [2001:db8:1:1::9]:1 > [2001:db8:2::7]:80", kIn, web, {}, {knock6}},
        {"tcp [fe80::9]:1 > [2001:db8:2::7]:80", kIn, banned, {}, {knock_link}},
        {"tcp [fe80::a]:1 > [2001:db8:2::7]:80", kIn, web, {}, {knock_link}},
        {"tcp [fe40::a]:1 > [2001:db8:2::7]:80", kIn, web, {}, {knock_link}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kIn, web, {}, {knock_many}},
        {"tcp [::203.0.113.9]:1 > [2001:db8:2::7]:80", kIn, web, {}, {knock4}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:81", kIn, none, {}, {knock4}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:2222", kIn, failsafe, {}, {knock4}},
        {"tcp [2001:db8:1::9]:1 > [2001:db8:2::7]:2222", kIn, failsafe, {}, {knock6}},
        {"tcp 192.0.2.7:2222 > 203.0.113.9:1", kOut, failsafe},
        {"tcp 203.0.113.99:1 > 192.0.2.7:2222", kIn, policy},
        {"arp 203.0.113.9 > 192.0.2.7", kIn, policy, {}, {knock4}},
        {"ethertype 0x88cc", kIn, policy, {}, {knock4}},
        {"tcp 203.0.113.9:1 > 192.0.2.7:80", kOut, banned, {}, {knock4}},
    };
}

constexpr const char* kClosed = R"({"version": 1, "name": "closed", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"}, "rules": []})";
constexpr const char* kBare = R"({"version": 1, "name": "bare", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"}, "rules": [],
 "builtins": {"builtin-arp": false, "builtin-nd": false, "builtin-dhcp-client": false,
  "builtin-mld": false, "builtin-igmp": false, "builtin-link": false}})";

/// What a host cannot live without, and what only looks like it.
std::vector<ActionCase> builtin_cases() {
    const Expect arp = {Verdict::pass, "builtin-arp", "rule"};
    const Expect nd = {Verdict::pass, "builtin-nd", "rule"};
    const Expect dhcp = {Verdict::pass, "builtin-dhcp-client", "rule"};
    const Expect mld = {Verdict::pass, "builtin-mld", "rule"};
    const Expect igmp = {Verdict::pass, "builtin-igmp", "rule"};
    const Expect link = {Verdict::pass, "builtin-link", "rule"};
    const Expect policy = {Verdict::drop, "(policy)", "policy"};
    std::vector<ActionCase> cases = {
        {"arp 192.0.2.1 > 192.0.2.7", kIn, arp},
        {"arp 192.0.2.7 > 192.0.2.1", kOut, arp},
        {"udp 192.0.2.1:67 > 192.0.2.7:68", kIn, dhcp},
        {"udp 192.0.2.1:67 > 255.255.255.255:68", kIn, dhcp},
        {"udp 0.0.0.0:68 > 255.255.255.255:67", kOut, dhcp},
        {"udp 192.0.2.7:68 > 192.0.2.1:67", kOut, policy},
        {"udp 192.0.2.1:67 > 192.0.2.7:68", kOut, policy},
        {"udp 192.0.2.1:68 > 192.0.2.7:67", kIn, policy},
        {"udp 192.0.2.1:67 > 192.0.2.7:69", kIn, policy},
        {"udp [fe80::1]:547 > [fe80::2]:546", kIn, dhcp},
        {"udp [fe80::2]:546 > [fe80::1]:547", kOut, dhcp},
        {"udp [fe80::2]:546 > [ff02::1:2]:547", kOut, dhcp},
        {"udp [2001:db8:1::9]:547 > [fe80::2]:546", kIn, policy},
        {"udp [fe80::1]:547 > [2001:db8:2::7]:546", kIn, policy},
        {"udp [2001:db8:2::7]:546 > [ff02::1:2]:547", kOut, policy},
        {"udp [fe80::2]:546 > [2001:db8:1::9]:547", kOut, policy},
        {"udp [fe80::1]:546 > [fe80::2]:547", kIn, policy},
        {"tcp 192.0.2.1:67 > 192.0.2.7:68", kIn, policy},
        {"icmp6 2001:db8:1::9 > fe80::2 type 134 ttl 255", kIn, policy},
        {"icmp6 2001:db8:1::9 > fe80::2 type 135 ttl 255", kIn, nd},
        {"icmp6 fe80::1 > ff02::1 type 130 ttl 1", kIn, mld},
        {"icmp6 fe80::1 > ff02::1 type 130 ttl 2", kIn, policy},
        {"icmp6 2001:db8:1::9 > ff02::1 type 130 ttl 1", kIn, policy},
        {"icmp6 fe80::1 > ff02::16 type 143 ttl 1", kOut, mld},
        {"icmp6 :: > ff02::16 type 143 ttl 1", kOut, mld},
        {"icmp6 fe80::1 > ff02::6a type 151 ttl 1", kIn, mld},
        {"icmp6 fe80::1 > ff02::6a type 154 ttl 1", kIn, policy},
        {"proto 2 192.0.2.1 > 224.0.0.1 ttl 1", kIn, igmp},
        {"proto 2 192.0.2.7 > 224.0.0.22 ttl 1", kOut, igmp},
        {"proto 2 192.0.2.1 > 224.0.0.1 ttl 2", kIn, policy},
        {"proto 2 192.0.2.1 > 192.0.2.7 ttl 1", kIn, policy},
        {"ethertype 0x888e", kIn, link},
        {"ethertype 0x8863", kOut, link},
        {"ethertype 0x8809", kIn, policy},
        {"ethertype 0x88cc", kIn, policy},
        {"icmp6 fe80::1 > fe80::2 type 132 ttl 255", kIn, policy},
        {"icmp6 fe80::1 > fe80::2 type 137 ttl 255", kIn, policy},
        {"icmp6 fe80::1 > fe80::2 type 128 ttl 255", kOut, policy},
    };
    static constexpr const char* kDiscovery[] = {
        "icmp6 fe80::1 > fe80::2 type 133 ttl 255", "icmp6 fe80::1 > fe80::2 type 134 ttl 255",
        "icmp6 fe80::1 > fe80::2 type 135 ttl 255", "icmp6 fe80::1 > fe80::2 type 136 ttl 255"};
    for (const char* words : kDiscovery)
        for (const Direction direction : {kIn, kOut})
            cases.push_back({words, direction, nd});
    return cases;
}

std::vector<ActionCase> without_builtins() {
    std::vector<ActionCase> cases = builtin_cases();
    for (ActionCase& one : cases)
        one.expect = {Verdict::drop, "(policy)", "policy"};
    return cases;
}

}  // namespace

std::vector<Row> action_rows() {
    std::vector<Row> rows = rows_for("actions", kOrder, order_cases());
    append(rows, rows_for("bans", kBans, ban_cases()));
    append(rows, rows_for("bans", kProven, proven_cases()));
    append(rows, rows_for("builtins", kClosed, builtin_cases()));
    append(rows, rows_for("builtins off", kBare, without_builtins()));
    return rows;
}

}  // namespace yett::corpus
