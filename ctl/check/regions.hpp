// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/check: what rules match, as regions that can be taken away from one another. A packet
// has a value a field; for sets, whose content changes at any time, it is "in it" or "not in it".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"

namespace yett {

using FieldValue = unsigned __int128;

/// Both ends inclusive.
struct Interval {
    FieldValue first = 0, last = 0;
};
/// Sorted, without overlap.
using Intervals = std::vector<Interval>;

/// Packets of which the same fields can be read, exist unread, or do not exist.
struct PacketClass {
    std::optional<Family> family;
    std::uint32_t known = 0, unknown = 0;  ///< YETT_FIELD_BIT, as in PacketView
    Intervals protocols;                   ///< where PROTO is known
};

/// The classes that come to the rules of a ruleset, those first of which everything can be read.
struct PacketClasses {
    explicit PacketClasses(const Ruleset& ruleset);
    std::vector<PacketClass> all;
    std::size_t readable = 0;  ///< that many of them have nothing unknown
    [[nodiscard]] bool any_unreadable() const { return readable < all.size(); }
};

/// One key: its value lies in an interval, or in one of the sets.
struct FieldTest {
    std::uint32_t field = 0;
    Intervals intervals[2];  ///< of addresses by family, of all else the first
    std::vector<std::uint32_t> sets;
};

struct TestedMatch {
    std::uint32_t fields = 0;
    std::vector<FieldTest> tests;
};

struct TestedRule {
    TestedMatch match;
    std::vector<TestedMatch> negated;
    bool takes = false;  ///< it matches also on what cannot be read
    /// Not so many values that taking it from a region would cost much.
    bool is_short = true;
};

/// Gives interfaces and sets their numbers.
class RuleTests {
  public:
    TestedRule of(const Rule& rule);

  private:
    TestedMatch of(const Match& match);
    std::uint32_t number(const std::string& name);

    std::unordered_map<std::string, std::uint32_t> numbers_;
};

/// No packet passes both. False: maybe one does.
bool never_meet(const TestedMatch& one, const TestedMatch& other);

/// What is left of one field.
struct FieldPart {
    std::uint32_t field = 0;
    Intervals intervals;
    std::vector<std::uint32_t> in, out;  ///< sets
};

/// Packets of one class: all fields hold at once.
class Region {
  public:
    explicit Region(const PacketClass& packets);

    /// What the rule matches in that class, in pieces.
    [[nodiscard]] std::vector<Region> matched_by(const TestedRule& rule) const;
    /// The pieces that the rule leaves; none given: it takes nothing.
    [[nodiscard]] std::optional<std::vector<Region>> without(const TestedRule& rule) const;

  private:
    using Tests = std::vector<const FieldTest*>;
    struct Split {
        std::vector<Region> inside, outside;
    };

    [[nodiscard]] std::optional<Tests> tests_of(const TestedMatch& match, bool unknown_holds) const;
    [[nodiscard]] const Intervals& intervals_of(const FieldTest& test) const;
    [[nodiscard]] FieldPart part(std::uint32_t field) const;
    [[nodiscard]] Region with(FieldPart part) const;
    [[nodiscard]] bool misses(const FieldTest& test) const;
    [[nodiscard]] Split split(const Tests& tests) const;
    void split(const FieldTest& test, Split& result) const;

    const PacketClass* class_;
    std::vector<FieldPart> parts_;  ///< of fields that are limited
};

}  // namespace yett
