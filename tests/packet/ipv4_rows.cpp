// SPDX-License-Identifier: GPL-2.0-or-later
// IPv4 header: its length, options, and lengths that lie.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

const std::vector<std::string> kOptionsPassed = {"reason ip_options passed"};

/// The exception lets the packet through to the rules; a rule that drops it is not asked for that.
std::vector<std::string> passed_options(const Probe& probe) {
    return probe.port == 22 ? std::vector<std::string>{} : kOptionsPassed;
}

Octets nops(std::size_t count) {
    return Octets(count, 1);
}

std::vector<Case> length_cases() {
    std::vector<Case> cases;
    for (unsigned ihl = 0; ihl < 16; ++ihl)
        for (const Probe& probe : probes()) {
            const Octets segment = tcp({.dport = probe.port});
            const auto name = fmt::format("IHL {} port {}", ihl, probe.port);
            if (ihl < 5) {
                cases.push_back({name, frame4({.ihl = ihl}, segment), refused("bad_header")});
                continue;
            }
            cases.push_back({name,
                             frame4({.options = nops((ihl - 5) * 4)}, segment),
                             probe.fate,
                             {},
                             ihl == 5 ? std::vector<std::string>{} : passed_options(probe)});
            // The header claims the segment's own octets as options: none reads as one.
            if (ihl > 5)
                cases.push_back({name + " without the options", frame4({.ihl = ihl}, segment),
                                 refused(ihl > 10 ? "bad_length" : "bad_header")});
        }
    return cases;
}

struct OptionsCase {
    const char* name;
    Octets options;
    const char* reason;  ///< nullptr: judged as without options
};

std::vector<OptionsCase> options() {
    const Octets lsrr = {131, 7, 4, 192, 0, 2, 1}, ssrr = {137, 7, 4, 192, 0, 2, 1};
    const Octets record = {7, 7, 4, 0, 0, 0, 0};
    return {
        {"record route", record, nullptr},
        {"timestamp", {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}, nullptr},
        {"router alert", {0x94, 4, 0, 0}, nullptr},
        {"security", {0x82, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0}, nullptr},
        {"router alert that looks like port 443", {0x94, 4, 0x01, 0xbb}, nullptr},
        {"router alert that looks like port 22", {0x94, 4, 0x00, 0x16}, nullptr},
        {"NOPs and end", {1, 1, 1, 0}, nullptr},
        {"end before a loose source route", Octets{0} + lsrr, nullptr},
        {"loose source route", lsrr, "source_route"},
        {"strict source route", ssrr, "source_route"},
        {"loose source route behind NOPs", nops(9) + lsrr, "source_route"},
        {"strict source route behind record route", record + ssrr, "source_route"},
        {"empty loose source route at the very end", nops(37) + Octets{131, 3, 4}, "source_route"},
        {"loose source route of length 0", {131, 0, 0, 0}, "source_route"},
        {"record route of length 0", {7, 0, 0, 0}, "bad_header"},
        {"record route of length 1", {7, 1, 0, 0}, "bad_header"},
        {"record route longer than the header", {7, 9, 4, 0}, "bad_header"},
        {"record route of length 255", {7, 255, 4, 0}, "bad_header"},
        {"option type without length at the end", nops(3) + Octets{7}, "bad_header"},
        {"option type without length at octet 40", nops(39) + Octets{7}, "bad_header"},
    };
}

std::vector<Case> option_cases(const char* switched) {
    std::vector<Case> cases;
    for (const OptionsCase& kind : options())
        for (const Probe& probe : probes()) {
            Case one = {fmt::format("{}, port {}", kind.name, probe.port),
                        frame4({.options = kind.options}, tcp({.dport = probe.port})), probe.fate};
            if (kind.reason)
                one.fate = refused(kind.reason);
            else if (switched)
                one.fate = suspect(probe, switched);
            else
                one.also = passed_options(probe);
            cases.push_back(std::move(one));
        }
    return cases;
}

/// Whatever lies behind the total length is padding, and nobody reads ports there.
std::vector<Case> total_length_cases() {
    std::vector<Case> cases;
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        const auto add = [&](unsigned total, const Fate& fate) {
            cases.push_back({fmt::format("total length {} port {}", total, probe.port),
                             sized(frame4({.total_length = total}, segment), 64), fate});
        };
        for (unsigned total = 0; total < 20; ++total)
            add(total, refused("bad_length"));
        for (unsigned total = 20; total < 40; ++total)
            add(total, refused("truncated"));
        for (unsigned total = 40; total <= 50; ++total)
            add(total, probe.fate);
        for (const unsigned total : {51u, 52u, 64u, 1500u, 32768u, 65535u})
            add(total, refused("bad_length"));
    }
    return cases;
}

/// What no filter may take offence at.
std::vector<Case> honest_cases() {
    std::vector<Case> cases;
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        const auto add = [&](const char* name, Octets frame) {
            cases.push_back(
                {fmt::format("{}, port {}", name, probe.port), std::move(frame), probe.fate});
        };
        Octets wrong = frame4({}, segment);
        wrong[14 + 10] ^= 0xff;
        add("a wrong header checksum", wrong);
        add("DF", frame4({.fragment = 0x4000}, segment));
        add("the reserved bit (RFC 3514)", frame4({.fragment = 0x8000}, segment));
        add("TTL 0", frame4({.ttl = 0}, segment));
        add("TTL 255", frame4({.ttl = 255}, segment));
        add("TOS 255", frame4({.tos = 255}, segment));
        add("id 0", frame4({.id = 0}, segment));
        add("payload of 1400 octets", frame4({}, segment + zeros(1400)));
    }
    return cases;
}

}  // namespace

std::vector<Row> ipv4_rows() {
    std::vector<Row> rows = rows_of("ipv4 header length", length_cases());
    append(rows, rows_of("ip options", option_cases(nullptr)));
    append(rows, rows_of("ip options dropped", option_cases("ip_options"),
                         R"("exceptions": {"ip_options": "drop"})"));
    append(rows, rows_of("ipv4 total length", total_length_cases()));
    append(rows, rows_of("ipv4 honest", honest_cases()));
    return rows;
}

}  // namespace yett::corpus
