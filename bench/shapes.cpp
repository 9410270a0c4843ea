// SPDX-License-Identifier: GPL-2.0-or-later
// Pools of nested prefixes, and rules drawn from them.
#include "shapes.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "model/protocol.hpp"

namespace yett::bench {
namespace {

using Engine =
    std::mt19937_64;  // its output is the same everywhere, unlike the distributions of <random>

std::size_t below(Engine& random, std::size_t bound) {
    return random() % bound;
}
bool chance(Engine& random, double share) {
    return static_cast<double>(random() >> 11) * 0x1p-53 < share;
}
template <typename T>
const T& pick(Engine& random, const std::vector<T>& list) {
    return list[below(random, list.size())];
}

constexpr NumberRange kAllPorts{0, 65535}, kHighPorts{1024, 65535}, kLowPorts{0, 1023};

std::uint32_t to_number(const Address& address) {
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i)
        number = number << 8 | address.octets[i];
    return number;
}

Prefix to_prefix(std::uint32_t number, unsigned length) {
    Prefix prefix;
    const std::uint32_t kept = length == 0 ? 0 : number & ~0u << (32 - length);
    for (int i = 0; i < 4; ++i)
        prefix.address.octets[i] = static_cast<std::uint8_t>(kept >> (24 - 8 * i));
    prefix.length = static_cast<std::uint8_t>(length);
    return prefix;
}

/// What a pool of prefixes looks like. A prefix is new (one of `lengths`) or, with `nested`, a
/// part of an earlier one.
struct PoolShape {
    double size;      ///< prefixes for a hundred rules ...
    double exponent;  ///< ... and how that grows with the rules
    double nested;
    unsigned depth;
    std::vector<unsigned> lengths;
};

struct RuleShape {
    PoolShape src, dst;
    double wide_src, wide_dst, wide_both;  ///< share of rules
    std::size_t exact_ports;               ///< how many destination ports there are
    double exact_dport;                    ///< share of rules with one of them
    std::size_t sport_ranges, dport_ranges;
    double ranged_sport;
    double tcp, udp, icmp;  ///< the rest is any protocol
};

const RuleShape& shape_of(Shape shape) {
    static const RuleShape kAcl{{48, 1.0, 0.75, 5, {20, 22, 23, 24, 24, 26, 28, 32, 32}},
                                {80, 0.5, 0.5, 4, {20, 22, 24, 24, 27, 28, 32, 32}},
                                0.002,
                                0.004,
                                0,
                                90,
                                0.85,
                                1,
                                10,
                                0,
                                0.85,
                                0.10,
                                0.02};
    static const RuleShape kFw{{20, 0.9, 0.4, 2, {12, 16, 19, 21, 24, 27, 32, 32}},
                               {30, 0.9, 0.4, 2, {14, 16, 20, 22, 24, 28, 32, 32, 32}},
                               0.60,
                               0.25,
                               0.001,
                               25,
                               0.35,
                               13,
                               18,
                               0.35,
                               0.6,
                               0.3,
                               0.03};
    static const RuleShape kIpc{{35, 0.95, 0.5, 3, {14, 16, 19, 22, 24, 24, 28, 32, 32}},
                                {35, 0.9, 0.5, 3, {14, 16, 20, 23, 24, 28, 32, 32, 32}},
                                0.15,
                                0.08,
                                0.0005,
                                30,
                                0.5,
                                30,
                                20,
                                0.25,
                                0.6,
                                0.25,
                                0.05};
    return shape == Shape::acl ? kAcl : shape == Shape::fw ? kFw : kIpc;
}

struct Pooled {
    Prefix prefix;
    unsigned depth = 1;
};

/// Part of `outer`, one to six bits longer.
Pooled narrower(Engine& random, const Pooled& outer) {
    const unsigned length = std::min<unsigned>(32, outer.prefix.length + 1 + below(random, 6));
    const auto bits = static_cast<std::uint32_t>(random());
    const unsigned kept = outer.prefix.length;
    const std::uint32_t fixed = to_number(outer.prefix.address);
    return {to_prefix(fixed | (kept == 0 ? bits : bits >> kept), length), outer.depth + 1};
}

std::vector<Prefix> make_pool(Engine& random, const PoolShape& shape, std::size_t rules) {
    const double scale = std::pow(static_cast<double>(rules) / 100, shape.exponent);
    const auto count = std::max<std::size_t>(4, static_cast<std::size_t>(shape.size * scale));
    std::vector<Pooled> pool;
    std::set<Prefix> seen;
    while (pool.size() < count) {
        Pooled made{to_prefix(static_cast<std::uint32_t>(random()), pick(random, shape.lengths))};
        if (!pool.empty() && chance(random, shape.nested))
            made = narrower(random, pick(random, pool));
        if (made.depth <= shape.depth && seen.insert(made.prefix).second) pool.push_back(made);
    }
    std::vector<Prefix> prefixes;
    for (const Pooled& one : pool)
        prefixes.push_back(one.prefix);
    return prefixes;
}

std::vector<NumberRange> make_ranges(Engine& random, std::size_t count) {
    std::vector<NumberRange> ranges{kAllPorts, kHighPorts, kLowPorts};
    while (ranges.size() < count) {
        const auto first = static_cast<std::uint32_t>(below(random, 60000));
        const auto last = first + static_cast<std::uint32_t>(1 + below(random, 4000));
        const NumberRange range{first, last};
        if (std::find(ranges.begin(), ranges.end(), range) == ranges.end()) ranges.push_back(range);
    }
    ranges.resize(count);
    return ranges;
}

class RuleMaker {
  public:
    RuleMaker(Engine& random, const RuleShape& shape, std::size_t rules)
        : random_(random),
          shape_(shape),
          src_(make_pool(random, shape.src, rules)),
          dst_(make_pool(random, shape.dst, rules)),
          sports_(make_ranges(random, shape.sport_ranges)),
          dports_(make_ranges(random, shape.dport_ranges)) {
        for (std::size_t i = 0; i < shape.exact_ports; ++i)
            exact_.push_back(static_cast<std::uint32_t>(below(random, i % 3 ? 10000 : 1024)));
    }

    Tuple make() {
        Tuple rule;
        const double kind = static_cast<double>(random_() >> 11) * 0x1p-53;
        const bool both = kind < shape_.wide_both;
        const bool wide_src = both || kind < shape_.wide_src;
        const bool wide_dst = both || (!wide_src && kind < shape_.wide_src + shape_.wide_dst);
        rule.src = wide_src ? wide() : pick(random_, src_);
        rule.dst = wide_dst ? wide() : pick(random_, dst_);
        protocol(rule);
        return rule;
    }

  private:
    Prefix wide() {
        const bool some = chance(random_, 0.1);
        return to_prefix(static_cast<std::uint32_t>(random_()), some ? 1 + below(random_, 7) : 0);
    }

    void protocol(Tuple& rule) {
        const double kind = static_cast<double>(random_() >> 11) * 0x1p-53;
        if (kind >= shape_.tcp + shape_.udp + shape_.icmp) return;
        rule.proto = kind < shape_.tcp                ? kProtocolTcp
                     : kind < shape_.tcp + shape_.udp ? kProtocolUdp
                                                      : kProtocolIcmp;
        if (rule.proto == kProtocolIcmp) return;
        if (chance(random_, shape_.ranged_sport)) rule.sport = pick(random_, sports_);
        if (chance(random_, shape_.exact_dport)) {
            const auto port = pick(random_, exact_);
            rule.dport = {port, port};
        } else {
            rule.dport = pick(random_, dports_);
        }
    }

    Engine& random_;
    const RuleShape& shape_;
    std::vector<Prefix> src_, dst_;
    std::vector<NumberRange> sports_, dports_;
    std::vector<std::uint32_t> exact_;
};

/// How narrow a rule is; what covers another is never narrower than it.
unsigned width(const Tuple& rule) {
    const auto bits = [](const NumberRange& range) {
        return range == kAllPorts ? 0u : range.first == range.last ? 2u : 1u;
    };
    return rule.src.length * 3u + rule.dst.length * 3u + bits(rule.sport) + bits(rule.dport) +
           (rule.proto ? 1u : 0u);
}

Address inside(Engine& random, const Prefix& prefix) {
    Address address = prefix.address;
    for (unsigned bit = prefix.length; bit < address.bits(); ++bit) {
        if (random() & 1) address.octets[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    }
    return address;
}

std::uint16_t inside(Engine& random, const NumberRange& range) {
    return static_cast<std::uint16_t>(range.first + below(random, range.last - range.first + 1));
}

Header header_in(Engine& random, const Tuple& rule) {
    Header header;
    header.src = inside(random, rule.src);
    header.dst = inside(random, rule.dst);
    const bool tcp = chance(random, 0.7);
    header.proto =
        rule.proto.value_or(tcp ? std::uint8_t{kProtocolTcp} : std::uint8_t{kProtocolUdp});
    if (!has_ports(header.proto)) return header;
    header.sport = inside(random, rule.sport);
    header.dport = inside(random, rule.dport);
    return header;
}

std::vector<Header> uniform(Engine& random, const std::vector<Tuple>& rules, std::size_t count) {
    std::vector<Header> headers;
    headers.reserve(count);
    while (headers.size() < count)
        headers.push_back(header_in(random, pick(random, rules)));
    return headers;
}

std::vector<Header> random_headers(Engine& random, Family family, std::size_t count) {
    Tuple any;
    any.src.address.family = any.dst.address.family = family;
    return uniform(random, {any}, count);
}

std::vector<Header> local(Engine& random, const std::vector<Tuple>& rules, std::size_t count) {
    constexpr double kHot = 64;
    const auto flows = uniform(random, rules, count);
    std::vector<Header> headers;
    headers.reserve(count);
    while (headers.size() < count) {
        const double u = (static_cast<double>(random() >> 11) + 1) * 0x1p-53;
        const double rank = kHot / u - kHot;
        if (rank < static_cast<double>(count))
            headers.push_back(flows[static_cast<std::size_t>(rank)]);
    }
    return headers;
}

unsigned nesting_of(const std::set<Prefix>& prefixes) {
    // In this order a prefix stands before those inside it.
    std::vector<Prefix> open;
    unsigned most = 0;
    for (const Prefix& prefix : prefixes) {
        if (prefix.length < 8) continue;
        while (!open.empty() &&
               !(open.back().length < prefix.length && contains(open.back(), prefix.address)))
            open.pop_back();
        open.push_back(prefix);
        most = std::max(most, static_cast<unsigned>(open.size()));
    }
    return most;
}

}  // namespace

std::vector<Tuple> make_rules(Shape shape, std::size_t count, std::uint64_t seed) {
    Engine random(seed * 3 + static_cast<std::uint64_t>(shape));
    RuleMaker maker(random, shape_of(shape), count);
    std::set<Tuple> seen;
    std::vector<Tuple> rules;
    while (rules.size() < count) {
        const Tuple rule = maker.make();
        if (seen.insert(rule).second) rules.push_back(rule);
    }
    std::stable_sort(rules.begin(), rules.end(),
                     [](const Tuple& a, const Tuple& b) { return width(a) > width(b); });
    return rules;
}

std::vector<Header> make_headers(const std::vector<Tuple>& rules, Traffic traffic,
                                 std::size_t count, std::uint64_t seed) {
    Engine random(seed * 5 + static_cast<std::uint64_t>(traffic));
    const Family family = rules.empty() ? Family::ipv4 : rules[0].src.address.family;
    if (rules.empty() || traffic == Traffic::random) return random_headers(random, family, count);
    if (traffic == Traffic::local) return local(random, rules, count);
    if (traffic == Traffic::uniform) return uniform(random, rules, count);
    auto headers = uniform(random, rules, std::min<std::size_t>(64, count));
    for (std::size_t i = headers.size(); i < count; ++i)
        headers.push_back(headers[i % 64]);
    return headers;
}

Figures figures_of(const std::vector<Tuple>& rules) {
    Figures out;
    std::set<Prefix> src, dst;
    std::set<NumberRange> sports, dports;
    for (const Tuple& rule : rules) {
        src.insert(rule.src);
        dst.insert(rule.dst);
        sports.insert(rule.sport);
        dports.insert(rule.dport);
    }
    const auto share = [&](auto holds) {
        const auto count = std::count_if(rules.begin(), rules.end(), holds);
        return rules.empty() ? 0.0 : static_cast<double>(count) / static_cast<double>(rules.size());
    };
    out.rules = rules.size();
    out.sources = src.size();
    out.destinations = dst.size();
    out.source_ports = sports.size();
    out.destination_ports = dports.size();
    out.wide_sources = share([](const Tuple& rule) { return rule.src.length < 8; });
    out.wide_destinations = share([](const Tuple& rule) { return rule.dst.length < 8; });
    out.long_sources = share([](const Tuple& rule) { return rule.src.length >= 20; });
    out.long_destinations = share([](const Tuple& rule) { return rule.dst.length >= 20; });
    out.tcp = share([](const Tuple& rule) { return rule.proto == kProtocolTcp; });
    out.nesting = std::max(nesting_of(src), nesting_of(dst));
    return out;
}

}  // namespace yett::bench
