// SPDX-License-Identifier: GPL-2.0-or-later
// Link layer: VLAN tags of every kind and depth, LLC and SNAP, ethertypes that lie, ARP shapes.
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

constexpr std::uint16_t kArp = 0x0806;

Octets tagged(std::vector<Tag> tags, Family family, std::uint16_t port) {
    return ethernet({.tags = std::move(tags), .type = ethertype_of(family)},
                    ip(family, 6, tcp({.dport = port})));
}

/// The kind of each tag by depth; 0: take turns.
std::vector<Tag> tags_of(std::uint16_t tpid, int depth, std::uint16_t tci) {
    static constexpr std::uint16_t kTurns[] = {0x88a8, 0x8100, 0x9100, 0x9200};
    std::vector<Tag> tags;
    for (int i = 0; i < depth; ++i)
        tags.push_back({tpid ? tpid : kTurns[i % 4], tci});
    return tags;
}

/// Two tags are read; behind a third nobody reads (Linux hosts do).
std::vector<Case> depth_cases() {
    std::vector<Case> cases;
    for (const int tpid : {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300, 0})
        for (int depth = 0; depth <= 8; ++depth)
            for (const Family family : kFamilies)
                for (const Probe& probe : probes())
                    cases.push_back({fmt::format("{} tags of {:04x}, {} port {}", depth, tpid,
                                                 name_of(family), probe.port),
                                     tagged(tags_of(tpid, depth, 7), family, probe.port),
                                     depth <= 2 ? probe.fate : refused("vlan_depth")});
    return cases;
}

/// Linux strips any number of priority tags and answers what is inside: it must be judged, or
/// dropped.
std::vector<Case> priority_cases() {
    std::vector<Case> cases;
    for (const std::uint16_t tci : {0x0000, 0x1000, 0xe000, 0xf000})
        for (const int depth : {1, 2, 3, 5, 8, 9, 64})
            for (const Family family : kFamilies)
                for (const Probe& probe : probes())
                    cases.push_back({fmt::format("{} tags of VID 0, TCI {:04x}, {} port {}", depth,
                                                 tci, name_of(family), probe.port),
                                     tagged(tags_of(0x8100, depth, tci), family, probe.port),
                                     depth <= 8 ? probe.fate : refused("vlan_depth")});
    return cases;
}

struct TagsCase {
    const char* name;
    std::vector<Tag> tags;
    const char* reason;  ///< nullptr: as without the tags
};

std::vector<Case> tci_cases() {
    const std::vector<TagsCase> kinds = {
        {"VID 1", {{0x8100, 1}}, nullptr},
        {"VID 4094", {{0x8100, 4094}}, nullptr},
        {"VID 4095", {{0x8100, 4095}}, "vlan_bad"},
        {"VID 4095 with PCP 7", {{0x8100, 0xffff}}, "vlan_bad"},
        {"VID 4095 inside", {{0x88a8, 5}, {0x8100, 4095}}, "vlan_bad"},
        {"VID 4095 behind VID 0", {{0x8100, 0}, {0x8100, 4095}}, "vlan_bad"},
        {"DEI", {{0x8100, 0x1007}}, nullptr},
        {"PCP 7", {{0x8100, 0xe007}}, nullptr},
        {"VID 0 between two", {{0x88a8, 5}, {0x8100, 0}, {0x8100, 6}}, nullptr},
        {"VID 0 around two", {{0x8100, 0}, {0x88a8, 5}, {0x8100, 6}}, nullptr},
        {"VID 0 behind two", {{0x88a8, 5}, {0x8100, 6}, {0x8100, 0}}, nullptr},
        {"three with VID 0 between",
         {{0x8100, 5}, {0x8100, 0}, {0x8100, 6}, {0x8100, 7}},
         "vlan_depth"},
    };
    std::vector<Case> cases;
    for (const TagsCase& kind : kinds)
        for (const Family family : kFamilies)
            for (const Probe& probe : probes())
                cases.push_back(
                    {fmt::format("{}, {} port {}", kind.name, name_of(family), probe.port),
                     tagged(kind.tags, family, probe.port),
                     kind.reason ? refused(kind.reason) : probe.fate});
    return cases;
}

std::vector<Case> cut_tag_cases() {
    std::vector<Case> cases;
    for (const std::uint16_t tpid : {0x8100, 0x88a8, 0x9100, 0x9200, 0x9300})
        for (std::size_t behind = 0; behind < 4; ++behind)
            cases.push_back({fmt::format("{:04x} and {} octets behind it", tpid, behind),
                             ethernet({.type = tpid}, zeros(behind)), refused("truncated")});
    return cases;
}

Octets snap(std::uint16_t ethertype, const Octets& payload) {
    return Octets{0xaa, 0xaa, 3, 0, 0, 0} + be16(ethertype) + payload;
}

const Octets kBridges = {1, 0x80, 0xc2, 0, 0, 0};
const Octets kBpdu = {0x42, 0x42, 3, 0, 0, 0, 0};

std::vector<Case> llc_shapes() {
    const Octets bpdu = sized(kBpdu, 46);
    return {
        {"spanning tree", ethernet({.type = 38, .dmac = kBridges}, bpdu),
         passed_by_builtin("builtin-link")},
        {"spanning tree in a VLAN",
         ethernet({.tags = {{0x8100, 5}}, .type = 38, .dmac = kBridges}, bpdu),
         passed_by_builtin("builtin-link")},
        {"spanning tree to a host", ethernet({.type = 38}, bpdu), refused("llc")},
        {"raw IPX", ethernet({.type = 46}, Octets(46, 0xff)), refused("llc")},
        {"NetBIOS", ethernet({.type = 46}, sized({0xf0, 0xf0, 3}, 46)), refused("llc")},
        {"length 0", ethernet({.type = 0}, zeros(46)), refused("llc")},
        {"length 0x05ff", ethernet({.type = 0x05ff}, zeros(46)), refused("llc")},
        {"ethertype 0x0600", ethernet({.type = 0x0600}, zeros(46)), by_policy()},
    };
}

/// IP behind LLC and SNAP, with right and wrong lengths: a host may read it (CVE-2021-27853,
/// 27861, 27862), and who reads ethertypes does not.
std::vector<Case> llc_cases() {
    std::vector<Case> cases = llc_shapes();
    for (const Family family : kFamilies) {
        const Octets inner = snap(ethertype_of(family), ip(family, 6, tcp({.dport = 22})));
        const Octets vlan =
            snap(0x8100, be16(5) + be16(ethertype_of(family)) + ip(family, 6, tcp({.dport = 22})));
        const auto size = static_cast<std::uint16_t>(inner.size());
        for (const std::uint16_t length : {0, 1, int{size}, size + 1, 0x05dc, 0x05ff})
            for (const auto& tags : {std::vector<Tag>{}, {{0x8100, 0}}, {{0x8100, 5}}})
                cases.push_back({fmt::format("SNAP {}, length {}, {} tags, VID {}", name_of(family),
                                             length, tags.size(), tags.empty() ? 0 : tags[0].tci),
                                 ethernet({.tags = tags, .type = length}, inner), refused("llc")});
        cases.push_back({fmt::format("SNAP with a VLAN tag inside, {}", name_of(family)),
                         ethernet({.type = size}, vlan), refused("llc")});
        cases.push_back({fmt::format("SNAP {} to the bridges' group", name_of(family)),
                         ethernet({.type = size, .dmac = kBridges}, inner), refused("llc")});
    }
    return cases;
}

constexpr const char* kNeighbours = R"(, {"name": "spanning-tree",
   "match": {"dmac": "01:80:c2:00:00:00"}, "action": "pass"},
  {"name": "lldp", "match": {"ethertype": "lldp"}, "action": "pass"}])";

/// Spanning tree and LLDP have no rules of their own: a MAC address and an ethertype say who they
/// are.
std::vector<Row> neighbour_rows() {
    const Octets group = {1, 0x80, 0xc2, 0, 0, 0};
    std::vector<Row> rows = rows_of(
        "neighbours",
        {{"spanning tree", ethernet({.type = 38, .dmac = group}, sized(kBpdu, 46)),
          passed_by("spanning-tree")},
         {"SNAP to the bridges' group",
          ethernet({.type = 46, .dmac = group}, snap(0x0800, ipv4({}, tcp({})))), refused("llc")},
         {"LLDP", ethernet({.type = 0x88cc}, zeros(46)), passed_by("lldp")},
         {"LLDP in a VLAN", ethernet({.tags = {{0x8100, 5}}, .type = 0x88cc}, zeros(46)),
          passed_by("lldp")}});
    for (Row& row : rows)
        row.ruleset.replace(row.ruleset.rfind(']'), 1, kNeighbours);
    return rows;
}

/// No ethertype but two leads to an IP parser, and only with its own version.
std::vector<Case> version_cases() {
    std::vector<Case> cases;
    for (unsigned version = 0; version < 16; ++version)
        for (const Probe& probe : probes()) {
            const Octets segment = tcp({.dport = probe.port});
            const auto name = fmt::format("version {} port {}", version, probe.port);
            cases.push_back({"ethertype 0800 " + name, frame4({.version = version}, segment),
                             version == 4 ? probe.fate : refused("bad_version")});
            cases.push_back({"ethertype 86dd " + name, frame6({.version = version}, segment),
                             version == 6 ? probe.fate : refused("bad_version")});
        }
    for (const Family family : kFamilies)
        for (const std::uint16_t type :
             {0x0600, 0x0801, 0x0842, 0x8035, 0x8863, 0x888e, 0x88cc, 0x893f, 0x9000, 0xffff})
            cases.push_back({fmt::format("{} in ethertype {:04x}", name_of(family), type),
                             ethernet({.type = type}, ip(family, 6, tcp({.dport = 443}))),
                             type == 0x8863 || type == 0x888e ? passed_by_builtin("builtin-link")
                                                              : by_policy()});
    return cases;
}

const Octets kSender = {2, 0, 0, 0, 0, 1};  // as in ethernet()

Octets arp(unsigned hardware, unsigned protocol, unsigned hlen, unsigned plen,
           std::size_t body = 20, const Octets& sender = kSender) {
    return ethernet({.type = kArp}, be16(hardware) + be16(protocol) + be16(hlen << 8 | plen) +
                                        be16(1) + sized(sender, body));
}

/// With "exceptions": {"arp_sender": "drop"}; else such a packet is only counted.
std::vector<Case> arp_sender_cases(bool dropped) {
    const std::vector<std::string> noted = {"reason arp_sender passed"};
    std::vector<Case> cases = {
        {"the frame's own", arp(1, 0x0800, 6, 4), passed_by_builtin("builtin-arp")},
        {"longer addresses", arp(6, 0x86dd, 8, 16, 48, zeros(8)), passed_by_builtin("builtin-arp")},
    };
    for (int octet = 0; octet < 6; ++octet) {
        Octets sender = kSender;
        sender[octet] ^= 0x40;
        Case one = {fmt::format("octet {} differs", octet), arp(1, 0x0800, 6, 4, 20, sender),
                    dropped ? refused("arp_sender") : passed_by_builtin("builtin-arp")};
        if (!dropped) one.also = noted;
        cases.push_back(std::move(one));
    }
    return cases;
}

std::vector<Case> arp_cases() {
    std::vector<Case> cases = {
        {"whole", arp(1, 0x0800, 6, 4), passed_by_builtin("builtin-arp")},
        {"padded", arp(1, 0x0800, 6, 4, 38), passed_by_builtin("builtin-arp")},
        {"hardware length 0", arp(1, 0x0800, 0, 4), refused("bad_header")},
        {"hardware length 8", arp(1, 0x0800, 8, 4, 40), refused("bad_header")},
        {"hardware length 255", arp(1, 0x0800, 255, 4), refused("truncated")},
        {"protocol length 0", arp(1, 0x0800, 6, 0), refused("bad_header")},
        {"protocol length 16", arp(1, 0x0800, 6, 16, 44), refused("bad_header")},
        {"protocol length 255", arp(1, 0x0800, 6, 255), refused("truncated")},
        {"in a VLAN",
         ethernet({.tags = {{0x8100, 5}}, .type = kArp},
                  sized(be16(1) + be16(0x0800) + be16(0x0604) + be16(1) + kSender, 28)),
         passed_by_builtin("builtin-arp")},
        {"reverse (RARP)", ethernet({.type = 0x8035}, zeros(46)), by_policy()},
    };
    for (std::size_t size = 0; size < 28; ++size)
        cases.push_back({fmt::format("cut after {} octets", size),
                         sized(arp(1, 0x0800, 6, 4), 14 + size), refused("truncated")});
    return cases;
}

}  // namespace

std::vector<Row> link_rows() {
    std::vector<Row> rows = rows_of("vlan depth", depth_cases());
    append(rows, rows_of("vlan priority", priority_cases()));
    append(rows, rows_of("vlan tci", tci_cases()));
    append(rows, rows_of("vlan cut", cut_tag_cases()));
    append(rows, rows_of("llc", llc_cases()));
    append(rows, neighbour_rows());
    append(rows, rows_of("ethertype", version_cases()));
    append(rows, rows_of("arp", arp_cases()));
    append(rows, rows_of("arp sender", arp_sender_cases(false)));
    append(rows, rows_of("arp sender dropped", arp_sender_cases(true),
                         R"("exceptions": {"arp_sender": "drop"})"));
    return rows;
}

}  // namespace yett::corpus
