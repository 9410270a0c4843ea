// SPDX-License-Identifier: GPL-2.0-or-later
// Boxes from pools of nested ranges; packets from the boxes.
#include "differential/engine_cases.hpp"

#include <algorithm>

#include "abi/limits.h"
#include "abi/reasons.h"

namespace yett::testing {
namespace {

constexpr std::uint32_t kPorts = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
constexpr std::uint32_t kIcmp = YETT_FIELD_BIT(ICMP_TYPE) | YETT_FIELD_BIT(ICMP_CODE);
constexpr std::uint32_t kHeader = YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) | YETT_FIELD_BIT(LEN) |
                                  YETT_FIELD_BIT(VLAN) | YETT_FIELD_BIT(IFACE) |
                                  YETT_FIELD_BIT(FRAGMENT) | YETT_FIELD_BIT(ETHERTYPE);

__extension__ typedef unsigned __int128 Wide;

Wide wide_of(const yett_address& address) {
    return Wide{address.hi} << 64 | address.lo;
}

yett_address address_of(Wide value) {
    return {static_cast<__u64>(value >> 64), static_cast<__u64>(value)};
}

unsigned bits_of(yett_family family) {
    return family == YETT_FAMILY_IPV6 ? 128 : 32;
}

Wide greatest(yett_family family) {
    return family == YETT_FAMILY_IPV6 ? ~Wide{0} : Wide{0xffffffff};
}

}  // namespace

std::string EngineCase::words() const {
    return "family " + std::to_string(family) + ", boxes " + std::to_string(boxes) + ", pool " +
           std::to_string(pool) + ", wide " + std::to_string(wide) + " %, nested " +
           std::to_string(nested) + " %, prefixes " + std::to_string(prefixes) + " %, extended " +
           std::to_string(extended) + " %, counting " + std::to_string(counting) +
           " %, same rule " + std::to_string(same_rule) + " %, one way " + std::to_string(one_way) +
           " %";
}

EngineCase EngineCases::next_case(std::size_t most_boxes) {
    EngineCase shape;
    const std::uint64_t family = below(20);
    shape.family = family == 0   ? YETT_FAMILY_OTHER
                   : family < 12 ? YETT_FAMILY_IPV4
                                 : YETT_FAMILY_IPV6;
    shape.boxes = 1 + below(chance(50) ? std::min<std::size_t>(60, most_boxes) : most_boxes);
    shape.pool = 1 + below(chance(50) ? 8 : shape.boxes + 1);
    shape.wide = static_cast<unsigned>(chance(20) ? 100 : below(80));
    shape.nested = static_cast<unsigned>(below(100));
    shape.prefixes = static_cast<unsigned>(chance(50) ? 100 : below(100));
    shape.extended = static_cast<unsigned>(chance(30) ? 0 : below(chance(10) ? 101 : 30));
    shape.counting = static_cast<unsigned>(chance(40) ? 0 : below(chance(10) ? 101 : 30));
    shape.same_rule = static_cast<unsigned>(below(50));
    shape.one_way = static_cast<unsigned>(chance(40) ? 0 : below(chance(50) ? 3 : 100));
    return shape;
}

yett_address EngineCases::any_address(yett_family family) {
    if (family != YETT_FAMILY_IPV6) return {0, random_() & 0xffffffff};
    return {random_(), random_()};
}

EngineCases::Range EngineCases::address_range(const EngineCase& shape,
                                              const std::vector<Range>& pool) {
    const unsigned bits = bits_of(shape.family);
    Range outer{{0, 0}, address_of(greatest(shape.family))};
    if (!pool.empty() && chance(shape.nested)) outer = pool[below(pool.size())];
    const Wide first = wide_of(outer.first), last = wide_of(outer.last);
    const Wide inside = last - first == ~Wide{0}
                            ? wide_of(any_address(shape.family))
                            : first + wide_of({random_(), random_()}) % (last - first + 1);
    if (!chance(shape.prefixes)) {
        const Wide other = std::min(last, inside + below(1u << below(20)));
        return {address_of(inside), address_of(other)};
    }
    const unsigned length = chance(20) ? bits : 1 + static_cast<unsigned>(below(bits));
    const Wide block = length == 0 ? ~Wide{0} : (Wide{1} << (bits - length)) - 1;
    const Wide start = inside & ~block & greatest(shape.family);
    return {address_of(start), address_of(start | (block & greatest(shape.family)))};
}

std::vector<EngineCases::Range> EngineCases::address_pool(const EngineCase& shape) {
    std::vector<Range> pool;
    while (pool.size() < shape.pool)
        pool.push_back(address_range(shape, pool));
    return pool;
}

yett_range16 EngineCases::port_range() {
    static constexpr __u16 kKnown[] = {0, 22, 53, 80, 443, 1023, 1024, 8080, 65535};
    const __u16 one = chance(70) ? kKnown[below(std::size(kKnown))] : static_cast<__u16>(random_());
    if (chance(60)) return {one, one};
    const __u16 other =
        chance(70) ? kKnown[below(std::size(kKnown))] : static_cast<__u16>(random_());
    // Now and then an empty range, as the compiler makes them for contradictions.
    if (chance(3)) return {std::max(one, other), std::min(one, other)};
    return {std::min(one, other), std::max(one, other)};
}

/// One or two of the sets of an address, or the opposite.
void EngineCases::ask_for_sets(yett_box& box) {
    const auto slot = [&] { return static_cast<__u16>(1 + below(kSets)); };
    const bool twice = chance(30);
    if (chance(60)) {
        box.named |= YETT_FIELD_BIT(SRC);
        box.src_set = slot();
        if (chance(30)) box.flags |= YETT_BOX_NOT_SRC_SET;
        if (twice) box.src_set2 = slot();
        if (twice && chance(50)) box.flags |= YETT_BOX_NOT_SRC_SET2;
    }
    if (chance(40)) {
        box.named |= YETT_FIELD_BIT(DST);
        box.dst_set = slot();
        if (chance(30)) box.flags |= YETT_BOX_NOT_DST_SET;
    }
    if (chance(20)) {
        box.named |= YETT_FIELD_BIT(SMAC);
        box.smac_last = ~0ull >> 16;
        box.smac_set = slot();
        if (chance(30)) box.flags |= YETT_BOX_NOT_SMAC_SET;
    }
}

void EngineCases::put_into_sets(yett_packet& packet) {
    packet.looked_up = (1u << YETT_PARTIES) - 1;
    packet.in_some_set = 0;
    for (unsigned party = 0; party < YETT_PARTIES; ++party) {
        packet.member[party] = {};
        if (!chance(30)) continue;
        packet.in_some_set |= 1u << party;
        for (std::uint64_t sets = 1 + below(3); sets != 0; --sets) {
            const std::uint64_t slot = 1 + below(kSets);
            packet.member[party].bits[slot / 64] |= 1ull << (slot & 63);
        }
    }
}

void EngineCases::extend(yett_box& box) {
    switch (below(9)) {
        case 0:
            box.named |= YETT_FIELD_BIT(TCP_FLAGS);
            box.tcp_mask = YETT_TCP_SYN;
            box.tcp_value = chance(50) ? YETT_TCP_SYN : 0;
            break;
        case 1:
            box.named |= YETT_FIELD_BIT(TTL);
            box.ttl = {0, static_cast<__u8>(random_())};
            break;
        case 2:
            box.named |= YETT_FIELD_BIT(DSCP);
            box.dscp.first = box.dscp.last = static_cast<__u8>(below(4));
            break;
        case 3:
            box.absent |= YETT_FIELD_BIT(DPORT);
            box.named &= ~YETT_FIELD_BIT(DPORT);
            break;
        case 4:
            box.named |= YETT_FIELD_BIT(ICMP_TYPE);
            box.icmp_type.first = box.icmp_type.last = static_cast<__u8>(below(3));
            break;
        case 5:
            box.named |= YETT_FIELD_BIT(IFACE);
            box.iface.first = box.iface.last = static_cast<__u16>(below(3));
            break;
        case 6:
        case 7:
            ask_for_sets(box);
            break;
        default:
            box.absent |= kPorts;
    }
}

yett_box EngineCases::box(const EngineCase& shape, const std::vector<Range>& src,
                          const std::vector<Range>& dst) {
    yett_box box{};
    box.src_last = box.dst_last = address_of(greatest(shape.family));
    if (shape.family != YETT_FAMILY_OTHER) {
        if (!chance(shape.wide)) {
            const Range& range = src[below(src.size())];
            box.named |= YETT_FIELD_BIT(SRC);
            box.src_first = range.first;
            box.src_last = range.last;
        }
        if (!chance(shape.wide)) {
            const Range& range = dst[below(dst.size())];
            box.named |= YETT_FIELD_BIT(DST);
            box.dst_first = range.first;
            box.dst_last = range.last;
        }
    }
    box.sport = box.dport = {0, 65535};
    box.proto = {0, 255};
    if (chance(20)) box.named |= YETT_FIELD_BIT(SPORT), box.sport = port_range();
    if (chance(50)) box.named |= YETT_FIELD_BIT(DPORT), box.dport = port_range();
    if (chance(60)) {
        box.named |= YETT_FIELD_BIT(PROTO);
        box.proto.first = box.proto.last = chance(50) ? 6 : chance(50) ? 17 : 1;
        if (chance(10)) box.proto.last = 255;
    }
    if (chance(shape.extended) || shape.family == YETT_FAMILY_OTHER) extend(box);
    return box;
}

/// Ingress has all boxes; egress shares the run, or has one of its own.
void EngineCases::fill_lists(const EngineCase& shape, Tables& tables) {
    const auto count = static_cast<std::uint32_t>(tables.boxes.size());
    tables.lists[YETT_INGRESS][shape.family] = {0, count};
    tables.lists[YETT_EGRESS][shape.family] = {0, count};
    if (shape.one_way == 0) return;
    for (std::uint32_t i = 0; i < count; ++i)
        if (!chance(shape.one_way)) tables.boxes.push_back(yett_box(tables.boxes[i]));
    tables.lists[YETT_EGRESS][shape.family] = {
        count, static_cast<std::uint32_t>(tables.boxes.size()) - count};
}

Tables EngineCases::tables(const EngineCase& shape) {
    Tables tables;
    const std::vector<Range> src = address_pool(shape), dst = address_pool(shape);
    std::uint32_t rule = 0;
    for (std::size_t i = 0; i < shape.boxes; ++i) {
        if (i == 0 || !chance(shape.same_rule)) {
            rule = static_cast<std::uint32_t>(tables.actions.size());
            yett_action action{};
            action.kind = chance(shape.counting) ? YETT_ACTION_COUNT
                          : chance(50)           ? YETT_ACTION_PASS
                                                 : YETT_ACTION_DROP;
            action.counter = rule;
            tables.actions.push_back(action);
            tables.rule_names.push_back("r" + std::to_string(rule));
        }
        yett_box made = box(shape, src, dst);
        made.rule = rule;
        if (tables.actions[rule].kind != YETT_ACTION_DROP) made.flags |= YETT_BOX_NEEDS_KNOWN;
        tables.boxes.push_back(made);
    }
    fill_lists(shape, tables);
    tables.ruleset.generation = 1;
    tables.ruleset.exceptions_pass =
        1ull << YETT_REASON_FRAG_LATER | 1ull << YETT_REASON_EXT_TOO_LONG;
    tables.ruleset.flags = YETT_RULESET_JUDGES_LATER;
    return tables;
}

std::array<std::vector<yett_box>, YETT_DIRECTIONS> EngineCases::new_rule(const EngineCase& shape,
                                                                         const Tables& tables,
                                                                         const yett_action& action,
                                                                         std::uint32_t rule) {
    std::array<std::vector<yett_box>, YETT_DIRECTIONS> boxes;
    const std::vector<Range> pool{address_range(shape, {}), address_range(shape, {})};
    for (std::uint64_t count = 1 + below(chance(80) ? 1 : 3); count != 0; --count) {
        yett_box box = this->box(shape, pool, pool);
        if (!tables.boxes.empty() && chance(60)) box = tables.boxes[below(tables.boxes.size())];
        box.rule = rule;
        box.flags = (box.flags & ~YETT_BOX_NEEDS_KNOWN) |
                    (action.kind != YETT_ACTION_DROP ? YETT_BOX_NEEDS_KNOWN : 0);
        const std::uint64_t ways = chance(shape.one_way / 4) ? below(3) : 2;
        if (ways != 1) boxes[YETT_INGRESS].push_back(box);
        if (ways != 0) boxes[YETT_EGRESS].push_back(box);
    }
    return boxes;
}

RuleChange EngineCases::change(const EngineCase& shape, const Tables& tables) {
    RuleChange change;
    for (int i = 0; i < YETT_DIRECTIONS * YETT_FAMILIES; ++i)
        change.boxes.push_back({static_cast<Direction>(i / YETT_FAMILIES),
                                static_cast<yett_family>(i % YETT_FAMILIES),
                                {}});
    const auto rules = static_cast<std::uint32_t>(tables.actions.size());
    change.first = static_cast<std::uint32_t>(below(rules + 1));
    // Also where trees begin: what they say of their first rule must stay true.
    const yett_trees& trees =
        tables.ruleset.trees[below(YETT_DIRECTIONS)][shape.family][below(YETT_CLASSES)];
    const std::uint32_t begin = trees.first[below(YETT_TREES)];
    if (chance(30) && begin < rules)
        change.first = begin - std::min<std::uint32_t>(begin, below(3));
    change.gone = std::min(static_cast<std::uint32_t>(below(4)), rules - change.first);
    for (std::uint64_t come = below(4); come != 0; --come) {
        yett_action action{};
        action.kind = chance(shape.counting / 4) ? YETT_ACTION_COUNT
                      : chance(50)               ? YETT_ACTION_PASS
                                                 : YETT_ACTION_DROP;
        action.counter = counter_ = std::max(counter_ + 1, std::uint32_t{YETT_MAX_RULES}) %
                                    std::uint32_t{YETT_MAX_COUNTERS};
        const auto boxes =
            new_rule(shape, tables, action,
                     change.first + static_cast<std::uint32_t>(change.actions.size()));
        for (int direction = 0; direction < YETT_DIRECTIONS; ++direction) {
            auto& list = change.boxes[direction * YETT_FAMILIES + shape.family].boxes;
            list.insert(list.end(), boxes[direction].begin(), boxes[direction].end());
        }
        change.actions.push_back(action);
        change.names.push_back("c" + std::to_string(action.counter));
    }
    return change;
}

yett_address EngineCases::near(const yett_address& first, const yett_address& last) {
    const Wide from = wide_of(first), to = wide_of(last);
    switch (below(6)) {
        case 0:
            return first;
        case 1:
            return last;
        case 2:
            return address_of(from - 1);
        case 3:
            return address_of(to + 1);
        default: {
            const Wide spread = to - from + 1;
            return address_of(from + (spread ? wide_of({random_(), random_()}) % spread : 0));
        }
    }
}

std::uint32_t EngineCases::near(std::uint32_t first, std::uint32_t last, std::uint32_t most) {
    const std::uint32_t values[] = {first,
                                    last,
                                    first - 1,
                                    last + 1,
                                    first + static_cast<std::uint32_t>(below(most + 1)),
                                    static_cast<std::uint32_t>(below(most + 1))};
    return values[below(std::size(values))] & most;
}

/// Ports are known, absent, or unknown; behind too many extension headers all of the transport is.
void EngineCases::hide_fields(yett_packet& packet) {
    const std::uint64_t kind = below(10);
    std::uint32_t gone = 0, hidden = 0;
    if (kind < 2) gone = kPorts;
    if (kind == 2) hidden = kPorts;
    if (kind == 3 && packet.family == YETT_FAMILY_IPV6)
        hidden = kPorts | kIcmp | YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(TCP_FLAGS) |
                 YETT_FIELD_BIT(FRAGMENT);
    if (packet.family == YETT_FAMILY_OTHER) {
        const std::uint32_t ip = YETT_FIELD_BIT(SRC) | YETT_FIELD_BIT(DST) | YETT_FIELD_BIT(PROTO) |
                                 YETT_FIELD_BIT(FAMILY) | kPorts | kHeader;
        gone = chance(50) ? ip : 0;
        hidden = gone ? 0 : ip;
    }
    const std::uint32_t icmp = chance(50) ? kIcmp : YETT_FIELD_BIT(TCP_FLAGS);
    packet.known = YETT_ALL_FIELDS & ~(gone | hidden | icmp);
    packet.unknown = hidden & ~icmp;
}

yett_packet EngineCases::packet(const EngineCase& shape, const Tables& tables) {
    const yett_box& box = tables.boxes[below(tables.boxes.size())];
    const yett_box& other = chance(20) ? tables.boxes[below(tables.boxes.size())] : box;
    const Wide most = greatest(shape.family);
    yett_packet packet{};
    put_into_sets(packet);
    packet.family = static_cast<__u8>(shape.family);
    packet.direction = static_cast<__u8>(below(2));
    packet.src = chance(5) ? any_address(shape.family) : near(box.src_first, box.src_last);
    packet.dst = chance(5) ? any_address(shape.family) : near(other.dst_first, other.dst_last);
    packet.src = address_of(wide_of(packet.src) & most);
    packet.dst = address_of(wide_of(packet.dst) & most);
    packet.sport = static_cast<__u16>(near(box.sport.first, box.sport.last, 0xffff));
    packet.dport = static_cast<__u16>(near(other.dport.first, other.dport.last, 0xffff));
    packet.proto = static_cast<__u8>(near(box.proto.first, box.proto.last, 0xff));
    packet.ttl = static_cast<__u8>(random_());
    packet.dscp = static_cast<__u8>(below(4));
    packet.icmp_type = static_cast<__u8>(below(3));
    packet.iface = static_cast<__u16>(below(3));
    packet.tcp_flags = chance(50) ? YETT_TCP_SYN : YETT_TCP_ACK;
    hide_fields(packet);
    return packet;
}

}  // namespace yett::testing
