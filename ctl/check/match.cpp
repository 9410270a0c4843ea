// SPDX-License-Identifier: GPL-2.0-or-later
// The values of one match: bounds, order, sets that exist.
#include <algorithm>

#include "base/quote.hpp"
#include "base/suggest.hpp"
#include "check/findings.hpp"
#include "model/names.hpp"
#include "model/pattern.hpp"
#include "model/protocol.hpp"
#include "model/ranges.hpp"

namespace yett {
namespace {

class MatchCheck {
  public:
    MatchCheck(Findings& findings, const Scope& scope, std::string pointer)
        : findings_(findings), scope_(scope), pointer_(std::move(pointer)) {}

    void values(const Match& match) {
        interfaces(match.iface);
        macs("smac", match.smac);
        macs("dmac", match.dmac);
        numbers("ethertype", match.ethertype, kEthertypeBounds);
        numbers("vlan", match.vlan, kVlanBounds);
        addresses("src", match.src);
        addresses("dst", match.dst);
        numbers("proto", match.proto, kProtocolBounds);
        read_through(match.proto);
        ports("sport", match.sport);
        ports("dport", match.dport);
        flags(match.tcp_flags);
        numbers("icmp_type", match.icmp_type, kOctetBounds);
        numbers("icmp_code", match.icmp_code, kOctetBounds);
        numbers("len", match.len, kLengthBounds);
        numbers("ttl", match.ttl, kOctetBounds);
        numbers("dscp", match.dscp, kDscpBounds);
    }

  private:
    [[nodiscard]] std::string at(std::string_view key, std::size_t i) const {
        return pointer_ + '/' + std::string(key) + '/' + std::to_string(i);
    }

    void interfaces(const std::vector<InterfaceTest>& tests) {
        for (std::size_t i = 0; i < tests.size() && !findings_.full(); ++i) {
            if (const auto* set = std::get_if<SetReference>(&tests[i])) {
                reference("iface", i, set->name, SetType::iface);
            } else {
                interface(i, std::get<std::string>(tests[i]));
            }
        }
    }

    void interface(std::size_t i, const std::string& name) {
        const auto& known = scope_.ruleset.interfaces;
        if (!check_interface_name(findings_, at("iface", i), name)) return;
        if (!known.empty() && name != "lo" && !findings_.full_of_warnings() &&
            !any_means(known, name)) {
            // No name is put in its place: eth0 in place of eth1 may be the side of the internet.
            findings_.warning("other-interface", at("iface", i),
                              quote(name) + " is not among \"interfaces\" of this file",
                              "add it there, or the rule sees no packet by that name");
        }
    }

    void macs(std::string_view key, const std::vector<MacTest>& tests) {
        for (std::size_t i = 0; i < tests.size() && !findings_.full(); ++i)
            if (const auto* set = std::get_if<SetReference>(&tests[i]))
                reference(key, i, set->name, SetType::mac);
    }

    void number(std::string_view key, std::size_t i, const NumberRange& range, Bounds bounds) {
        const bool port = key == "sport" || key == "dport";
        if (range.first < bounds.least || range.last > bounds.greatest ||
            range.first > bounds.greatest) {
            findings_.error("out-of-range", at(key, i), std::string(key) + " is out of range",
                            std::string(key) + " goes from " + std::to_string(bounds.least) +
                                " to " + std::to_string(bounds.greatest));
        } else if (range.first > range.last) {
            const std::string name(port ? "port" : key);
            findings_.error(name + "-range", at(key, i), name + " range is reversed",
                            "did you mean \"" + std::to_string(range.last) + '-' +
                                std::to_string(range.first) + "\"?");
        }
    }

    void numbers(std::string_view key, const std::vector<NumberRange>& list, Bounds bounds) {
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i)
            number(key, i, list[i], bounds);
    }

    /// Rules see what is behind it.
    void read_through(const std::vector<NumberRange>& list) {
        for (std::size_t i = 0; i < list.size(); ++i)
            if (list[i].first == kProtocolAh && list[i].last == kProtocolAh)
                findings_.warning("read-through", at("proto", i),
                                  "ah is a header that is read through: no packet is of it",
                                  "name the protocol behind it, such as tcp or ipip");
    }

    void ports(std::string_view key, const std::vector<PortTest>& list) {
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            if (const auto* range = std::get_if<NumberRange>(&list[i])) {
                number(key, i, *range, kPortBounds);
            } else {
                reference(key, i, std::get<SetReference>(list[i]).name, SetType::port);
            }
        }
    }

    void addresses(std::string_view key, const std::vector<AddressTest>& list) {
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            if (const auto* prefix = std::get_if<Prefix>(&list[i])) {
                check_prefix(findings_, *prefix, at(key, i));
            } else if (const auto* range = std::get_if<AddressRange>(&list[i])) {
                address_range(*range, at(key, i));
            } else {
                reference(key, i, std::get<SetReference>(list[i]).name, SetType::prefix);
            }
        }
    }

    void address_range(const AddressRange& range, const std::string& pointer) {
        if (range.first.family != range.last.family) {
            findings_.error("address-range", pointer, "the ends of the range differ in family");
        } else if (range.last < range.first) {
            findings_.error(
                "address-range", pointer, "address range is reversed",
                "did you mean \"" + to_text(AddressRange{range.last, range.first}) + "\"?");
        } else if (const auto four = ipv4_inside(range)) {
            findings_.error(
                "mapped-address", pointer,
                to_text(range) + " is IPv4 written as IPv6, and matches no packet of IPv4",
                "write \"" + to_text(*four) + "\"");
        }
    }

    void reference(std::string_view key, std::size_t i, const std::string& name, SetType type) {
        const auto found = scope_.sets.find(name);
        if (found == scope_.sets.end()) {
            std::string hint = did_you_mean(name, scope_.names_of(type));
            if (hint.empty()) hint = "add it to \"sets\"; it may have no entries";
            findings_.error("unknown-set", at(key, i), "there is no set " + quote(name), hint);
        } else if (found->second->type != type) {
            findings_.error("set-type", at(key, i),
                            quote(name) + " is a set of " +
                                std::string(plural_of(found->second->type)) + ", " +
                                std::string(key) + " takes " + std::string(plural_of(type)));
        }
    }

    void flags(const std::vector<FlagsTest>& list) {
        for (std::size_t i = 0; i < list.size() && !findings_.full(); ++i) {
            if (list[i].mask != 0 && (list[i].value & ~list[i].mask) == 0) continue;
            findings_.error("tcp-flags", at("tcp_flags", i), "these flags can never be so",
                            "name each flag once, with or without \"!\"");
        }
    }

    Findings& findings_;
    const Scope& scope_;
    std::string pointer_;
};

}  // namespace

void check_prefix(Findings& findings, const Prefix& prefix, const std::string& pointer) {
    if (prefix.length > prefix.address.bits()) {
        findings.error("out-of-range", pointer, "the prefix is longer than its address");
    } else if (has_host_bits(prefix)) {
        const Prefix one{prefix.address, static_cast<std::uint8_t>(prefix.address.bits())};
        findings.error("host-bits", pointer, to_text(prefix) + " has bits set behind its length",
                       "write \"" + to_text(one) + "\" for that address, \"" +
                           to_text(without_host_bits(prefix)) + "\" for the network");
    } else if (const auto four = ipv4_inside(prefix)) {
        findings.error("mapped-address", pointer,
                       to_text(prefix) + " is IPv4 written as IPv6, and matches no packet of IPv4",
                       "write \"" + to_text(*four) + "\"");
    }
}

void check_match(Findings& findings, const Scope& scope, const Match& match,
                 const std::string& pointer) {
    MatchCheck check(findings, scope, pointer);
    check.values(match);
    check_contradictions(findings, match, pointer, Severity::error);
    for (std::size_t i = 0; i < match.negated.size(); ++i) {
        const std::string inner = pointer + "/not/" + std::to_string(i);
        MatchCheck(findings, scope, inner).values(match.negated[i]);
        check_contradictions(findings, match.negated[i], inner, Severity::warning);
        if (match.negated[i] == Match{}) {
            findings.error("empty-not", inner, "\"not\" of an empty match never matches");
        } else if (!match.negated[i].negated.empty()) {
            findings.error("nested-not", inner, "\"not\" stands inside of \"not\"",
                           "say the inner match directly");
        }
    }
}

}  // namespace yett
