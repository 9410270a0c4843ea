// SPDX-License-Identifier: GPL-2.0-or-later
// From the keys of a match to intervals of numbers.
#include <algorithm>

#include "abi/fields.h"
#include "check/regions.hpp"

namespace yett {
namespace {

FieldValue to_number(const Address& address) {
    FieldValue value = 0;
    for (unsigned i = 0; i < address.bits() / 8; ++i)
        value = value << 8 | address.octets[i];
    return value;
}

unsigned index_of(Family family) {
    return family == Family::ipv4 ? 0 : 1;
}

void add(Intervals& intervals, FieldValue first, FieldValue last) {
    if (first <= last) intervals.push_back({first, last});
}

void add_value(FieldTest& test, const Prefix& prefix) {
    if (prefix.length > prefix.address.bits()) return;
    const AddressRange range = to_range(prefix);
    add(test.intervals[index_of(prefix.address.family)], to_number(range.first),
        to_number(range.last));
}
void add_value(FieldTest& test, const AddressRange& range) {
    if (range.first.family != range.last.family) return;
    add(test.intervals[index_of(range.first.family)], to_number(range.first),
        to_number(range.last));
}
void add_value(FieldTest& test, const NumberRange& range) {
    add(test.intervals[0], range.first, range.last);
}
void add_value(FieldTest& test, const MacRange& range) {
    add(test.intervals[0], range.first, range.last);
}
void add_value(FieldTest& test, const FlagsTest& flags) {
    for (unsigned value = 0; value < 256; ++value)
        if ((value & flags.mask) == flags.value) add(test.intervals[0], value, value);
}
/// Directions, families, kinds of fragments, states.
template <typename Enum>
void add_value(FieldTest& test, Enum value) {
    const auto number = static_cast<FieldValue>(value);
    add(test.intervals[0], number, number);
}

/// Sorted, and what touches or overlaps is one.
void join(Intervals& intervals) {
    std::sort(intervals.begin(), intervals.end(),
              [](const Interval& a, const Interval& b) { return a.first < b.first; });
    std::size_t kept = 0;
    for (std::size_t i = 1; i < intervals.size(); ++i) {
        Interval& before = intervals[kept];
        if (intervals[i].first <= before.last || intervals[i].first - before.last == 1)
            before.last = std::max(before.last, intervals[i].last);
        else
            intervals[++kept] = intervals[i];
    }
    if (!intervals.empty()) intervals.resize(kept + 1);
}

bool meet(const Intervals& one, const Intervals& other) {
    std::size_t i = 0, j = 0;
    while (i < one.size() && j < other.size()) {
        if (one[i].last < other[j].first)
            ++i;
        else if (other[j].last < one[i].first)
            ++j;
        else
            return true;
    }
    return false;
}

bool is_short(const TestedMatch& match) {
    constexpr std::size_t kMostSets = 8, kMostIntervals = 1024;
    return std::all_of(match.tests.begin(), match.tests.end(), [](const FieldTest& test) {
        return test.sets.size() <= kMostSets &&
               test.intervals[0].size() + test.intervals[1].size() <= kMostIntervals;
    });
}

template <typename Number>
struct ValueAdder {
    FieldTest& test;
    Number number;

    void operator()(const SetReference& set) const { test.sets.push_back(number("@" + set.name)); }
    void operator()(const std::string& interface) const {
        const std::uint32_t value = number(interface);
        test.intervals[0].push_back({value, value});
    }
    template <typename Value>
    void operator()(const Value& value) const {
        add_value(test, value);
    }
};

}  // namespace

std::uint32_t RuleTests::number(const std::string& name) {
    return numbers_.emplace(name, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

TestedMatch RuleTests::of(const Match& match) {
    TestedMatch out;
    const auto key = [&](std::uint32_t field, const auto& values) {
        if (values.empty()) return;
        FieldTest& test = out.tests.emplace_back();
        test.field = field;
        out.fields |= 1u << field;
        const auto to_number = [this](const std::string& name) { return number(name); };
        const ValueAdder<decltype(to_number)> add_to{test, to_number};
        for (const auto& value : values) {
            if constexpr (requires { value.index(); })
                std::visit(add_to, value);
            else
                add_to(value);
        }
        join(test.intervals[0]);
        join(test.intervals[1]);
    };
    key(YETT_FIELD_IFACE, match.iface);
    key(YETT_FIELD_DIRECTION, match.direction);
    key(YETT_FIELD_FAMILY, match.family);
    key(YETT_FIELD_PROTO, match.proto);
    key(YETT_FIELD_DPORT, match.dport);
    key(YETT_FIELD_SRC, match.src);
    key(YETT_FIELD_DST, match.dst);
    key(YETT_FIELD_SPORT, match.sport);
    key(YETT_FIELD_ETHERTYPE, match.ethertype);
    key(YETT_FIELD_VLAN, match.vlan);
    key(YETT_FIELD_SMAC, match.smac);
    key(YETT_FIELD_DMAC, match.dmac);
    key(YETT_FIELD_TCP_FLAGS, match.tcp_flags);
    key(YETT_FIELD_ICMP_TYPE, match.icmp_type);
    key(YETT_FIELD_ICMP_CODE, match.icmp_code);
    key(YETT_FIELD_LEN, match.len);
    key(YETT_FIELD_TTL, match.ttl);
    key(YETT_FIELD_DSCP, match.dscp);
    key(YETT_FIELD_FRAGMENT, match.fragment);
    key(YETT_FIELD_STATE, match.state);
    return out;
}

TestedRule RuleTests::of(const Rule& rule) {
    TestedRule out;
    constexpr std::size_t kMostNegated = 8;
    out.match = of(rule.match);
    out.is_short = is_short(out.match) && rule.match.negated.size() <= kMostNegated;
    if (!out.is_short) return out;
    for (const Match& part : rule.match.negated) {
        out.negated.push_back(of(part));
        out.is_short = out.is_short && is_short(out.negated.back());
    }
    out.takes = rule.action != ActionKind::pass && rule.action != ActionKind::count;
    return out;
}

bool never_meet(const TestedMatch& one, const TestedMatch& other) {
    if ((one.fields & other.fields) == 0) return false;
    for (const FieldTest& a : one.tests) {
        if ((other.fields >> a.field & 1) == 0 || !a.sets.empty()) continue;
        for (const FieldTest& b : other.tests)
            if (a.field == b.field && b.sets.empty() && !meet(a.intervals[0], b.intervals[0]) &&
                !meet(a.intervals[1], b.intervals[1]))
                return true;
    }
    return false;
}

}  // namespace yett
