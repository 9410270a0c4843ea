// SPDX-License-Identifier: GPL-2.0-or-later
// Fails when a match key has no row that hits, or none that misses, on some hook in some family.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "abi/fields.h"
#include "json/reader.hpp"
#include "model/packet.hpp"
#include "packet/row.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kKeys[] = {
#define YETT_KEY(name, text) text,
    YETT_FIELDS(YETT_KEY)
#undef YETT_KEY
};

/// Key, hook, family, hit.
using Cell = std::tuple<std::string, std::string, std::string, bool>;

/// Combinations that no packet can show, each with its reason.
const std::set<Cell> kStruck = {};

std::set<std::string> keys_of(const Match& match) {
    std::set<std::string> keys;
    const auto note = [&keys](const char* key, const auto& list) {
        if (!list.empty()) keys.insert(key);
    };
    note("iface", match.iface);
    note("direction", match.direction);
    note("family", match.family);
    note("ethertype", match.ethertype);
    note("vlan", match.vlan);
    note("smac", match.smac);
    note("dmac", match.dmac);
    note("src", match.src);
    note("dst", match.dst);
    note("proto", match.proto);
    note("sport", match.sport);
    note("dport", match.dport);
    note("tcp_flags", match.tcp_flags);
    note("icmp_type", match.icmp_type);
    note("icmp_code", match.icmp_code);
    note("len", match.len);
    note("ttl", match.ttl);
    note("dscp", match.dscp);
    note("fragment", match.fragment);
    note("state", match.state);
    for (const Match& part : match.negated)
        keys.merge(keys_of(part));
    return keys;
}

std::set<Cell> covered() {
    std::set<Cell> cells;
    for (const auto& rows : {match_rows(), match_family_rows()})
        for (const Row& row : rows) {
            const Document document = read_ruleset(row.ruleset);
            const auto packet = parse_packet(row.words);
            const std::string family = packet->family ? name_of(*packet->family) : "other";
            for (const std::string& key : keys_of(document.ruleset.rules.at(0).match))
                for (const Hook hook : row.hooks)
                    cells.emplace(key, name_of(hook), family, row.expect.rule == "probe");
        }
    return cells;
}

TEST(Coverage, every_match_key_hits_and_misses_on_every_hook_in_every_family) {
    const std::set<Cell> cells = covered();
    for (const std::string key : kKeys)
        for (const Hook hook : kHooks)
            for (const std::string family : {"v4", "v6", "other"})
                for (const bool hit : {true, false}) {
                    const Cell cell = {key, name_of(hook), family, hit};
                    EXPECT_TRUE(cells.contains(cell) || kStruck.contains(cell))
                        << key << " on " << name_of(hook) << " in " << family << " has no "
                        << (hit ? "hit" : "miss");
                }
}

}  // namespace
}  // namespace yett::corpus
