// SPDX-License-Identifier: GPL-2.0-or-later
// What the packets of one rule list have in common, so that the compiler can decide tests before
// any packet comes.
#pragma once

#include <cstdint>
#include <optional>

#include "abi/fields.h"
#include "compile/constraint.hpp"
#include "model/ruleset.hpp"

namespace yett {

/// One list of boxes: packets of one direction and one enum yett_family.
struct ListScope {
    Direction direction = Direction::ingress;
    yett_family family = YETT_FAMILY_OTHER;
    std::uint32_t readable = 0;  ///< YETT_FIELD_BIT of fields that every packet has, and known
    std::uint32_t existing = 0;  ///< of fields that every packet has, perhaps unknown
    std::uint32_t missing = 0;   ///< of fields that no packet has, not even unknown
};

/// `exceptions` says which unreadable packets come to the rules at all.
ListScope scope_of(Direction direction, yett_family family, const Ruleset& ruleset);

/// The one value that a field has in all packets of the scope, if there is one.
std::optional<FieldValue> fixed_value(const ListScope& scope, yett_field field);
/// The greatest value of a field. Addresses: of the scope's family.
FieldValue greatest_value(const ListScope& scope, yett_field field);

}  // namespace yett
