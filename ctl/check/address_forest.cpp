// SPDX-License-Identifier: GPL-2.0-or-later
// Sorted prefixes stand behind those that hold them.
#include "check/address_forest.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

namespace yett {
namespace {

std::size_t mix(std::size_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

std::size_t mix(std::size_t hash, const Address& address) {
    std::uint64_t halves[2];
    std::memcpy(halves, address.octets.data(), sizeof halves);
    return mix(mix(hash, halves[0]), halves[1] + static_cast<std::uint64_t>(address.family));
}

struct Hash {
    std::size_t operator()(const AddressTest* test) const {
        if (const auto* prefix = std::get_if<Prefix>(test))
            return mix(mix(prefix->length, prefix->address), 1);
        if (const auto* range = std::get_if<AddressRange>(test))
            return mix(mix(mix(0, range->first), range->last), 2);
        return mix(std::hash<std::string>()(std::get<SetReference>(*test).name), 3);
    }
};

struct Equal {
    bool operator()(const AddressTest* a, const AddressTest* b) const { return *a == *b; }
};

bool holds(const AddressTest& outer, const AddressTest& inner) {
    const auto* wide = std::get_if<Prefix>(&outer);
    const auto* narrow = std::get_if<Prefix>(&inner);
    return wide && narrow && wide->address.family == narrow->address.family &&
           wide->length <= narrow->length && contains(*wide, narrow->address);
}

}  // namespace

AddressForest::AddressForest(const std::vector<Rule>& rules, std::vector<AddressTest> Match::*key) {
    std::unordered_map<const AddressTest*, NodeOf, Hash, Equal> known;
    std::vector<const AddressTest*> distinct{nullptr};  // by node
    begins_.reserve(rules.size() + 1);
    for (const Rule& rule : rules) {
        begins_.push_back(nodes_.size());
        const auto& tests = rule.match.*key;
        if (tests.empty()) nodes_.push_back(kAnyNode);
        for (const AddressTest& test : tests) {
            const auto next = static_cast<NodeOf>(distinct.size());
            const auto [place, fresh] = known.emplace(&test, next);
            if (fresh) distinct.push_back(&test);
            nodes_.push_back(place->second);
        }
    }
    begins_.push_back(nodes_.size());
    find_parents(std::move(distinct));
}

void AddressForest::find_parents(std::vector<const AddressTest*> distinct) {
    parents_.assign(distinct.size(), kAnyNode);
    parents_[kAnyNode] = kNoNode;
    std::vector<NodeOf> order(distinct.size() - 1);
    std::iota(order.begin(), order.end(), kAnyNode + 1);
    std::sort(order.begin(), order.end(),
              [&](NodeOf a, NodeOf b) { return *distinct[a] < *distinct[b]; });
    std::vector<NodeOf> open;  // prefixes around the current one, the widest first
    for (const NodeOf node : order) {
        while (!open.empty() && !holds(*distinct[open.back()], *distinct[node]))
            open.pop_back();
        if (!open.empty()) parents_[node] = open.back();
        open.push_back(node);
    }
}

}  // namespace yett
