// SPDX-License-Identifier: GPL-2.0-or-later
// Names of interfaces, patterns of them, and what a ruleset leaves open.
#include <algorithm>

#include "abi/limits.h"
#include "base/pointer.hpp"
#include "base/quote.hpp"
#include "check/check.hpp"
#include "check/findings.hpp"
#include "model/names.hpp"
#include "model/pattern.hpp"

namespace yett {
namespace {

constexpr const char* kGrammar = "at most 15 characters, no space, no '/' and no ':'";
constexpr const char* kInterfaceGrammar =
    "at most 15 characters, no space, no '/', no ':' and no leading '@'";

/// What somebody meant who writes names as another firewall takes them.
std::string hint_of(const std::string& name, bool patterns) {
    if (name == "any" || name == "all")
        return patterns ? "\"*\" is every interface but lo"
                        : "leave the key out: it then means every interface";
    if (name.starts_with('!'))
        return patterns ? "name those that are meant; \"*\" is every interface but lo"
                        : "take it out with \"not\": { \"iface\": " + quote(name.substr(1)) + " }";
    const bool wild = is_pattern(name) || name.ends_with('+');
    if (!wild) return patterns ? kGrammar : kInterfaceGrammar;
    if (!patterns)
        return "patterns stand in \"interfaces\" only: name each, or a set of type iface";
    return name.ends_with('+')
               ? "a pattern has a star: " + quote(name.substr(0, name.size() - 1) + '*')
               : kGrammar;
}

/// An exact name counts also where a pattern before it means the interface.
bool comes_too_late(const Ruleset& ruleset, std::size_t index) {
    const std::string& name = ruleset.attach[index].first;
    const auto begin = ruleset.attach.begin();
    return is_pattern(name) &&
           std::any_of(begin, begin + static_cast<long>(index), [&](const auto& earlier) {
               return is_pattern(earlier.first) && means_interface(earlier.first, name);
           });
}

/// Of two patterns, who knows; of a pattern and names, one of these must fit.
bool can_be_filtered(const Ruleset& ruleset, const std::string& name) {
    return std::any_of(ruleset.interfaces.begin(), ruleset.interfaces.end(), [&](const auto& one) {
        if (is_pattern(name)) return is_pattern(one) || means_interface(name, one);
        return means_interface(one, name);
    });
}

void check_attach(Findings& findings, const Ruleset& ruleset) {
    if (ruleset.attach.size() >= YETT_MAX_INTERFACES)
        return findings.error("too-many", "/attach",
                              std::to_string(ruleset.attach.size()) + " interfaces are too many",
                              "yett holds " + std::to_string(YETT_MAX_INTERFACES - 1));
    for (std::size_t i = 0; i < ruleset.attach.size() && !findings.full(); ++i) {
        const std::string& name = ruleset.attach[i].first;
        const std::string pointer = "/attach/" + pointer_token(name);
        if (!check_interface_name(findings, pointer, name, true)) {
            findings.at_key();
        } else if (comes_too_late(ruleset, i)) {
            findings.warning("no-effect", pointer,
                             "a pattern before " + quote(name) + " means the same interfaces",
                             "the first pattern that fits decides: put this one before it");
        } else if (!ruleset.interfaces.empty() && !can_be_filtered(ruleset, name)) {
            findings.warning("no-effect", pointer,
                             "nothing in \"interfaces\" is called " + quote(name),
                             "it holds only for what `yett attach` adds by hand");
        }
    }
}

}  // namespace

bool check_interface_name(Findings& findings, const std::string& pointer, const std::string& name,
                          bool patterns) {
    if (is_interface_name(name) || (patterns && is_interface_pattern(name))) return true;
    findings.error("interface-name", pointer, quote(name) + " is no name of an interface",
                   hint_of(name, patterns));
    return false;
}

void check_interfaces(Findings& findings, const Ruleset& ruleset) {
    const auto& names = ruleset.interfaces;
    if (names.size() >= YETT_MAX_INTERFACES) {
        findings.error("too-many", "/interfaces",
                       std::to_string(names.size()) + " interfaces are too many",
                       "yett holds " + std::to_string(YETT_MAX_INTERFACES - 1));
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string pointer = "/interfaces/" + std::to_string(i);
        if (!check_interface_name(findings, pointer, names[i], true)) continue;
        const auto here = names.begin() + static_cast<long>(i);
        if (std::find(names.begin(), here, names[i]) != here)
            findings.error("duplicate-name", pointer, quote(names[i]) + " stands twice");
        if (names[i] == "lo")
            findings.warning("loopback", pointer,
                             "lo is never filtered: this host talks to itself there",
                             "leave it out");
    }
    check_attach(findings, ruleset);
}

std::vector<Diagnostic> check_coverage(const Ruleset& ruleset) {
    Findings findings;
    if (ruleset.interfaces.empty())
        findings.warning("no-interfaces", "",
                         "there are no \"interfaces\": no packet is filtered by this file",
                         "\"interfaces\": [\"eth0\"], or [\"*\"] for every interface but lo");
    return findings.take();
}

}  // namespace yett
