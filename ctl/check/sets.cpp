// SPDX-License-Identifier: GPL-2.0-or-later
// Sets: names, entries, and the room there is.
#include <algorithm>

#include "abi/limits.h"
#include "base/pointer.hpp"
#include "base/quote.hpp"
#include "check/findings.hpp"
#include "model/names.hpp"

namespace yett {
namespace {

// Slot 0 is no set, and the sets of two generations fit side by side.
constexpr std::size_t kMostPortSets = (YETT_MAX_PORT_SET_SLOTS - 1) / 2;
constexpr std::size_t kMostInterfaceSets = (YETT_MAX_INTERFACE_SET_SLOTS - 1) / 2;

void check_ports(Findings& findings, const Set& set, const std::string& pointer) {
    for (std::size_t i = 0; i < set.ports.size() && !findings.full(); ++i) {
        const auto [first, last] = set.ports[i];
        const std::string at = pointer + '/' + std::to_string(i);
        if (first > kPortBounds.greatest || last > kPortBounds.greatest) {
            findings.error("out-of-range", at, "port is out of range", "ports go from 0 to 65535");
        } else if (first > last) {
            findings.error(
                "port-range", at, "port range is reversed",
                "did you mean \"" + std::to_string(last) + '-' + std::to_string(first) + "\"?");
        }
    }
}

void check_interfaces(Findings& findings, const Set& set, const std::string& pointer) {
    for (std::size_t i = 0; i < set.ifaces.size() && !findings.full(); ++i) {
        check_interface_name(findings, pointer + '/' + std::to_string(i), set.ifaces[i]);
    }
}

/// `pointer`: of the list.
void check_entries(Findings& findings, const Set& set, const std::string& pointer) {
    for (std::size_t i = 0; i < set.prefixes.size() && !findings.full(); ++i)
        check_prefix(findings, set.prefixes[i], pointer + '/' + std::to_string(i));
    check_ports(findings, set, pointer);
    check_interfaces(findings, set, pointer);
}

void check_timeout(Findings& findings, const Set& set, const std::string& pointer) {
    if (!set.timeout_seconds || may_expire(set.type)) return;
    findings.error("set-timeout", pointer + "/timeout",
                   "entries of a set of " + std::string(plural_of(set.type)) + " do not expire",
                   "remove the key \"timeout\"");
}

void check_room(Findings& findings, const Set& set, const std::string& pointer) {
    if (!set.max_entries) return;
    const std::string at = pointer + "/max_entries";
    const std::size_t entries = set.entries();
    if (*set.max_entries == 0 || *set.max_entries > YETT_MAX_SET_ENTRIES) {
        findings.error("out-of-range", at, "max_entries is out of range",
                       "it goes from 1 to " + std::to_string(YETT_MAX_SET_ENTRIES));
    } else if (entries > *set.max_entries) {
        findings.error("set-full", at,
                       "the set has " + std::to_string(entries) + " entries already",
                       "raise max_entries");
    }
}

void check_file(Findings& findings, const Set& set, const std::string& pointer) {
    const bool control = std::any_of(set.file.begin(), set.file.end(),
                                     [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (control || set.file.substr(0, 1) == "/" ||
        ("/" + set.file + "/").find("/../") != set.file.npos) {
        findings.error("set-file", pointer + "/file",
                       "the file of a set is named from the directory of lists on",
                       "like \"lists/bogons.netset\", without \"..\"");
    }
    if (set.min_entries && set.max_entries && *set.min_entries > *set.max_entries) {
        findings.error("out-of-range", pointer + "/min_entries",
                       "min_entries is greater than max_entries", "lower it");
    }
}

void check_set(Findings& findings, const std::string& name, const Set& set,
               const std::string& pointer) {
    if (!is_name(name)) {
        findings.error("name", pointer, quote(name) + " is no name for a set",
                       "1 to 63 of: A-Z a-z 0-9 . _ -");
        findings.at_key();
    }
    check_entries(findings, set, pointer + "/entries");
    check_timeout(findings, set, pointer);
    check_room(findings, set, pointer);
    check_file(findings, set, pointer);
}

void check_totals(Findings& findings, const Ruleset& ruleset) {
    std::size_t entries[2] = {}, macs = 0, port_sets = 0, interface_sets = 0;
    for (const auto& [name, set] : ruleset.sets) {
        for (const Prefix& prefix : set.prefixes) {
            ++entries[static_cast<unsigned>(prefix.address.family)];
        }
        macs += set.macs.size();
        port_sets += set.type == SetType::port;
        interface_sets += set.type == SetType::iface;
    }
    const auto too_many = [&](std::string_view what, std::size_t count, std::size_t most) {
        if (count <= most) return;
        findings.error("too-many", "/sets",
                       std::to_string(count) + ' ' + std::string(what) + " are too many",
                       "yett holds " + std::to_string(most));
        findings.at_key();
    };
    too_many("sets", ruleset.sets.size(), YETT_MAX_SETS);
    too_many("sets of ports", port_sets, kMostPortSets);
    too_many("sets of interfaces", interface_sets, kMostInterfaceSets);
    too_many("IPv4 entries in all sets", entries[0], YETT_MAX_SET_ENTRIES);
    too_many("IPv6 entries in all sets", entries[1], YETT_MAX_SET_ENTRIES);
    too_many("MAC addresses in all sets", macs, YETT_MAX_SET_ENTRIES);
}

}  // namespace

void check_sets(Findings& findings, const Scope& scope) {
    check_totals(findings, scope.ruleset);
    for (const auto& [name, set] : scope.ruleset.sets) {
        if (findings.full()) return;
        const std::string pointer = "/sets/" + pointer_token(name);
        check_set(findings, name, set, pointer);
        if (scope.sets.at(name) != &set) {
            findings.error("duplicate-name", pointer, "there are two sets " + quote(name));
            findings.at_key();
        }
    }
    const auto& tests = scope.ruleset.tests;
    for (std::size_t i = 0; i < tests.size() && !findings.full(); ++i)
        for (const auto& [name, set] : tests[i].sets)
            check_entries(findings, set,
                          "/tests/" + std::to_string(i) + "/sets/" + pointer_token(name));
}

}  // namespace yett
