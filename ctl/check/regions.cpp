// SPDX-License-Identifier: GPL-2.0-or-later
// Regions without regions. In one class a test of a field that no packet has fails; one of a field
// that cannot be read is unknown: rules that take match on it, others do not, and in "not" it is
// the other way round (Kleene's logic, ctl/model/README.md). So of each rule in each class remain
// tests of fields that are known.
#include "check/regions.hpp"

#include <algorithm>

#include "abi/fields.h"
#include "model/protocol.hpp"

namespace yett {
namespace {

FieldValue greatest(std::uint32_t field, const PacketClass& packets) {
    switch (field) {
        case YETT_FIELD_SRC:
        case YETT_FIELD_DST:
            return packets.family == Family::ipv6 ? ~FieldValue{0} : FieldValue{UINT32_MAX};
        case YETT_FIELD_IFACE:
            return UINT32_MAX;  // beyond those with a number: any other
        case YETT_FIELD_SMAC:
        case YETT_FIELD_DMAC:
            return FieldValue{1} << 48;  // that: a link without MAC addresses
        case YETT_FIELD_DIRECTION:
            return 1;
        case YETT_FIELD_FRAGMENT:
            return 2;
        case YETT_FIELD_STATE:
            return YETT_STATE_COUNT - 1;
        case YETT_FIELD_DSCP:
            return 63;
        case YETT_FIELD_VLAN:
            return 4094;
        case YETT_FIELD_PROTO:
        case YETT_FIELD_TCP_FLAGS:
        case YETT_FIELD_ICMP_TYPE:
        case YETT_FIELD_ICMP_CODE:
        case YETT_FIELD_TTL:
            return 255;
        default:
            return 65535;
    }
}

Intervals both(const Intervals& one, const Intervals& other) {
    Intervals out;
    std::size_t i = 0, j = 0;
    while (i < one.size() && j < other.size()) {
        const Interval shared{std::max(one[i].first, other[j].first),
                              std::min(one[i].last, other[j].last)};
        if (shared.first <= shared.last) out.push_back(shared);
        one[i].last < other[j].last ? ++i : ++j;
    }
    return out;
}

Intervals only_first(const Intervals& one, const Intervals& other) {
    Intervals out;
    std::size_t j = 0;
    for (Interval rest : one) {
        while (j < other.size() && other[j].last < rest.first)
            ++j;
        bool over = false;
        for (std::size_t k = j; k < other.size() && other[k].first <= rest.last && !over; ++k) {
            if (other[k].first > rest.first) out.push_back({rest.first, other[k].first - 1});
            over = other[k].last >= rest.last;
            if (!over) rest.first = other[k].last + 1;
        }
        if (!over) out.push_back(rest);
    }
    return out;
}

bool has(const std::vector<std::uint32_t>& list, std::uint32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

Intervals exactly(FieldValue value) {
    return {{value, value}};
}

}  // namespace

Region::Region(const PacketClass& packets) : class_(&packets) {
    if (!packets.protocols.empty()) parts_.push_back({YETT_FIELD_PROTO, packets.protocols, {}, {}});
    if (!packets.family) return;
    const bool ipv4 = packets.family == Family::ipv4;
    parts_.push_back({YETT_FIELD_FAMILY, exactly(ipv4 ? 0 : 1), {}, {}});
    parts_.push_back(
        {YETT_FIELD_ETHERTYPE, exactly(ipv4 ? kEthertypeIpv4 : kEthertypeIpv6), {}, {}});
}

std::optional<Region::Tests> Region::tests_of(const TestedMatch& match, bool unknown_holds) const {
    if (match.fields & ~(class_->known | class_->unknown)) return std::nullopt;
    if (match.fields & class_->unknown && !unknown_holds) return std::nullopt;
    Tests tests;
    for (const FieldTest& test : match.tests)
        if (class_->known >> test.field & 1) tests.push_back(&test);
    return tests;
}

const Intervals& Region::intervals_of(const FieldTest& test) const {
    const bool address = test.field == YETT_FIELD_SRC || test.field == YETT_FIELD_DST;
    return test.intervals[address && class_->family == Family::ipv6 ? 1 : 0];
}

FieldPart Region::part(std::uint32_t field) const {
    for (const FieldPart& part : parts_)
        if (part.field == field) return part;
    return {field, {{0, greatest(field, *class_)}}, {}, {}};
}

Region Region::with(FieldPart part) const {
    Region out = *this;
    for (FieldPart& old : out.parts_) {
        if (old.field != part.field) continue;
        old = std::move(part);
        return out;
    }
    out.parts_.push_back(std::move(part));
    return out;
}

bool Region::misses(const FieldTest& test) const {
    if (!test.sets.empty()) return false;
    return both(part(test.field).intervals, intervals_of(test)).empty();
}

/// Inside one value or the other, each packet in one piece.
void Region::split(const FieldTest& test, Split& result) const {
    const Intervals& wanted = intervals_of(test);
    FieldPart now = part(test.field);
    FieldPart within = now;
    within.intervals = both(now.intervals, wanted);
    if (!within.intervals.empty()) result.inside.push_back(with(std::move(within)));
    now.intervals = only_first(now.intervals, wanted);
    if (now.intervals.empty()) return;
    for (const std::uint32_t set : test.sets) {
        if (has(now.out, set)) continue;
        if (has(now.in, set)) return result.inside.push_back(with(std::move(now)));
        FieldPart member = now;
        member.in.push_back(set);
        result.inside.push_back(with(std::move(member)));
        now.out.push_back(set);
    }
    result.outside.push_back(with(std::move(now)));
}

Region::Split Region::split(const Tests& tests) const {
    Split result;
    if (std::any_of(tests.begin(), tests.end(), [&](const FieldTest* t) { return misses(*t); })) {
        result.outside = {*this};
        return result;
    }
    result.inside = {*this};
    for (const FieldTest* test : tests) {
        Split next;
        next.outside = std::move(result.outside);
        for (const Region& piece : result.inside)
            piece.split(*test, next);
        result = std::move(next);
    }
    return result;
}

std::vector<Region> Region::matched_by(const TestedRule& rule) const {
    const auto tests = tests_of(rule.match, rule.takes);
    if (!tests) return {};
    std::vector<Region> pieces = split(*tests).inside;
    for (const TestedMatch& negated : rule.negated) {
        const auto excluded = tests_of(negated, !rule.takes);
        if (!excluded) continue;
        std::vector<Region> rest;
        for (const Region& piece : pieces)
            for (Region& left : piece.split(*excluded).outside)
                rest.push_back(std::move(left));
        pieces = std::move(rest);
    }
    return pieces;
}

std::optional<std::vector<Region>> Region::without(const TestedRule& rule) const {
    const auto tests = tests_of(rule.match, rule.takes);
    if (!tests) return std::nullopt;
    Split all = split(*tests);
    if (all.inside.empty()) return std::nullopt;
    for (const TestedMatch& negated : rule.negated) {
        const auto excluded = tests_of(negated, !rule.takes);
        if (!excluded) continue;
        for (const Region& piece : all.inside)
            for (Region& left : piece.split(*excluded).inside)
                all.outside.push_back(std::move(left));
    }
    return std::move(all.outside);
}

}  // namespace yett
