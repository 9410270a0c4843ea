// SPDX-License-Identifier: GPL-2.0-or-later
// Which packets come to the rules, by what can be read of them (ctl/model/README.md).
#include "abi/fields.h"
#include "abi/reasons.h"
#include "check/regions.hpp"
#include "model/explicit.hpp"
#include "model/protocol.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

constexpr std::uint32_t kLinkKeys =
    YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(DIRECTION) | YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC);
constexpr std::uint32_t kTagKeys = YETT_FIELD_BIT(VLAN) | YETT_FIELD_BIT(ETHERTYPE);
constexpr std::uint32_t kNetworkKeys =
    YETT_FIELD_BIT(FAMILY) | YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(LEN) |
    YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) | YETT_FIELD_BIT(FRAGMENT);
constexpr std::uint32_t kPortKeys = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
constexpr std::uint32_t kFlagKeys = YETT_FIELD_BIT(TCP_FLAGS);
constexpr std::uint32_t kIcmpKeys = YETT_FIELD_BIT(ICMP_TYPE) | YETT_FIELD_BIT(ICMP_CODE);
constexpr std::uint32_t kProtoKey = YETT_FIELD_BIT(PROTO), kStateKey = YETT_FIELD_BIT(STATE);

/// Protocols whose packets have the same fields.
struct Group {
    std::uint32_t fields;
    Intervals protocols;
};

std::uint32_t transport_fields(Family family, std::uint8_t protocol) {
    std::uint32_t fields = has_ports(protocol) ? kPortKeys : 0;
    if (protocol == kProtocolTcp) fields |= kFlagKeys;
    return protocol == (family == Family::ipv4 ? kProtocolIcmp : kProtocolIcmp6)
               ? fields | kIcmpKeys
               : fields;
}

std::vector<Group> groups_of(Family family) {
    std::vector<Group> groups;
    for (const std::uint32_t fields : {kPortKeys | kFlagKeys, kPortKeys, kIcmpKeys, 0u}) {
        Group group{fields, {}};
        for (unsigned protocol = 0; protocol <= 255; ++protocol)
            if (transport_fields(family, static_cast<std::uint8_t>(protocol)) == fields)
                group.protocols.push_back({protocol, protocol});
        groups.push_back(std::move(group));
    }
    return groups;
}

bool passes(const Ruleset& ruleset, yett_reason reason) {
    return reason_verdict(ruleset, reason) == Verdict::pass;
}

}  // namespace

PacketClasses::PacketClasses(const Ruleset& ruleset) {
    constexpr std::uint32_t kIpKeys = kLinkKeys | kTagKeys | kNetworkKeys;
    all.push_back({std::nullopt, kLinkKeys | kTagKeys, 0, {}});
    for (const Family family : {Family::ipv4, Family::ipv6})
        for (Group& group : groups_of(family))
            all.push_back(
                {family, kIpKeys | kProtoKey | kStateKey | group.fields, 0, group.protocols});
    readable = all.size();
    // Later fragments, and what is behind too many extension headers.
    if (judges_later_fragments(ruleset) || passes(ruleset, YETT_REASON_EXT_TOO_LONG)) {
        for (const Family family : {Family::ipv4, Family::ipv6}) {
            all.push_back(
                {family, kIpKeys, kProtoKey | kStateKey | kPortKeys | kFlagKeys | kIcmpKeys, {}});
            for (Group& group : groups_of(family))
                all.push_back(
                    {family, kIpKeys | kProtoKey, kStateKey | group.fields, group.protocols});
        }
    }
    // Behind too many tags, or a length in place of an ethertype.
    if (!passes(ruleset, YETT_REASON_VLAN_DEPTH) && !passes(ruleset, YETT_REASON_LLC)) return;
    for (const std::uint32_t tagged :
         {0u, YETT_FIELD_BIT(VLAN), YETT_FIELD_BIT(ETHERTYPE), kTagKeys})
        all.push_back(
            {std::nullopt, kLinkKeys | tagged, YETT_ALL_FIELDS & ~(kLinkKeys | tagged), {}});
}

}  // namespace yett
