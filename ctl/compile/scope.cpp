// SPDX-License-Identifier: GPL-2.0-or-later
// Which fields the packets of a list have.
#include "compile/scope.hpp"

#include "model/protocol.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kAlways = YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION);
constexpr std::uint32_t kLink = YETT_FIELD_BIT(ETHERTYPE);
// Frames alone have these; packets of a device without Ethernet header have none.
constexpr std::uint32_t kFrame = YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC) | YETT_FIELD_BIT(VLAN);
constexpr std::uint32_t kAll = (1u << YETT_FIELD_COUNT) - 1;
constexpr std::uint32_t kIp = YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) |
                              YETT_FIELD_BIT(LEN) | YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP);
// Behind too many IPv6 extension headers these cannot be read.
constexpr std::uint32_t kBehindExtensions = YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(FRAGMENT);
// Every IP packet has one; that of a later fragment cannot be read.
constexpr std::uint32_t kState = YETT_FIELD_BIT(STATE);

bool lets_pass(const Ruleset& ruleset, yett_reason reason) {
    return reason_verdict(ruleset, reason) == Verdict::pass;
}

}  // namespace

ListScope scope_of(Direction direction, yett_family family, const Ruleset& ruleset) {
    ListScope scope{direction, family, kAlways, kAlways | kLink, 0};
    switch (family) {
        case YETT_FAMILY_IPV4:
            scope.readable |= kLink | kIp | kBehindExtensions;
            scope.existing |= kIp | kBehindExtensions | kState;
            break;
        case YETT_FAMILY_IPV6:
            scope.readable |= kLink | kIp;
            scope.existing |= kIp | kBehindExtensions | kState;
            break;
        default:
            // Frames with too many tags, or with LLC, are judged as neither IPv4 nor IPv6, the
            // inside unknown.
            if (lets_pass(ruleset, YETT_REASON_VLAN_DEPTH)) break;
            if (lets_pass(ruleset, YETT_REASON_LLC)) break;
            scope.readable |= kLink;
            scope.missing = kAll & ~(kAlways | kLink | kFrame);
    }
    return scope;
}

std::optional<FieldValue> fixed_value(const ListScope& scope, yett_field field) {
    if (field == YETT_FIELD_DIRECTION) return static_cast<FieldValue>(scope.direction);
    if (scope.family == YETT_FAMILY_OTHER) return std::nullopt;
    const bool ipv4 = scope.family == YETT_FAMILY_IPV4;
    if (field == YETT_FIELD_FAMILY) return static_cast<FieldValue>(scope.family);
    if (field == YETT_FIELD_ETHERTYPE) return ipv4 ? kEthertypeIpv4 : kEthertypeIpv6;
    return std::nullopt;
}

FieldValue greatest_value(const ListScope& scope, yett_field field) {
    switch (field) {
        case YETT_FIELD_SRC:
        case YETT_FIELD_DST:
            return scope.family == YETT_FAMILY_IPV4 ? 0xffffffff : ~FieldValue{0};
        case YETT_FIELD_IFACE:
        case YETT_FIELD_ETHERTYPE:
        case YETT_FIELD_VLAN:
        case YETT_FIELD_SPORT:
        case YETT_FIELD_DPORT:
        case YETT_FIELD_LEN:
            return 0xffff;
        case YETT_FIELD_SMAC:
        case YETT_FIELD_DMAC:
            return kGreatestMac;
        default:
            return 0xff;
    }
}

}  // namespace yett
