// SPDX-License-Identifier: GPL-2.0-or-later
// From the keys of a match to terms over constraints.
#include "compile/terms.hpp"

#include <algorithm>
#include <utility>

namespace yett {
namespace {

FieldValue number_of(const Address& address) {
    FieldValue value = 0;
    for (unsigned i = 0; i < address.bits() / 8; ++i)
        value = value << 8 | address.octets[i];
    return value;
}

Alternative range(FieldValue first, FieldValue last) {
    return {first, last, 0, 0, {}};
}

Alternative set_test(std::uint16_t slot, FieldValue most) {
    Alternative alternative = full_alternative(most);
    alternative.sets = {{slot, false}};
    return alternative;
}

class Builder {
  public:
    Builder(const ListScope& scope, const Slots& slots, bool needs_known, std::size_t most)
        : scope_(scope), slots_(slots), needs_known_(needs_known), most_(most) {}

    std::vector<Term> holds(const Match& match);
    std::vector<Term> fails(const Match& match);
    [[nodiscard]] bool overflow() const { return overflow_; }

  private:
    using Keys = std::vector<std::pair<yett_field, Constraint>>;

    [[nodiscard]] bool fails_at_a_glance(const Match& match) const;
    Keys keys_of(const Match& match) const;
    void add(Keys& keys, yett_field field, std::vector<Alternative> values) const;
    void add_numbers(Keys& keys, yett_field field, const std::vector<NumberRange>& tests) const;
    void add_addresses(Keys& keys, yett_field field, const std::vector<AddressTest>& tests) const;
    void add_ports(Keys& keys, yett_field field, const std::vector<PortTest>& tests) const;
    template <typename Enum>
    void add_enums(Keys& keys, yett_field field, const std::vector<Enum>& tests) const;
    void add_interfaces(Keys& keys, const std::vector<InterfaceTest>& tests) const;
    void add_macs(Keys& keys, yett_field field, const std::vector<MacTest>& tests) const;
    void add_flags(Keys& keys, const std::vector<FlagsTest>& tests) const;

    bool constrain(Term& term, yett_field field, Constraint constraint) const;
    enum class Decided { holds, fails, open };
    Decided decide(yett_field field, Constraint& constraint) const;
    Decided decide_readable(yett_field field, const Constraint& constraint) const;
    Decided decide_uncertain(yett_field field, Constraint& constraint) const;
    std::vector<Term> cross(const std::vector<Term>& left, const std::vector<Term>& right);

    const ListScope& scope_;
    const Slots& slots_;
    bool needs_known_;
    std::size_t most_;
    bool overflow_ = false;
};

void Builder::add(Keys& keys, yett_field field, std::vector<Alternative> values) const {
    normalize(values);
    keys.emplace_back(field, Constraint{std::move(values), false});
}

void Builder::add_numbers(Keys& keys, yett_field field,
                          const std::vector<NumberRange>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const NumberRange& test : tests)
        values.push_back(range(test.first, test.last));
    add(keys, field, std::move(values));
}

void Builder::add_addresses(Keys& keys, yett_field field,
                            const std::vector<AddressTest>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const AddressTest& test : tests) {
        if (const auto* set = std::get_if<SetReference>(&test)) {
            const std::uint16_t slot = slots_.address_sets.at(set->name);
            values.push_back(set_test(slot, greatest_value(scope_, field)));
            continue;
        }
        const auto* prefix = std::get_if<Prefix>(&test);
        const AddressRange addresses = prefix ? to_range(*prefix) : std::get<AddressRange>(test);
        // An address of the other family is one more value that no packet of this scope has.
        if (static_cast<int>(addresses.first.family) == static_cast<int>(scope_.family))
            values.push_back(range(number_of(addresses.first), number_of(addresses.last)));
    }
    add(keys, field, std::move(values));
}

void Builder::add_ports(Keys& keys, yett_field field, const std::vector<PortTest>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const PortTest& test : tests) {
        if (const auto* set = std::get_if<SetReference>(&test)) {
            const std::uint16_t slot = slots_.port_sets.at(set->name);
            values.push_back(set_test(slot, greatest_value(scope_, field)));
        } else {
            const NumberRange& ports = std::get<NumberRange>(test);
            values.push_back(range(ports.first, ports.last));
        }
    }
    add(keys, field, std::move(values));
}

template <typename Enum>
void Builder::add_enums(Keys& keys, yett_field field, const std::vector<Enum>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const Enum test : tests) {
        const auto number = static_cast<FieldValue>(test);
        values.push_back(range(number, number));
    }
    add(keys, field, std::move(values));
}

void Builder::add_interfaces(Keys& keys, const std::vector<InterfaceTest>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const InterfaceTest& test : tests) {
        if (const auto* set = std::get_if<SetReference>(&test)) {
            const std::uint16_t slot = slots_.interface_sets.at(set->name);
            values.push_back(set_test(slot, greatest_value(scope_, YETT_FIELD_IFACE)));
        } else {
            const FieldValue slot = slots_.interfaces.at(std::get<std::string>(test));
            values.push_back(range(slot, slot));
        }
    }
    add(keys, YETT_FIELD_IFACE, std::move(values));
}

void Builder::add_macs(Keys& keys, yett_field field, const std::vector<MacTest>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const MacTest& test : tests) {
        if (const auto* set = std::get_if<SetReference>(&test)) {
            const std::uint16_t slot = slots_.address_sets.at(set->name);
            values.push_back(set_test(slot, greatest_value(scope_, field)));
        } else {
            const MacRange& macs = std::get<MacRange>(test);
            values.push_back(range(macs.first, macs.last));
        }
    }
    add(keys, field, std::move(values));
}

void Builder::add_flags(Keys& keys, const std::vector<FlagsTest>& tests) const {
    if (tests.empty()) return;
    std::vector<Alternative> values;
    for (const FlagsTest& test : tests) {
        values.push_back(full_alternative(greatest_value(scope_, YETT_FIELD_TCP_FLAGS)));
        values.back().mask = test.mask;
        values.back().flags = test.value;
    }
    add(keys, YETT_FIELD_TCP_FLAGS, std::move(values));
}

Builder::Keys Builder::keys_of(const Match& match) const {
    Keys keys;
    add_interfaces(keys, match.iface);
    add_enums(keys, YETT_FIELD_DIRECTION, match.direction);
    add_enums(keys, YETT_FIELD_FAMILY, match.family);
    add_macs(keys, YETT_FIELD_SMAC, match.smac);
    add_macs(keys, YETT_FIELD_DMAC, match.dmac);
    add_numbers(keys, YETT_FIELD_ETHERTYPE, match.ethertype);
    add_numbers(keys, YETT_FIELD_VLAN, match.vlan);
    add_addresses(keys, YETT_FIELD_SRC, match.src);
    add_addresses(keys, YETT_FIELD_DST, match.dst);
    add_numbers(keys, YETT_FIELD_PROTO, match.proto);
    add_ports(keys, YETT_FIELD_SPORT, match.sport);
    add_ports(keys, YETT_FIELD_DPORT, match.dport);
    add_flags(keys, match.tcp_flags);
    add_numbers(keys, YETT_FIELD_ICMP_TYPE, match.icmp_type);
    add_numbers(keys, YETT_FIELD_ICMP_CODE, match.icmp_code);
    add_numbers(keys, YETT_FIELD_LEN, match.len);
    add_numbers(keys, YETT_FIELD_TTL, match.ttl);
    add_numbers(keys, YETT_FIELD_DSCP, match.dscp);
    add_enums(keys, YETT_FIELD_FRAGMENT, match.fragment);
    add_enums(keys, YETT_FIELD_STATE, match.state);
    return keys;
}

bool any_full(const std::vector<Alternative>& alternatives, FieldValue most) {
    return std::any_of(alternatives.begin(), alternatives.end(),
                       [&](const Alternative& a) { return is_full(a, most); });
}

/// Every packet of the scope has the field, and known: emptiness cannot be met.
Builder::Decided Builder::decide_readable(yett_field field, const Constraint& constraint) const {
    if (const std::optional<FieldValue> value = fixed_value(scope_, field)) {
        const bool passes = std::any_of(
            constraint.present.begin(), constraint.present.end(),
            [&](const Alternative& a) { return a.first <= *value && *value <= a.last; });
        return passes ? Decided::holds : Decided::fails;
    }
    if (any_full(constraint.present, greatest_value(scope_, field))) return Decided::holds;
    return constraint.present.empty() ? Decided::fails : Decided::open;
}

/// The field may be known, unknown or absent.
Builder::Decided Builder::decide_uncertain(yett_field field, Constraint& constraint) const {
    if (needs_known_)
        return constraint.present.empty() && !constraint.absent ? Decided::fails : Decided::open;
    const bool anyway = constraint.absent || (scope_.existing & 1u << field) != 0;
    if (anyway && any_full(constraint.present, greatest_value(scope_, field)))
        return Decided::holds;
    // No value can pass, but an unknown field still makes the test unknown, which is a match here.
    if (constraint.present.empty() && !constraint.absent)
        constraint.present.push_back(empty_alternative());
    return Decided::open;
}

Builder::Decided Builder::decide(yett_field field, Constraint& constraint) const {
    const std::uint32_t bit = 1u << field;
    if (scope_.missing & bit) return constraint.absent ? Decided::holds : Decided::fails;
    normalize(constraint.present);
    if (scope_.existing & bit) constraint.absent = false;
    if (scope_.readable & bit) return decide_readable(field, constraint);
    return decide_uncertain(field, constraint);
}

/// False: the term matches no packet any more.
bool Builder::constrain(Term& term, yett_field field, Constraint constraint) const {
    const auto found = term.find(field);
    if (found != term.end()) constraint = both(found->second, constraint);
    const Decided decided = decide(field, constraint);
    if (decided == Decided::open) term[field] = std::move(constraint);
    return decided != Decided::fails;
}

std::vector<Term> Builder::cross(const std::vector<Term>& left, const std::vector<Term>& right) {
    std::vector<Term> result;
    for (const Term& a : left) {
        for (const Term& b : right) {
            Term term = a;
            const bool possible = std::all_of(b.begin(), b.end(), [&](const auto& entry) {
                return constrain(term, entry.first, entry.second);
            });
            if (possible) result.push_back(std::move(term));
            overflow_ = overflow_ || result.size() > most_;
            if (overflow_) return {};
        }
    }
    return result;
}

/// Cheap, and sees most rules of another family: a key that no packet of the scope has, or
/// addresses of the other family alone.
bool Builder::fails_at_a_glance(const Match& match) const {
    const auto missing = [&](yett_field field, const auto& tests) {
        return !tests.empty() && (scope_.missing & 1u << field) != 0;
    };
    const auto foreign = [&](const AddressTest& test) {
        if (const auto* prefix = std::get_if<Prefix>(&test))
            return static_cast<int>(prefix->address.family) != static_cast<int>(scope_.family);
        const auto* range = std::get_if<AddressRange>(&test);
        return range && static_cast<int>(range->first.family) != static_cast<int>(scope_.family);
    };
    const auto all_foreign = [&](const std::vector<AddressTest>& tests) {
        return !tests.empty() && (scope_.readable & YETT_FIELD_BIT(SRC)) != 0 &&
               std::all_of(tests.begin(), tests.end(), foreign);
    };
    return missing(YETT_FIELD_SRC, match.src) || missing(YETT_FIELD_DST, match.dst) ||
           missing(YETT_FIELD_PROTO, match.proto) || missing(YETT_FIELD_SPORT, match.sport) ||
           missing(YETT_FIELD_DPORT, match.dport) || all_foreign(match.src) ||
           all_foreign(match.dst);
}

std::vector<Term> Builder::holds(const Match& match) {
    if (fails_at_a_glance(match)) return {};
    Term term;
    for (auto& [field, constraint] : keys_of(match))
        if (!constrain(term, field, std::move(constraint))) return {};
    std::vector<Term> terms{std::move(term)};
    for (const Match& part : match.negated)
        terms = cross(terms, fails(part));
    return terms;
}

std::vector<Term> Builder::fails(const Match& match) {
    std::vector<Term> terms;
    for (const auto& [field, constraint] : keys_of(match)) {
        Term term;
        if (constrain(term, field, opposite(constraint, greatest_value(scope_, field))))
            terms.push_back(std::move(term));
    }
    for (const Match& part : match.negated) {
        std::vector<Term> inner = holds(part);
        terms.insert(terms.end(), inner.begin(), inner.end());
    }
    overflow_ = overflow_ || terms.size() > most_;
    return overflow_ ? std::vector<Term>{} : terms;
}

}  // namespace

std::optional<std::vector<Term>> terms_of(const Match& match, const ListScope& scope,
                                          const Slots& slots, bool needs_known, std::size_t most) {
    Builder builder(scope, slots, needs_known, most);
    std::vector<Term> terms = builder.holds(match);
    if (builder.overflow()) return std::nullopt;
    return terms;
}

}  // namespace yett
