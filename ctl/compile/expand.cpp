// SPDX-License-Identifier: GPL-2.0-or-later
// Rules -> boxes: every term of every rule becomes one box for each choice among its alternatives.
#include <algorithm>
#include <string>

#include "abi/limits.h"
#include "compile/box_list.hpp"
#include "compile/terms.hpp"

namespace yett {
namespace {

constexpr const char* kFieldNames[] = {
#define YETT_FIELD_NAME(name, text) text,
    YETT_FIELDS(YETT_FIELD_NAME)
#undef YETT_FIELD_NAME
};

yett_address to_address(FieldValue value) {
    return {static_cast<__u64>(value >> 64), static_cast<__u64>(value)};
}

yett_range16 range16(const Alternative& a) {
    return {static_cast<__u16>(a.first), static_cast<__u16>(a.last)};
}

yett_range8 range8(const Alternative& a) {
    return {static_cast<__u8>(a.first), static_cast<__u8>(a.last)};
}

/// Puts up to two set tests into a pair of slots.
template <typename Slot>
void put_sets(const Alternative& a, Slot& first, Slot& second, __u32& flags, __u32 not_first,
              __u32 not_second) {
    flags &= ~(not_first | not_second);
    first = a.sets.empty() ? 0 : static_cast<Slot>(a.sets[0].slot);
    second = a.sets.size() < 2 ? 0 : static_cast<Slot>(a.sets[1].slot);
    if (!a.sets.empty() && a.sets[0].inverted) flags |= not_first;
    if (a.sets.size() > 1 && a.sets[1].inverted) flags |= not_second;
}

void put_address(const Alternative& a, yett_field field, yett_box& box) {
    if (field == YETT_FIELD_SRC) {
        box.src_first = to_address(a.first);
        box.src_last = to_address(a.last);
        put_sets(a, box.src_set, box.src_set2, box.flags, YETT_BOX_NOT_SRC_SET,
                 YETT_BOX_NOT_SRC_SET2);
    } else {
        box.dst_first = to_address(a.first);
        box.dst_last = to_address(a.last);
        put_sets(a, box.dst_set, box.dst_set2, box.flags, YETT_BOX_NOT_DST_SET,
                 YETT_BOX_NOT_DST_SET2);
    }
}

void put_port(const Alternative& a, yett_field field, yett_box& box) {
    if (field == YETT_FIELD_SPORT) {
        box.sport = range16(a);
        put_sets(a, box.sport_set, box.sport_set2, box.flags, YETT_BOX_NOT_SPORT_SET,
                 YETT_BOX_NOT_SPORT_SET2);
    } else {
        box.dport = range16(a);
        put_sets(a, box.dport_set, box.dport_set2, box.flags, YETT_BOX_NOT_DPORT_SET,
                 YETT_BOX_NOT_DPORT_SET2);
    }
}

void put_mac(const Alternative& a, yett_field field, yett_box& box) {
    if (field == YETT_FIELD_SMAC) {
        box.smac_first = static_cast<__u64>(a.first);
        box.smac_last = static_cast<__u64>(a.last);
        put_sets(a, box.smac_set, box.smac_set2, box.flags, YETT_BOX_NOT_SMAC_SET,
                 YETT_BOX_NOT_SMAC_SET2);
    } else {
        box.dmac_first = static_cast<__u64>(a.first);
        box.dmac_last = static_cast<__u64>(a.last);
        put_sets(a, box.dmac_set, box.dmac_set2, box.flags, YETT_BOX_NOT_DMAC_SET,
                 YETT_BOX_NOT_DMAC_SET2);
    }
}

void put_interface(const Alternative& a, yett_box& box) {
    box.iface = range16(a);
    put_sets(a, box.iface_set, box.iface_set2, box.flags, YETT_BOX_NOT_IFACE_SET,
             YETT_BOX_NOT_IFACE_SET2);
}

/// The values only; the caller keeps `named` and `absent`.
void put(const Alternative& a, yett_field field, yett_box& box) {
    switch (field) {
        case YETT_FIELD_IFACE:
            put_interface(a, box);
            break;
        case YETT_FIELD_ETHERTYPE:
            box.ethertype = range16(a);
            break;
        case YETT_FIELD_VLAN:
            box.vlan = range16(a);
            break;
        case YETT_FIELD_SRC:
        case YETT_FIELD_DST:
            put_address(a, field, box);
            break;
        case YETT_FIELD_SPORT:
        case YETT_FIELD_DPORT:
            put_port(a, field, box);
            break;
        case YETT_FIELD_PROTO:
            box.proto = range8(a);
            break;
        case YETT_FIELD_TCP_FLAGS:
            box.tcp_mask = a.mask;
            box.tcp_value = a.flags;
            break;
        case YETT_FIELD_ICMP_TYPE:
            box.icmp_type = range8(a);
            break;
        case YETT_FIELD_ICMP_CODE:
            box.icmp_code = range8(a);
            break;
        case YETT_FIELD_LEN:
            box.len = range16(a);
            break;
        case YETT_FIELD_TTL:
            box.ttl = range8(a);
            break;
        case YETT_FIELD_DSCP:
            box.dscp = range8(a);
            break;
        case YETT_FIELD_FRAGMENT:
            box.fragment = range8(a);
            break;
        case YETT_FIELD_STATE:
            box.state = range8(a);
            break;
        case YETT_FIELD_SMAC:
        case YETT_FIELD_DMAC:
            put_mac(a, field, box);
            break;
        case YETT_FIELD_DIRECTION:
        case YETT_FIELD_FAMILY:
        case YETT_FIELD_COUNT:
            break;  // no range: the list says it
    }
}

yett_box blank_box(const ListScope& scope, std::uint32_t rule, bool needs_known) {
    yett_box box{};
    for (int i = 0; i < YETT_FIELD_COUNT; ++i) {
        const auto field = static_cast<yett_field>(i);
        put(full_alternative(greatest_value(scope, field)), field, box);
    }
    box.rule = rule;
    box.flags = needs_known ? YETT_BOX_NEEDS_KNOWN : 0;
    return box;
}

std::size_t choices(const Constraint& constraint) {
    return constraint.present.size() + (constraint.absent ? 1 : 0);
}

/// The number of boxes, or YETT_MAX_BOXES + 1 when there are more.
std::size_t count_boxes(const Term& term) {
    std::size_t count = 1;
    for (const auto& [field, constraint] : term)
        count = std::min<std::size_t>(count * choices(constraint), YETT_MAX_BOXES + 1);
    return count;
}

/// One box for each way to choose an alternative of every constraint from `at` on.
void choose(const Term& term, Term::const_iterator at, const yett_box& so_far,
            std::vector<yett_box>& boxes) {
    if (at == term.end()) {
        boxes.push_back(so_far);
        return;
    }
    const auto& [field, constraint] = *at;
    for (const Alternative& alternative : constraint.present) {
        yett_box box = so_far;
        put(alternative, field, box);
        box.named |= 1u << field;
        choose(term, std::next(at), box, boxes);
    }
    if (!constraint.absent) return;
    yett_box box = so_far;
    box.absent |= 1u << field;
    choose(term, std::next(at), box, boxes);
}

Error too_many_boxes(const Rule& rule, std::size_t count) {
    const std::string bound = std::to_string(YETT_MAX_BOXES);
    const std::string figure =
        count > YETT_MAX_BOXES ? "more than " + bound : std::to_string(count);
    return {ErrorKind::invalid,
            "rule \"" + rule.name + "\" expands to " + figure +
                " combinations of its values; a ruleset holds " + bound,
            "use sets for long lists, or split the rule"};
}

Result<void> check_sets(const Rule& rule, const Term& term) {
    constexpr std::size_t kSetsInABox = 2;
    for (const auto& [field, constraint] : term)
        for (const Alternative& a : constraint.present)
            if (a.sets.size() > kSetsInABox)
                return Error{ErrorKind::invalid,
                             "rule \"" + rule.name + "\" asks " + kFieldNames[field] + " for " +
                                 std::to_string(a.sets.size()) + " sets at once; two is the most",
                             "join the sets that stand under \"not\" into one"};
    return {};
}

/// pass and count give something away, so they must be sure.
bool needs_known(const Rule& rule) {
    return rule.action == ActionKind::pass || rule.action == ActionKind::count;
}

Result<void> expand_rule(const Rule& rule, std::uint32_t index, const ListScope& scope,
                         const Slots& slots, std::vector<yett_box>& boxes) {
    const bool sure = needs_known(rule);
    const auto terms = terms_of(rule.match, scope, slots, sure, YETT_MAX_BOXES);
    if (!terms) return too_many_boxes(rule, YETT_MAX_BOXES + 1);
    std::size_t count = 0;
    for (const Term& term : *terms) {
        if (Result<void> fits = check_sets(rule, term); !fits) return fits;
        count += count_boxes(term);
    }
    if (count > YETT_MAX_BOXES) return too_many_boxes(rule, count);
    for (const Term& term : *terms)
        choose(term, term.begin(), blank_box(scope, index, sure), boxes);
    return {};
}

bool names_direction(const Match& match) {
    return !match.direction.empty() ||
           std::any_of(match.negated.begin(), match.negated.end(), names_direction);
}

/// Appends the run of `from` that belongs to the rule, beginning at `at`.
void copy_boxes(const BoxList& from, std::size_t& at, std::uint32_t rule, BoxList& to) {
    while (at < from.boxes.size() && from.boxes[at].rule < rule)
        ++at;
    for (; at < from.boxes.size() && from.boxes[at].rule == rule; ++at)
        to.boxes.push_back(from.boxes[at]);
}

/// `twin`: the list of the other direction and the same family, if it is made already. A rule that
/// does not name the direction has the same boxes in both.
Result<BoxList> expand_list(const RuleList& rules, const ListScope& scope, const Slots& slots,
                            const BoxList* twin) {
    BoxList list{scope.direction, scope.family, {}};
    std::size_t at = 0;
    if (twin) list.boxes.reserve(twin->boxes.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto index = static_cast<std::uint32_t>(i);
        if (twin && !names_direction(rules[i]->match)) {
            copy_boxes(*twin, at, index, list);
        } else if (auto done = expand_rule(*rules[i], index, scope, slots, list.boxes); !done) {
            return done.error();
        }
        if (list.boxes.size() > YETT_MAX_BOXES) return too_many_boxes(*rules[i], list.boxes.size());
    }
    return list;
}

}  // namespace

Result<std::vector<BoxList>> expand(const Ruleset& ruleset, const RuleList& rules,
                                    const Slots& slots) {
    std::vector<BoxList> lists;
    for (int direction = 0; direction < YETT_DIRECTIONS; ++direction) {
        for (int family = 0; family < YETT_FAMILIES; ++family) {
            const ListScope scope = scope_of(static_cast<Direction>(direction),
                                             static_cast<yett_family>(family), ruleset);
            const BoxList* twin = direction == 0 ? nullptr : &lists[family];
            Result<BoxList> list = expand_list(rules, scope, slots, twin);
            if (!list) return list.error();
            lists.push_back(std::move(*list));
        }
    }
    return lists;
}

}  // namespace yett
