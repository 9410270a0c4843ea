// SPDX-License-Identifier: GPL-2.0-or-later
// What a rule asks of one field, as a union of tests that a box can hold.
#pragma once

#include <cstdint>
#include <vector>

namespace yett {

/// Wide enough for an IPv6 address; every field's value is an unsigned number in host byte order.
__extension__ typedef unsigned __int128 FieldValue;

/// Membership in a set by its slot, or its opposite.
struct SetTest {
    std::uint16_t slot = 0;
    bool inverted = false;
    auto operator<=>(const SetTest&) const = default;
};

/// A conjunction of tests of one field that is present: first <= value <= last, (value & mask) ==
/// flags, and every set test. first > last, or flags with bits outside mask: no value passes
/// ("empty").
struct Alternative {
    FieldValue first = 0;
    FieldValue last = 0;
    std::uint8_t mask = 0;
    std::uint8_t flags = 0;
    std::vector<SetTest> sets;  ///< sorted, each once

    auto operator<=>(const Alternative&) const = default;
    [[nodiscard]] bool empty() const { return first > last || (flags & ~mask) != 0; }
};

/// True for a field whose value passes one of `present`, and for an absent field when `absent` is
/// set. A field that exists but cannot be read makes every constraint unknown.
struct Constraint {
    std::vector<Alternative> present;
    bool absent = false;

    bool operator==(const Constraint&) const = default;
};

/// No value at all.
Alternative empty_alternative();
/// Every value up to `most`.
Alternative full_alternative(FieldValue most);
[[nodiscard]] bool is_full(const Alternative& alternative, FieldValue most);

/// Sorts, drops empty alternatives, and unites touching ranges that differ in nothing else. Sound
/// in all three states of the field: a known value is in A or in B exactly when it is in their
/// union; an unknown field makes both sides unknown, an absent one both false.
void normalize(std::vector<Alternative>& alternatives);

/// AND. May lose every alternative; the field must still be present then, which no known value
/// satisfies.
Constraint both(const Constraint& a, const Constraint& b);
/// NOT, for a constraint that does not hold of an absent field (every key of a rule file): its
/// opposite does.
Constraint opposite(const Constraint& constraint, FieldValue most);

}  // namespace yett
