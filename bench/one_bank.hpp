// SPDX-License-Identifier: GPL-2.0-or-later
// The shortest way from the text of rules to a data plane that judges by them.
#pragma once

#include <string>

#include "apply/banks.hpp"
#include "apply/slots.hpp"
#include "json/reader.hpp"

namespace yett::bench {

/// `sections`: "rules" and what they need, as members of a ruleset that drops and has no built-ins.
inline Result<Slots> load_rules(DataPlane& plane, const std::string& sections) {
    const auto document = read_ruleset(
        R"({"version": 1, "name": "bench", "policy": {"ingress": "drop", "egress": "pass"},
 "builtins": {"builtin-arp": false, "builtin-nd": false, "builtin-dhcp-client": false,
  "builtin-mld": false, "builtin-igmp": false, "builtin-link": false},)" +
        sections + "}");
    if (!document.ok()) return Error{ErrorKind::internal, "the ruleset is wrong", ""};
    auto slots = allocate_slots({}, document.ruleset, {});
    if (!slots) return slots.error();
    const auto tables = compile(document.ruleset, *slots);
    if (!tables) return tables.error();
    auto banks = Banks::open(plane);
    if (!banks) return banks.error();
    if (auto done = banks->write(plane, 1, *tables, 1); !done) return done.error();
    plane.set_word(to_word(1, 1));
    return slots;
}

}  // namespace yett::bench
