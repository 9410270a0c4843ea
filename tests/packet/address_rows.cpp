// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses: blocked, martian, mapped, and echo requests to many.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

struct Pair {
    const char* name;
    const char* src;
    const char* dst;
};

Octets between(const Pair& pair, const Octets& segment, std::uint8_t proto = 6) {
    if (std::string(pair.src).find(':') == std::string::npos)
        return frame4({.src = pair.src, .dst = pair.dst, .proto = proto}, segment);
    return frame6({.src = pair.src, .dst = pair.dst, .proto = proto}, segment);
}

/// RFC 1122 3.2.1.3, RFC 6890, RFC 4291 2.5 and 2.7: none of these comes from a wire.
constexpr Pair kMartians[] = {
    {"loopback source", "127.0.0.1", kHost4},
    {"last loopback source", "127.255.255.255", kHost4},
    {"loopback destination", kSource4, "127.0.0.1"},
    {"this network", "0.0.0.1", kHost4},
    {"this network, last", "0.255.255.255", kHost4},
    {"no source, one host", "0.0.0.0", kHost4},
    {"multicast source", "224.0.0.1", kHost4},
    {"last multicast source", "239.255.255.255", kHost4},
    {"broadcast source", "255.255.255.255", kHost4},
    {"loopback source", "::1", kHost6},
    {"loopback destination", kSource6, "::1"},
    {"no destination", kSource6, "::"},
    {"no source, one host", "::", kHost6},
    {"multicast source", "ff02::1", kHost6},
    {"last multicast source", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", kHost6},
};

/// Beside them, and honest. Who blocks these says so in a rule.
constexpr Pair kHonest[] = {
    {"private", "10.0.0.1", kHost4},
    {"private", "172.16.0.1", kHost4},
    {"private", "192.168.0.1", kHost4},
    {"link-local", "169.254.1.1", kHost4},
    {"shared (RFC 6598)", "100.64.0.1", kHost4},
    {"before multicast", "223.255.255.255", kHost4},
    {"after loopback", "128.0.0.1", kHost4},
    {"before loopback", "126.255.255.255", kHost4},
    {"after this network", "1.0.0.0", kHost4},
    {"no source, broadcast", "0.0.0.0", "255.255.255.255"},
    {"no source, multicast", "0.0.0.0", "224.0.0.22"},
    {"link-local", "fe80::1", kHost6},
    {"unique local", "fd00::1", kHost6},
    {"no source, multicast", "::", "ff02::16"},
    {"compatible (RFC 4291 2.5.5.1)", "::203.0.113.9", kHost6},
    {"6to4", "2002:cb00:7109::1", kHost6},
    {"NAT64", "64:ff9b::203.0.113.9", kHost6},
    {"almost loopback", "::2", kHost6},
};

constexpr Pair kMapped[] = {
    {"source", "::ffff:203.0.113.9", kHost6},
    {"blocked IPv4 source", "::ffff:198.51.100.1", kHost6},
    {"destination", kSource6, "::ffff:192.0.2.7"},
    {"both", "::ffff:203.0.113.9", "::ffff:192.0.2.7"},
    {"loopback", "::ffff:127.0.0.1", kHost6},
};

std::vector<Case> martian_cases(bool excepted) {
    const std::vector<std::string> passed = {"reason martian passed"};
    std::vector<Case> cases;
    for (const Pair& pair : kMartians)
        for (const Probe& probe : probes()) {
            const Octets frame = between(pair, tcp({.dport = probe.port}));
            const auto name =
                fmt::format("{} {} > {} port {}", pair.name, pair.src, pair.dst, probe.port);
            const bool noted = excepted && probe.port != 22;
            cases.push_back({name, frame, excepted ? probe.fate : suspect(probe, "martian"),
                             kIngressHooks, noted ? passed : std::vector<std::string>{}});
            // What a host sends is its own affair.
            cases.push_back({name + " out", frame, probe.fate, kEgressHooks});
        }
    return cases;
}

/// 240.0.0.0/4: networks are numbered from it, and a policy that passes takes it.
std::vector<Case> reserved_cases(bool excepted) {
    const std::vector<std::string> passed = {"reason reserved_source passed"};
    std::vector<Case> cases;
    for (const char* source : {"240.0.0.1", "255.255.255.254"})
        for (const Probe& probe : probes()) {
            const Octets frame = between({"", source, kHost4}, tcp({.dport = probe.port}));
            const auto name = fmt::format("{} port {}", source, probe.port);
            const bool noted = excepted && probe.port != 22;
            cases.push_back({name, frame, excepted ? probe.fate : odd(probe, "reserved_source"),
                             kIngressHooks, noted ? passed : std::vector<std::string>{}});
            cases.push_back({name + " out", frame, probe.fate, kEgressHooks});
        }
    return cases;
}

std::vector<Case> honest_cases() {
    std::vector<Case> cases;
    for (const Pair& pair : kHonest)
        for (const Probe& probe : probes())
            cases.push_back(
                {fmt::format("{} {} > {} port {}", pair.name, pair.src, pair.dst, probe.port),
                 between(pair, tcp({.dport = probe.port})), probe.fate});
    return cases;
}

std::vector<Case> mapped_cases() {
    std::vector<Case> cases;
    for (const Pair& pair : kMapped)
        for (const Probe& probe : probes())
            cases.push_back(
                {fmt::format("{} {} > {} port {}", pair.name, pair.src, pair.dst, probe.port),
                 between(pair, tcp({.dport = probe.port})), suspect(probe, "mapped_address")});
    return cases;
}

/// plane.cpp says which addresses are the host's.
constexpr Pair kOwn[] = {{"IPv4", "192.0.2.77", kHost4}, {"IPv6", "2001:db8:2::77", kHost6}};

std::vector<Case> own_cases(bool excepted) {
    const std::vector<std::string> passed = {"reason own_address passed"};
    std::vector<Case> cases;
    for (const Pair& pair : kOwn)
        for (const Probe& probe : probes()) {
            const Octets frame = between(pair, tcp({.dport = probe.port}));
            const auto name = fmt::format("{} port {}", pair.name, probe.port);
            const bool noted = excepted && probe.port != 22;
            cases.push_back({name, frame, excepted ? probe.fate : suspect(probe, "own_address"),
                             kIngressHooks, noted ? passed : std::vector<std::string>{}});
            cases.push_back({name + " out", frame, probe.fate, kEgressHooks});
        }
    return cases;
}

/// Beside them; addresses that share a bit of the filter; and who defends an address.
std::vector<Case> foreign_cases() {
    constexpr Pair kForeign[] = {{"before", "192.0.2.76", kHost4},
                                 {"after", "192.0.2.78", kHost4},
                                 {"the same bit", "192.16.3.77", kHost4},
                                 {"the same number in IPv6", "::192.0.2.77", kHost6},
                                 {"the same low half", "2001:db8:3::77", kHost6},
                                 {"the broadcast address", "192.0.2.255", kHost4},
                                 {"as destination", kSource4, "192.0.2.77"},
                                 {"as destination", kSource6, "2001:db8:2::77"}};
    std::vector<Case> cases;
    for (const Pair& pair : kForeign)
        for (const Probe& probe : probes())
            cases.push_back(
                {fmt::format("{} {} > {} port {}", pair.name, pair.src, pair.dst, probe.port),
                 between(pair, tcp({.dport = probe.port})), probe.fate});
    for (const std::uint8_t type : {133, 134, 135, 136})
        cases.push_back({fmt::format("discovery type {} from it", type),
                         frame6({.src = "2001:db8:2::77", .hop_limit = 255, .proto = 58},
                                icmp(type, 0, zeros(36))),
                         type == 134 ? by_policy() : passed_by_builtin("builtin-nd")});
    return cases;
}

std::vector<Case> blocked_cases() {
    constexpr Pair kPairs[] = {
        {"first", "198.51.100.0", kHost4},
        {"last", "198.51.100.255", kHost4},
        {"first", "2001:db8:bad::", kHost6},
        {"last", "2001:db8:bad:ffff:ffff:ffff:ffff:ffff", kHost6},
    };
    constexpr Pair kBeside[] = {
        {"before", "198.51.99.255", kHost4},
        {"after", "198.51.101.0", kHost4},
        {"before", "2001:db8:bac:ffff:ffff:ffff:ffff:ffff", kHost6},
        {"after", "2001:db8:bae::", kHost6},
        {"as destination", kSource4, "198.51.100.1"},
        {"as destination", kSource6, "2001:db8:bad::1"},
    };
    std::vector<Case> cases;
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        for (const Pair& pair : kPairs)
            cases.push_back({fmt::format("{} {} port {}", pair.name, pair.src, probe.port),
                             between(pair, segment), dropped_by("blocked")});
        for (const Pair& pair : kBeside)
            cases.push_back(
                {fmt::format("{} {} > {} port {}", pair.name, pair.src, pair.dst, probe.port),
                 between(pair, segment), probe.fate});
    }
    return cases;
}

/// An echo request to a group is answered by all of it (smurf).
std::vector<Case> echo_cases() {
    constexpr Pair kGroups[] = {{"all hosts", kSource4, "224.0.0.1"},
                                {"administrative scope", kSource4, "239.255.255.255"},
                                {"broadcast", kSource4, "255.255.255.255"},
                                {"a network's broadcast", kSource4, "192.0.2.255"},
                                {"all nodes", kSource6, "ff02::1"},
                                {"global group", kSource6, "ff0e::1"}};
    std::vector<Case> cases;
    for (const Pair& pair : kGroups) {
        const bool v4 = std::string(pair.src) == kSource4;
        const std::uint8_t proto = v4 ? 1 : 58, request = v4 ? 8 : 128, reply = v4 ? 0 : 129;
        const auto name = fmt::format("{} {}", pair.name, pair.dst);
        const Octets echo = between(pair, icmp(request, 0), proto);
        cases.push_back({"request to " + name, echo, refused("echo_multicast"), kIngressHooks});
        cases.push_back(
            {"request out to " + name, echo, passed_by(v4 ? "ping" : "ping6"), kEgressHooks});
        cases.push_back({"reply to " + name, between(pair, icmp(reply, 0), proto), by_policy()});
    }
    for (const Family family : kFamilies) {
        const bool v4 = family == Family::ipv4;
        const Octets echo = ip_frame(family, v4 ? 1 : 58, icmp(v4 ? 8 : 128, 0));
        cases.push_back({fmt::format("request to one host {}", name_of(family)), echo,
                         passed_by(v4 ? "ping" : "ping6")});
        // A directed broadcast looks like one host to whoever does not know the netmask; the frame
        // that carries it to all of a link does not.
        for (const Octets& dmac : {Octets(6, 0xff), Octets{1, 0, 0x5e, 0, 0, 1}}) {
            Octets to_all = echo;
            std::copy(dmac.begin(), dmac.end(), to_all.begin());
            cases.push_back({fmt::format("request to one host {} in a frame to {:02x}...",
                                         name_of(family), dmac[0]),
                             to_all, refused("echo_multicast"), kIngressHooks});
        }
    }
    return cases;
}

}  // namespace

std::vector<Row> address_rows() {
    std::vector<Row> rows = rows_of("martian", martian_cases(false));
    append(rows, rows_of("martian excepted", martian_cases(true),
                         R"("exceptions": {"martian": "pass"})"));
    append(rows, rows_of("reserved source", reserved_cases(false)));
    append(rows, rows_of("reserved source excepted", reserved_cases(true),
                         R"("exceptions": {"reserved_source": "pass"})"));
    append(rows, rows_of("own address", own_cases(false)));
    append(rows, rows_of("own address excepted", own_cases(true),
                         R"("exceptions": {"own_address": "pass"})"));
    append(rows, rows_of("foreign address", foreign_cases()));
    append(rows, rows_of("honest addresses", honest_cases()));
    append(rows, rows_of("mapped address", mapped_cases()));
    append(rows, rows_of("blocked source", blocked_cases()));
    append(rows, rows_of("echo to many", echo_cases()));
    return rows;
}

}  // namespace yett::corpus
