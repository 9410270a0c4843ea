// SPDX-License-Identifier: GPL-2.0-or-later
// From a match and a packet in words to rows.
#include "packet/match.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "model/packet.hpp"

namespace yett::corpus {
namespace {

void replace(std::string& text, const std::string& what, const std::string& with) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::string in_family(std::string text, Family family) {
    const bool v4 = family == Family::ipv4;
    const auto host = [v4](const char* four, const char* six) {
        return v4 ? std::string(four) : fmt::format("[{}]", six);
    };
    replace(text, "$s", host(kSource4, kSource6));
    replace(text, "$d", host(kHost4, kHost6));
    replace(text, "$n", v4 ? "203.0.113.0/24" : "2001:db8:1::/48");
    replace(text, "$r", v4 ? "203.0.113.8-203.0.113.9" : "2001:db8:1::8-2001:db8:1::9");
    replace(text, "$e", v4 ? "8" : "128");
    replace(text, "$q", v4 ? "0" : "129");
    if (!v4 && text.starts_with("icmp ")) text.replace(0, 4, "icmp6");
    return text;
}

bool matches(Hit hit, Verdict action, Direction direction, Family family) {
    switch (hit) {
        case Hit::no:
            return false;
        case Hit::yes:
            return true;
        case Hit::ingress:
            return direction == Direction::ingress;
        case Hit::egress:
            return direction == Direction::egress;
        case Hit::v4_only:
            return family == Family::ipv4;
        case Hit::v6_only:
            return family == Family::ipv6;
        default:
            return action == Verdict::drop;
    }
}

std::string ruleset_of(const std::string& match, Verdict action) {
    return fmt::format(
        R"({{"version": 1, "name": "match", "interfaces": ["eth0", "eth1"],
 "policy": {{"ingress": "{1}", "egress": "{1}"}}, "exceptions": {{"frag_later": "pass"}}, "fragments": "drop",
 "builtins": {{"builtin-arp": false, "builtin-nd": false, "builtin-dhcp-client": false,
  "builtin-mld": false, "builtin-igmp": false, "builtin-link": false}},
 "sets": {{"nets": {{"type": "prefix", "entries": ["203.0.113.0/25", "2001:db8:1::/64"]}},
  "none": {{"type": "prefix", "entries": ["198.51.100.0/24", "2001:db8:bad::/48"]}},
  "web": {{"type": "port", "entries": [80, 443, "8000-8100"]}},
  "high": {{"type": "port", "entries": ["32768-65535"]}},
  "macs": {{"type": "mac", "entries": ["02:00:00:00:00:01", "02:00:5e:00:00:00/24"]}},
  "strangers": {{"type": "mac", "entries": ["02:00:00:00:00:09", "ff:ff:ff:ff:ff:ff"]}},
  "inside": {{"type": "iface", "entries": ["wlan7", "eth0"]}},
  "outside": {{"type": "iface", "entries": ["eth1"]}}}},
 "rules": [{{"name": "probe", "match": {{{2}}}, "action": "{0}"}}]}})",
        action == Verdict::pass ? "pass" : "drop", action == Verdict::pass ? "drop" : "pass",
        match);
}

}  // namespace

std::vector<Row> rows_of(const std::string& subject, const MatchCase& one, Family family) {
    const std::string words = in_family(one.packet, family);
    const std::string match = in_family(one.match, family);
    const auto packet = parse_packet(words);
    if (!packet) throw std::invalid_argument(words + ": " + packet.error().message);
    std::vector<Row> rows;
    for (const Verdict action : {Verdict::drop, Verdict::pass})
        for (const Direction direction : {Direction::ingress, Direction::egress}) {
            const bool hit = matches(one.hit, action, direction, family);
            const Verdict other = action == Verdict::pass ? Verdict::drop : Verdict::pass;
            Row row = {.subject = subject,
                       .name = fmt::format("{} {{{}}} on {}: {}",
                                           action == Verdict::pass ? "pass" : "drop", match,
                                           one.iface, words),
                       .ruleset = ruleset_of(match, action),
                       .frame = to_frame(*packet),
                       .iface = one.iface,
                       .words = words};
            row.hooks = direction == Direction::egress
                            ? std::vector{Hook::tc_egress}
                            : std::vector{Hook::xdp_ingress, Hook::tc_ingress};
            row.expect =
                hit ? Expect{action, "probe", "rule"} : Expect{other, "(policy)", "policy"};
            if (packet->fragment == FragmentKind::later) row.also = {"reason frag_later passed"};
            rows.push_back(std::move(row));
        }
    return rows;
}

}  // namespace yett::corpus
