// SPDX-License-Identifier: GPL-2.0-or-later
// The plain evaluator of boxes.
#include "differential/evaluator.hpp"

#include <algorithm>

#include "differential/generator.hpp"

namespace yett::testing {
namespace {

yett_address number_of(const Address& address) {
    yett_address number{};
    for (unsigned i = 0; i < address.bits() / 8; ++i) {
        number.hi = number.hi << 8 | number.lo >> 56;
        number.lo = number.lo << 8 | address.octets[i];
    }
    return number;
}

bool not_above(const yett_address& a, const yett_address& b) {
    return a.hi != b.hi ? a.hi < b.hi : a.lo <= b.lo;
}

template <typename Range>
bool within(const Range& range, unsigned value) {
    return range.first <= value && value <= range.last;
}

template <typename Map>
const Set* set_in_slot(const Map& slots, const Ruleset& ruleset, unsigned slot) {
    for (const auto& [name, place] : slots)
        if (place == slot) return find_set(ruleset, name);
    return nullptr;
}

class BoxReader {
  public:
    BoxReader(const yett_box& box, const Slots& slots, const Ruleset& ruleset,
              const PacketView& packet)
        : box_(box), slots_(slots), ruleset_(ruleset), packet_(packet) {}

    [[nodiscard]] bool matches() const {
        for (int field = 0; field < YETT_FIELD_COUNT; ++field)
            if (!field_matches(static_cast<yett_field>(field))) return false;
        return true;
    }

  private:
    [[nodiscard]] bool field_matches(yett_field field) const {
        const std::uint32_t bit = 1u << field;
        const bool unknown = packet_.unknown & bit, known = packet_.known & bit;
        const bool forgiven = unknown && !(box_.flags & YETT_BOX_NEEDS_KNOWN);
        if (box_.named & bit && !forgiven && !(known && passes(field))) return false;
        return !(box_.absent & bit) || forgiven || (!known && !unknown);
    }

    [[nodiscard]] bool passes(yett_field field) const {
        const PacketView& p = packet_;
        switch (field) {
            case YETT_FIELD_IFACE:
                return interface();
            case YETT_FIELD_ETHERTYPE:
                return within(box_.ethertype, p.ethertype);
            case YETT_FIELD_VLAN:
                return within(box_.vlan, p.vlan);
            case YETT_FIELD_SRC:
                return source();
            case YETT_FIELD_DST:
                return destination();
            case YETT_FIELD_PROTO:
                return within(box_.proto, p.proto);
            case YETT_FIELD_SPORT:
                return source_port();
            case YETT_FIELD_DPORT:
                return destination_port();
            case YETT_FIELD_TCP_FLAGS:
                return (p.tcp_flags & box_.tcp_mask) == box_.tcp_value;
            case YETT_FIELD_ICMP_TYPE:
                return within(box_.icmp_type, p.icmp_type);
            case YETT_FIELD_ICMP_CODE:
                return within(box_.icmp_code, p.icmp_code);
            case YETT_FIELD_LEN:
                return within(box_.len, p.len);
            case YETT_FIELD_TTL:
                return within(box_.ttl, p.ttl);
            case YETT_FIELD_DSCP:
                return within(box_.dscp, p.dscp);
            case YETT_FIELD_FRAGMENT:
                return within(box_.fragment, static_cast<unsigned>(p.fragment));
            case YETT_FIELD_STATE:
                return within(box_.state, static_cast<unsigned>(p.state));
            case YETT_FIELD_SMAC:
                return box_.smac_first <= p.smac && p.smac <= box_.smac_last &&
                       in_macs(box_.smac_set, YETT_BOX_NOT_SMAC_SET, p.smac) &&
                       in_macs(box_.smac_set2, YETT_BOX_NOT_SMAC_SET2, p.smac);
            case YETT_FIELD_DMAC:
                return box_.dmac_first <= p.dmac && p.dmac <= box_.dmac_last &&
                       in_macs(box_.dmac_set, YETT_BOX_NOT_DMAC_SET, p.dmac) &&
                       in_macs(box_.dmac_set2, YETT_BOX_NOT_DMAC_SET2, p.dmac);
            default:
                return true;
        }
    }

    [[nodiscard]] bool interface() const {
        return within(box_.iface, interface_slot(slots_, packet_.iface)) &&
               in_interfaces(box_.iface_set, YETT_BOX_NOT_IFACE_SET) &&
               in_interfaces(box_.iface_set2, YETT_BOX_NOT_IFACE_SET2);
    }

    [[nodiscard]] bool source() const {
        const yett_address value = number_of(packet_.src);
        return not_above(box_.src_first, value) && not_above(value, box_.src_last) &&
               in_prefixes(box_.src_set, YETT_BOX_NOT_SRC_SET, packet_.src) &&
               in_prefixes(box_.src_set2, YETT_BOX_NOT_SRC_SET2, packet_.src);
    }

    [[nodiscard]] bool destination() const {
        const yett_address value = number_of(packet_.dst);
        return not_above(box_.dst_first, value) && not_above(value, box_.dst_last) &&
               in_prefixes(box_.dst_set, YETT_BOX_NOT_DST_SET, packet_.dst) &&
               in_prefixes(box_.dst_set2, YETT_BOX_NOT_DST_SET2, packet_.dst);
    }

    [[nodiscard]] bool source_port() const {
        return within(box_.sport, packet_.sport) &&
               in_ports(box_.sport_set, YETT_BOX_NOT_SPORT_SET, packet_.sport) &&
               in_ports(box_.sport_set2, YETT_BOX_NOT_SPORT_SET2, packet_.sport);
    }

    [[nodiscard]] bool destination_port() const {
        return within(box_.dport, packet_.dport) &&
               in_ports(box_.dport_set, YETT_BOX_NOT_DPORT_SET, packet_.dport) &&
               in_ports(box_.dport_set2, YETT_BOX_NOT_DPORT_SET2, packet_.dport);
    }

    [[nodiscard]] bool in_prefixes(unsigned slot, unsigned inverted, const Address& address) const {
        if (slot == 0) return true;
        const Set* set = set_in_slot(slots_.address_sets, ruleset_, slot);
        const bool member =
            set && std::any_of(set->prefixes.begin(), set->prefixes.end(),
                               [&](const Prefix& p) { return contains(p, address); });
        return member != ((box_.flags & inverted) != 0);
    }

    [[nodiscard]] bool in_macs(unsigned slot, unsigned inverted, std::uint64_t mac) const {
        if (slot == 0) return true;
        const Set* set = set_in_slot(slots_.address_sets, ruleset_, slot);
        const bool member =
            set && std::any_of(set->macs.begin(), set->macs.end(), [&](const MacRange& range) {
                return range.first <= mac && mac <= range.last;
            });
        return member != ((box_.flags & inverted) != 0);
    }

    [[nodiscard]] bool in_interfaces(unsigned slot, unsigned inverted) const {
        if (slot == 0) return true;
        const Set* set = set_in_slot(slots_.interface_sets, ruleset_, slot);
        const bool member =
            set && std::count(set->ifaces.begin(), set->ifaces.end(), packet_.iface) > 0;
        return member != ((box_.flags & inverted) != 0);
    }

    [[nodiscard]] bool in_ports(unsigned slot, unsigned inverted, std::uint16_t port) const {
        if (slot == 0) return true;
        const Set* set = set_in_slot(slots_.port_sets, ruleset_, slot);
        const bool member =
            set && std::any_of(set->ports.begin(), set->ports.end(),
                               [&](const NumberRange& range) { return within(range, port); });
        return member != ((box_.flags & inverted) != 0);
    }

    const yett_box& box_;
    const Slots& slots_;
    const Ruleset& ruleset_;
    const PacketView& packet_;
};

}  // namespace

Judgement evaluate(const Tables& tables, const Slots& slots, const Ruleset& ruleset,
                   const PacketView& packet) {
    const int direction = static_cast<int>(packet.direction);
    const int family = packet.family ? static_cast<int>(*packet.family) : YETT_FAMILY_OTHER;
    const BoxRun& list = tables.lists[direction][family];
    for (std::uint32_t i = list.first; i < list.first + list.count; ++i) {
        const yett_box& box = tables.boxes[i];
        const yett_action& action = tables.actions[box.rule];
        if (action.kind == YETT_ACTION_COUNT) continue;
        if (!BoxReader(box, slots, ruleset, packet).matches()) continue;
        const bool passes = action.kind == YETT_ACTION_PASS;
        return {passes ? Verdict::pass : Verdict::drop, static_cast<int>(box.rule),
                tables.rule_names[box.rule], "rule"};
    }
    return {static_cast<Verdict>(tables.ruleset.policy[direction]), -1, kPolicyName, "policy"};
}

}  // namespace yett::testing
