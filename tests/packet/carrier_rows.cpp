// SPDX-License-Identifier: GPL-2.0-or-later
// IP behind headers that are read through (PPPoE, AH), and behind those that are not (MPLS, PPP
// that is no IP, PIM registers).
#include <fmt/format.h>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

constexpr std::uint16_t kPppoe = 0x8864, kMpls = 0x8847, kMplsMany = 0x8848;
constexpr unsigned kPppIpv4 = 0x0021, kPppIpv6 = 0x0057, kLcp = 0xc021;

struct Session {
    unsigned version_type = 0x11;
    unsigned code = 0;
    int longer = 0;           ///< what the length says beyond the truth
    bool compressed = false;  ///< the PPP protocol number in one octet (RFC 1661 6.5)
};

Octets session(const Session& header, unsigned protocol, const Octets& payload) {
    const Octets number =
        header.compressed ? Octets{static_cast<std::uint8_t>(protocol)} : be16(protocol);
    const auto length = static_cast<unsigned>(number.size() + payload.size());
    return be16(header.version_type << 8 | header.code) + be16(1) +
           be16(length + static_cast<unsigned>(header.longer)) + number + payload;
}

unsigned ppp_of(Family family) {
    return family == Family::ipv4 ? kPppIpv4 : kPppIpv6;
}

Octets segment_to(Family family, std::uint16_t port) {
    return ip(family, 6, tcp({.dport = port}));
}

const std::vector<std::vector<Tag>> kTagging = {
    {}, {{0x8100, 7}}, {{0x88a8, 7}, {0x8100, 8}}, {{0x8100, 0}}, {{0x9300, 7}}};

std::string tags_text(const std::vector<Tag>& tags) {
    std::string text;
    for (const Tag& tag : tags)
        text += fmt::format(" {:04x}:{}", tag.tpid, tag.tci);
    return text.empty() ? " no tag" : text;
}

/// Falls where it comes in; what this host sends is its own business where the policy passes.
void add_carrier(std::vector<Case>& cases, const std::string& name, const Octets& frame) {
    cases.push_back({name, frame, refused("tunnel"), kIngressHooks});
    cases.push_back({name + ", out", frame, oddity("tunnel"), kEgressHooks});
}

/// A session is read through like a tag.
std::vector<Case> session_cases() {
    std::vector<Case> cases;
    for (const auto& tags : kTagging)
        for (const Family family : kFamilies)
            for (const Probe& probe : probes())
                for (const bool compressed : {false, true})
                    for (const std::size_t padding : {0u, 24u})
                        cases.push_back(
                            {fmt::format("{},{}{}{} port {}", name_of(family), tags_text(tags),
                                         compressed ? ", short number" : "",
                                         padding ? ", padded" : "", probe.port),
                             ethernet({.tags = tags, .type = kPppoe},
                                      session({.compressed = compressed}, ppp_of(family),
                                              segment_to(family, probe.port)) +
                                          zeros(padding)),
                             probe.fate});
    return cases;
}

Octets in_session(const Session& header, unsigned protocol, const Octets& payload) {
    return ethernet({.type = kPppoe}, session(header, protocol, payload));
}

/// Lengths and versions that lie; nothing behind the session's length is read.
std::vector<Case> wrong_session_cases() {
    std::vector<Case> cases;
    for (const Family family : kFamilies) {
        const Octets packet = segment_to(family, 443);
        const unsigned ppp = ppp_of(family);
        const auto add = [&](const std::string& name, Octets frame, const char* reason) {
            cases.push_back(
                {fmt::format("{}, {}", name_of(family), name), std::move(frame), refused(reason)});
        };
        for (const unsigned wrong : {0x00, 0x10, 0x12, 0x21, 0xff})
            add(fmt::format("version and type {:02x}", wrong),
                in_session({.version_type = wrong}, ppp, packet), "bad_header");
        for (const unsigned code : {0x01, 0x09, 0xa7})
            add(fmt::format("code {:02x}", code), in_session({.code = code}, ppp, packet),
                "bad_header");
        add("a length one beyond the frame", in_session({.longer = 1}, ppp, packet), "bad_length");
        add("a length one too short", in_session({.longer = -1}, ppp, packet), "bad_length");
        add("a length of the number alone",
            in_session({.longer = -static_cast<int>(packet.size())}, ppp, packet), "bad_length");
        add("a length of 1",
            in_session({.longer = -static_cast<int>(packet.size()) - 1}, ppp, packet), "truncated");
        add("the other family's number",
            in_session({}, ppp == kPppIpv4 ? kPppIpv6 : kPppIpv4, packet), "bad_version");
        for (std::size_t size = 1; size < 8; ++size)
            add(fmt::format("cut after {} octets", size),
                sized(in_session({}, ppp, packet), 14 + size),
                size < 6 ? "truncated" : "bad_length");
    }
    return cases;
}

/// What keeps a session alive is no IP and hides none: the rules see ethertype 0x8864. Data of
/// other protocols may hold anything.
std::vector<Case> ppp_cases() {
    std::vector<Case> cases;
    for (const unsigned control : {kLcp, 0xc023u, 0xc223u, 0xc227u, 0x8021u, 0x8057u, 0x80fdu})
        cases.push_back({fmt::format("control protocol {:04x}", control),
                         in_session({}, control, zeros(8)), passed_by_builtin("builtin-link")});
    for (const unsigned data : {0x0000u, 0x002bu, 0x002du, 0x002fu, 0x0031u, 0x003du, 0x0053u,
                                0x00fdu, 0x0281u, 0x0283u, 0x4021u, 0x7fffu})
        add_carrier(cases, fmt::format("data protocol {:04x}", data),
                    in_session({}, data, segment_to(Family::ipv4, 443)));
    cases.push_back({"discovery",
                     ethernet({.type = 0x8863}, Octets{0x11, 9, 0, 0, 0, 4} + zeros(40)),
                     passed_by_builtin("builtin-link")});
    return cases;
}

constexpr std::size_t kMostLabels = 8;

/// Looked into where a rule may drop what is inside, as long as all labels are read.
void add_labelled(std::vector<Case>& cases, const std::string& name, const Octets& frame,
                  bool readable) {
    const Fate fate = readable ? looked_into(dropped_by("no-ssh")) : refused("tunnel");
    cases.push_back({name, frame, fate, kIngressHooks});
    cases.push_back({name + ", out", frame, oddity("tunnel"), kEgressHooks});
}

std::vector<Case> label_cases(bool excepted) {
    std::vector<Case> cases;
    for (const auto& tags : kTagging)
        for (const std::uint16_t type : {kMpls, kMplsMany})
            for (const Family family : kFamilies)
                for (const std::size_t depth : {1u, 3u, 9u}) {
                    const auto name = fmt::format("{:04x}, {} labels,{}, {} inside", type, depth,
                                                  tags_text(tags), name_of(family));
                    const Octets frame =
                        ethernet({.tags = tags, .type = type}, mpls(depth, segment_to(family, 22)));
                    if (excepted)
                        cases.push_back({name, frame, by_policy(), {}, {"reason tunnel passed"}});
                    else
                        add_labelled(cases, name, frame, depth <= kMostLabels);
                }
    return cases;
}

/// AH in the clear, as IPv6 has it: what is behind it is judged.
std::vector<Case> authentication_cases() {
    std::vector<Case> cases;
    const auto ah = [](std::uint8_t next, std::uint8_t words, std::size_t octets) {
        return Octets{next, words, 0, 0} + be32(0x100) + be32(1) + zeros(octets - 12);
    };
    for (const Probe& probe : probes()) {
        const Octets segment = tcp({.dport = probe.port});
        const auto add = [&](const std::string& name, Octets frame, const Fate& fate) {
            cases.push_back({fmt::format("{}, port {}", name, probe.port), std::move(frame), fate});
        };
        for (const int words : {1, 4, 10, 255})
            add(fmt::format("a length of {} words", words),
                frame4({.proto = 51},
                       ah(6, static_cast<std::uint8_t>(words), (words + 2) * 4u) + segment),
                probe.fate);
        add("behind options",
            frame4({.proto = 51, .options = Octets(8, 1)}, ah(6, 4, 24) + segment), probe.fate);
        if (probe.port != 22) cases.back().also = {"reason ip_options passed"};
        add("four times",
            frame4({.proto = 51},
                   ah(51, 4, 24) + ah(51, 4, 24) + ah(51, 4, 24) + ah(6, 4, 24) + segment),
            probe.fate);
        add("five times",
            frame4({.proto = 51}, ah(51, 4, 24) + ah(51, 4, 24) + ah(51, 4, 24) + ah(51, 4, 24) +
                                      ah(6, 4, 24) + segment),
            refused("ext_too_long"));
        add("beyond the packet", frame4({.proto = 51}, ah(6, 60, 24) + segment),
            refused("truncated"));
        cases.push_back({fmt::format("IP in IP behind it, port {}", probe.port),
                         frame4({.proto = 51}, ah(4, 4, 24) + ipv4({}, segment)),
                         looked_into(probe.fate), kIngressHooks});
        add("a first fragment",
            frame4({.proto = 51, .fragment = 0x2000}, ah(6, 4, 24) + segment + zeros(4)),
            probe.fate);
        add("a first fragment that ends inside it",
            frame4({.proto = 51, .fragment = 0x2000}, ah(6, 4, 24) + zeros(0)),
            refused("frag_tiny"));
        add("a later fragment", frame4({.proto = 51, .fragment = 185}, ah(6, 4, 24) + segment),
            refused("frag_later"));
    }
    for (std::size_t size = 0; size < 24; ++size)
        cases.push_back({fmt::format("cut after {} octets", size),
                         frame4({.proto = 51}, sized(ah(6, 4, 24), size)), refused("truncated")});
    return cases;
}

/// PIM (RFC 7761 4.9.3) and IGMP: a register carries a packet, nothing else of them does.
std::vector<Case> register_cases() {
    std::vector<Case> cases;
    struct Message {
        const char* name;
        std::uint8_t proto;
        Octets head;
        bool carries;
    };
    const Message messages[] = {
        {"PIM register", 103, {0x21, 0, 0, 0, 0, 0, 0, 0}, true},
        {"PIM border register", 103, {0x21, 0, 0, 0, 0x80, 0, 0, 0}, true},
        {"PIM null register", 103, {0x21, 0, 0, 0, 0x40, 0, 0, 0}, false},
        {"PIM hello", 103, {0x20, 0, 0, 0, 0, 1, 0, 2}, false},
        {"PIM cut", 103, {0x21, 0, 0, 0}, false},
        {"PIM version 1 register", 2, {0x14, 1, 0, 0, 0x10, 0, 0, 0}, true},
        {"PIM version 1 query", 2, {0x14, 0, 0, 0, 0x10, 0, 0, 0}, false},
        {"IGMP report", 2, {0x22, 0, 0, 0, 0, 0, 0, 1}, false},
    };
    for (const Family outer : kFamilies)
        for (const Message& message : messages) {
            const Octets inside = message.head.size() < 8 ? Octets{} : segment_to(Family::ipv4, 22);
            const bool carries = message.carries && (message.proto != 2 || outer == Family::ipv4);
            const auto name = fmt::format("{} in {}", message.name, name_of(outer));
            const Octets frame = ip_frame(outer, message.proto, message.head + inside);
            if (carries)
                add_carrier(cases, name, frame);
            else
                cases.push_back({name, frame, by_policy()});
        }
    return cases;
}

}  // namespace

std::vector<Row> carrier_rows() {
    std::vector<Row> rows = rows_of("pppoe", session_cases());
    append(rows, rows_of("pppoe wrong", wrong_session_cases()));
    append(rows, rows_of("ppp", ppp_cases()));
    append(rows, rows_of("mpls", label_cases(false)));
    append(rows,
           rows_of("mpls excepted", label_cases(true), R"("exceptions": {"tunnel": "pass"})"));
    append(rows, rows_of("ip authentication", authentication_cases()));
    append(rows, rows_of("registers", register_cases()));
    return rows;
}

}  // namespace yett::corpus
