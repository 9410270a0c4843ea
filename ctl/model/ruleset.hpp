// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator said, as values: free of text, of positions and of the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abi/phases.h"
#include "abi/tunnel.h"
#include "model/address.hpp"
#include "model/limit.hpp"
#include "model/mac.hpp"

namespace yett {

enum class Direction : std::uint8_t { ingress = 0, egress = 1 };
enum class Verdict : std::uint8_t { pass = 0, drop = 1 };
enum class FragmentKind : std::uint8_t { none = 0, first = 1, later = 2 };
/// What a packet is to the connections that are known: enum yett_state (abi/fields.h). fresh is
/// "new" in a rule file.
enum class ConnectionState : std::uint8_t { fresh = 0, established = 1, related = 2, invalid = 3 };
enum class ActionKind : std::uint8_t { pass = 0, drop = 1, count = 2, ban = 3, reject = 4 };

/// RFC 3704. loose: some route leads back to the source. strict: one by the interface it came in
/// by.
enum class ReversePath : std::uint8_t { off, loose, strict };

/// Which hook judges what comes in by an interface. automatic ("auto"): by its driver.
enum class HookChoice : std::uint8_t { automatic, native, generic, tc };
/// By HookChoice, as a rule file says it.
inline constexpr std::string_view kHookChoiceNames[] = {"auto", "native", "generic", "tc"};

/// "@name" in a match value, without the "@".
struct SetReference {
    std::string name;
    auto operator<=>(const SetReference&) const = default;
};

/// Both ends inclusive. ">=468" is 468 up to the field's greatest value.
struct NumberRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    auto operator<=>(const NumberRange&) const = default;
};

/// (flags & mask) == value. "syn,!ack" is mask syn|ack, value syn.
struct FlagsTest {
    std::uint8_t mask = 0;
    std::uint8_t value = 0;
    auto operator<=>(const FlagsTest&) const = default;
};

using AddressTest = std::variant<Prefix, AddressRange, SetReference>;
using PortTest = std::variant<NumberRange, SetReference>;
using MacTest = std::variant<MacRange, SetReference>;
using InterfaceTest = std::variant<std::string, SetReference>;

/// An empty list: the key is absent and any packet matches. Several values in a list: one must hold
/// (OR). All keys present must hold (AND), and none of the objects in `negated` may (each is itself
/// an AND of its keys).
struct Match {
    std::vector<InterfaceTest> iface;
    std::vector<Direction> direction;
    std::vector<Family> family;
    std::vector<MacTest> smac;
    std::vector<MacTest> dmac;
    std::vector<NumberRange> ethertype;  ///< after the VLAN tags; 0x0600-0xffff
    std::vector<NumberRange> vlan;  ///< VID of the first tag that has one, 0 = untagged; 0-4094
    std::vector<AddressTest> src;
    std::vector<AddressTest> dst;
    std::vector<NumberRange> proto;  ///< IP protocol, or the last IPv6 next header; 0-255
    std::vector<PortTest> sport;     ///< TCP, UDP, SCTP, DCCP, UDP-Lite; 0-65535
    std::vector<PortTest> dport;
    std::vector<FlagsTest> tcp_flags;
    std::vector<NumberRange> icmp_type;  ///< ICMP and ICMPv6; 0-255
    std::vector<NumberRange> icmp_code;
    std::vector<NumberRange> len;   ///< IPv4 total length; IPv6 payload length + 40; 0-65535
    std::vector<NumberRange> ttl;   ///< or IPv6 hop limit; 0-255
    std::vector<NumberRange> dscp;  ///< 0-63
    std::vector<FragmentKind> fragment;
    std::vector<ConnectionState> state;
    std::vector<Match> negated;

    bool operator==(const Match&) const = default;
};

struct Rule {
    std::string name;
    Match match;
    ActionKind action = ActionKind::drop;
    std::uint32_t ban_seconds = 0;  ///< for ActionKind::ban and over_bans, > 0
    std::string comment;
    std::optional<Limit> limit;  ///< with ActionKind::pass: what is over it is dropped
    bool over_bans = false;      ///< what is over the limit also bans its source
    bool spoofable = false;      ///< bans also where the source may be forged
    bool beats_bans = false;     ///< with ActionKind::pass: passes banned sources, too
    /// Of built-ins: passes nothing that this host would forward. No text says it, and the
    /// reference, which knows of no routes, does not ask.
    bool for_this_host = false;

    bool operator==(const Rule&) const = default;
};

enum class SetType : std::uint8_t { prefix, port, mac, iface };
/// By SetType: as a rule file says it, and what such a set holds.
inline constexpr std::string_view kSetTypeNames[] = {"prefix", "port", "mac", "iface"};
inline constexpr std::string_view kSetTypePlurals[] = {"prefixes", "ports", "MAC addresses",
                                                       "interfaces"};

struct Set {
    SetType type = SetType::prefix;
    std::vector<Prefix> prefixes;    ///< for SetType::prefix, in file order
    std::vector<NumberRange> ports;  ///< for SetType::port, in file order
    std::vector<MacRange> macs;  ///< for SetType::mac, in file order; each a prefix of addresses
    std::vector<std::string> ifaces;               ///< for SetType::iface, in file order
    std::optional<std::uint32_t> timeout_seconds;  ///< of entries added at run time
    std::optional<std::uint32_t> max_entries;
    std::string file;  ///< lists more entries; relative, below the directory of lists. Empty: none
    std::optional<std::uint32_t> max_shrink;   ///< percent that one reading of the list may lose
    std::optional<std::uint32_t> min_entries;  ///< that the list must have
    std::string comment;

    [[nodiscard]] std::size_t entries() const {
        return prefixes.size() + ports.size() + macs.size() + ifaces.size();
    }
    bool operator==(const Set&) const = default;
};

/// A packet in the one-line form of `yett trace`, and what the author expects of it.
struct PacketTest {
    std::string packet;
    Direction direction = Direction::ingress;
    std::string iface;  ///< empty: the first of Ruleset::interfaces
    Verdict expect = Verdict::drop;
    std::string rule;    ///< rule name, "(policy)", or empty: any
    std::string reason;  ///< reason name, or empty: any
    /// What these sets hold for this test, whatever they hold else: type and entries alone.
    std::vector<std::pair<std::string, Set>> sets;

    bool operator==(const PacketTest&) const = default;
};

struct Ruleset {
    std::uint32_t version = 1;
    std::string name;
    std::string comment;
    std::string schema;  ///< "$schema", kept for the printer
    std::vector<std::string> interfaces;
    std::vector<std::pair<std::string, HookChoice>> attach;  ///< by name or pattern, in file order
    Verdict policy[2] = {Verdict::pass, Verdict::pass};      ///< by Direction
    std::optional<SetReference> never_ban;                   ///< sources that no ban holds for
    std::vector<Match> failsafe;  ///< what must always get in, before every rule and every ban
    std::map<std::string, bool> builtins;       ///< only those that the file names; true = on
    std::map<std::string, Verdict> exceptions;  ///< reason name -> verdict, only those in the file
    std::uint32_t inspect = 0;  ///< bit t: look into enum yett_tunnel t (abi/tunnel.h)
    /// By enum yett_tunnel: the UDP ports of it; only those in the file, see tunnel_ports_of().
    std::map<std::uint8_t, std::vector<std::uint16_t>> tunnel_ports;
    bool track_fragments = true;  ///< later fragments follow a first one that passed
    ReversePath reverse_path = ReversePath::off;
    std::array<std::uint32_t, YETT_PHASE_COUNT> timeouts{};  ///< seconds, by phase; 0: timeout_of()
    std::vector<std::pair<std::string, Set>> sets;           ///< in file order
    std::vector<Rule> rules;
    std::vector<PacketTest> tests;

    bool operator==(const Ruleset&) const = default;
};

/// Pseudo-rule names, as counters, traces and tests show them. They cannot clash: rule names have
/// no "(".
inline constexpr const char* kPolicyName = "(policy)";
inline constexpr const char* kFailsafeName = "(failsafe)";

/// Rules that yett adds behind the operator's own, in this order, in directions whose policy drops,
/// unless `builtins` turns one off. Rules of one name share its counter.
///   builtin-arp          ARP
///   builtin-nd           ICMPv6 133-136 with hop limit 255; 134 from fe80::/10 (RFC 4861)
///   builtin-mld          ICMPv6 130-132, 143, 151-153 with hop limit 1 from fe80::/10 or ::
///   builtin-igmp         IGMP with TTL 1 to a group
///   builtin-dhcp-client  UDP 67 -> 68 in for this host, 68 -> 67 out by broadcast; for IPv6 547 ->
///                        546 and 546 -> 547 on the link
///   builtin-link         LACP, LLDP, EAPOL, PPPoE discovery, spanning tree
std::vector<Rule> builtin_rules(const Ruleset& ruleset);
/// Every name that `builtins` may turn off, in the order above.
std::vector<std::string> builtin_names();

/// What stands around the operator's own rules.
struct ImpliedRules {
    std::vector<Rule> before;  ///< failsafe entries; no automatic ban beats them
    std::vector<Rule> after;   ///< built-ins
    bool operator==(const ImpliedRules&) const = default;
};
/// A large ruleset is not copied for them. A failsafe entry that names no direction is two rules:
/// ingress as written, and egress with source and destination (addresses and ports) swapped, so
/// that replies leave under an egress drop policy.
ImpliedRules implied_rules(const Ruleset& ruleset);
/// The rules in the order of judgement: failsafe entries (as pass rules named kFailsafeName), the
/// operator's rules, built-ins. An index into this list is the rule index of the compiled tables
/// and of traces.
std::vector<Rule> effective_rules(const Ruleset& ruleset);
/// How many of the effective rules stand before the operator's own.
std::size_t own_rules_begin(const Ruleset& ruleset);

/// "prefixes", "ports" ...
[[nodiscard]] constexpr std::string_view plural_of(SetType type) {
    return kSetTypePlurals[static_cast<unsigned>(type)];
}
/// Entries of sets that are looked up as a whole, bit by bit, stay until they are removed.
[[nodiscard]] constexpr bool may_expire(SetType type) {
    return type == SetType::prefix || type == SetType::mac;
}

/// Seconds without a packet after which a connection in that phase is forgotten: what the ruleset
/// says, else the default of abi/phases.h.
std::uint32_t timeout_of(const Ruleset& ruleset, yett_connection_phase phase);

/// Which UDP ports are whose: what the ruleset says of a tunnel, else the defaults of abi/tunnel.h.
std::vector<yett_tunnel_port> tunnel_ports_of(const Ruleset& ruleset);

/// What the ruleset says of that interface: by its name, else by the first pattern that means it.
HookChoice hook_choice_of(const Ruleset& ruleset, std::string_view interface);

/// The first set of that name, or nullptr.
const Set* find_set(const Ruleset& ruleset, std::string_view name);

/// What a test judges by: the same ruleset, but for the entries of these sets. Without its tests.
Ruleset with_sets(const Ruleset& ruleset, const std::vector<std::pair<std::string, Set>>& sets);

}  // namespace yett
