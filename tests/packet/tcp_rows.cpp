// SPDX-License-Identifier: GPL-2.0-or-later
// TCP: every octet of flags, the reserved bits, and data offsets.
#include <fmt/format.h>

#include <set>

#include "abi/fields.h"
#include "packet/row.hpp"

namespace yett::corpus {
namespace {

/// RFC 9293 3.10: what a connection's segments carry of SYN, RST, FIN and ACK. PSH, ECE and CWR
/// (RFC 3168) may come with any, URG with ACK alone.
bool honest(unsigned flags) {
    static const std::set<unsigned> kKinds = {YETT_TCP_SYN, YETT_TCP_SYN | YETT_TCP_ACK,
                                              YETT_TCP_RST, YETT_TCP_RST | YETT_TCP_ACK,
                                              YETT_TCP_ACK, YETT_TCP_FIN | YETT_TCP_ACK};
    const unsigned kind = flags & (YETT_TCP_SYN | YETT_TCP_RST | YETT_TCP_FIN | YETT_TCP_ACK);
    return kKinds.contains(kind) && !(flags & YETT_TCP_URG && !(flags & YETT_TCP_ACK));
}

std::vector<Case> flag_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (unsigned flags = 0; flags < 256; ++flags)
            for (const Probe& probe : probes())
                cases.push_back(
                    {fmt::format("{} flags {:02x} port {}", name_of(family), flags, probe.port),
                     ip_frame(family, 6, tcp({.dport = probe.port, .flags = flags})),
                     honest(flags) ? probe.fate : suspect(probe, "tcp_flags")});
    return cases;
}

/// RFC 9293 3.1: bits that a receiver does not know must be ignored; one of them is in use (AE, RFC
/// 9768).
std::vector<Case> reserved_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (unsigned reserved = 1; reserved < 16; ++reserved)
            for (const Probe& probe : probes())
                cases.push_back(
                    {fmt::format("{} reserved bits {:x} port {}", name_of(family), reserved,
                                 probe.port),
                     ip_frame(family, 6, tcp({.dport = probe.port, .flags = reserved << 8 | 2})),
                     probe.fate});
    return cases;
}

std::vector<Case> offset_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (unsigned doff = 0; doff < 16; ++doff)
            for (const Probe& probe : probes()) {
                const auto name =
                    fmt::format("{} data offset {} port {}", name_of(family), doff, probe.port);
                const Octets bare = tcp({.dport = probe.port, .doff = doff});
                const Octets full = sized(bare, std::max(20u, doff * 4));
                if (doff < 5)
                    cases.push_back({name, ip_frame(family, 6, bare), refused("bad_header")});
                else
                    cases.push_back({name, ip_frame(family, 6, full), probe.fate});
                if (doff > 5)
                    cases.push_back({name + ", options missing", ip_frame(family, 6, bare),
                                     refused("truncated")});
            }
    return cases;
}

std::vector<Case> cut_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies)
        for (std::size_t size = 0; size < 20; ++size)
            for (const Probe& probe : probes())
                cases.push_back({fmt::format("{} {} octets of the header, port {}", name_of(family),
                                             size, probe.port),
                                 ip_frame(family, 6, sized(tcp({.dport = probe.port}), size)),
                                 refused("truncated")});
    return cases;
}

/// Ports elsewhere than in the header do not count.
std::vector<Case> shape_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies) {
        const auto add = [&](const char* name, const Tcp& header, const Fate& fate) {
            cases.push_back({fmt::format("{} {}", name_of(family), name),
                             ip_frame(family, 6, tcp(header)), fate});
        };
        const Octets fast_open = {34, 10, 1, 2, 3, 4, 5, 6, 7, 8};
        add("SYN with data", {.dport = 443, .payload = zeros(100)}, passed_by("web"));
        add("SYN with a cookie and data (RFC 7413)",
            {.dport = 443, .options = fast_open, .payload = zeros(64)}, passed_by("web"));
        add("options that look like port 443", {.dport = 22, .options = {1, 1, 0x01, 0xbb}},
            dropped_by("no-ssh"));
        add("source port 443", {.sport = 443, .dport = 9999}, by_policy());
        add("source port 22", {.sport = 22, .dport = 443}, passed_by("web"));
        add("SYN-ACK that nobody asked for (split handshake)",
            {.sport = 443, .dport = 9999, .flags = 0x12}, by_policy());
        add("both ports 443", {.sport = 443, .dport = 443}, passed_by("web"));
        add("65535 octets of window and urgent", {.dport = 443, .flags = 0x30}, passed_by("web"));
    }
    return cases;
}

}  // namespace

std::vector<Row> tcp_rows() {
    std::vector<Row> rows = rows_of("tcp flags", flag_cases());
    append(rows, rows_of("tcp reserved bits", reserved_cases()));
    append(rows, rows_of("tcp data offset", offset_cases()));
    append(rows, rows_of("tcp cut", cut_cases()));
    append(rows, rows_of("tcp shapes", shape_cases()));
    return rows;
}

}  // namespace yett::corpus
