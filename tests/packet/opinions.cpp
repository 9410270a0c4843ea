// SPDX-License-Identifier: GPL-2.0-or-later
// The questions, field by field and reason by reason.
#include "packet/opinions.hpp"

#include <fmt/format.h>

namespace yett::corpus {
namespace {

constexpr std::size_t kMostTags = 8;

const std::string kMartian =
    "(ip and (src net 127.0.0.0/8 or dst net 127.0.0.0/8 or src net 224.0.0.0/4 or src host "
    "255.255.255.255 or"
    "  (src net 0.0.0.0/8 and not (src host 0.0.0.0 and"
    "   (dst net 224.0.0.0/4 or dst host 255.255.255.255))))) or"
    "(ip6 and (src host ::1 or dst net ::/127 or src net ff00::/8 or"
    "  (src host :: and not dst net ff00::/8)))";
const std::string kBadFlags =
    "ip and tcp and not ((tcp[13] & 0x17 = 2 or tcp[13] & 0x17 = 0x12 or tcp[13] & 0x17 = 4 or"
    "  tcp[13] & 0x17 = 0x14 or tcp[13] & 0x17 = 0x10 or tcp[13] & 0x17 = 0x11) and"
    "  tcp[13] & 0x30 != 0x20)";

/// As plane.cpp has it; neighbour discovery may come from there.
const std::string kOwn =
    "src host 192.0.2.77 or (src host 2001:db8:2::77 and"
    "  not (ip6[6] = 58 and ip6[40] >= 133 and ip6[40] <= 137))";

/// Protocols whose use is to carry packets.
constexpr unsigned kCarriers[] = {4, 41, 47, 53, 55, 57, 94, 97, 98, 108, 115, 137, 143, 144};

template <std::size_t N>
std::string any_of(const char* question, const unsigned (&numbers)[N]) {
    std::string all;
    for (const unsigned number : numbers)
        all += (all.empty() ? "" : " or ") + fmt::format(fmt::runtime(question), number);
    return all;
}

/// Why a frame is refused, in libpcap's words. A frame that the parsers let through must not be
/// any of these.
const std::map<std::string, std::string> kReasonQuestions = {
    {"bad_version", "(ip and ip[0] & 0xf0 != 0x40) or (ip6 and ip6[0] & 0xf0 != 0x60)"},
    {"zero_port", "port 0"},
    {"mapped_address", "ip6 and (src net ::ffff:0:0/96 or dst net ::ffff:0:0/96)"},
    {"martian", kMartian},
    {"tcp_flags", kBadFlags},
    {"echo_multicast",
     "icmp[0] = 8 and (dst net 224.0.0.0/4 or dst host 255.255.255.255 or"
     " dst host 192.0.2.255 or ether multicast)"},
    {"later_fragment", "ip and ip[6:2] & 0x1fff != 0"},
    {"later_fragment6", "ip6[6] = 44 and ip6[42:2] & 0xfff8 != 0"},
    {"source_route6", "ip6[6] = 43 and ip6[42] = 0"},
    {"tunnel", "(ip and (" + any_of("ip proto {}", kCarriers) + ")) or (ip6 and (" +
                   any_of("ip6[6] = {}", kCarriers) + "))"},
    {"own_address", kOwn},
    {"short_ipv4_header", "ip and ip[0] & 0x0f < 5"},
    {"header_beyond_total_length", "ip and ip[2:2] < (ip[0] & 0x0f) << 2"},
    {"short_tcp_header", "tcp[12] & 0xf0 < 0x50"},
    {"short_udp_length", "udp[4:2] < 8"},
};

const std::string kExtension =
    "(ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60 or ip6[6] = 135 or"
    " ip6[6] = 139 or ip6[6] = 140)";

/// What libpcap must find in an IPv4 frame that is refused. It reads neither options nor what an
/// inspected tunnel holds. {0} is the offset of the IP header.
const std::map<std::string, std::string> kRefused4 = {
    {"bad_version", "ip[0] & 0xf0 != 0x40"},
    {"bad_header", "ip[0] & 0x0f != 5 or tcp[12] & 0xf0 < 0x50"},
    {"bad_length",
     "ip[2:2] < (ip[0] & 0x0f) << 2 or ip[2:2] + {0} > len or udp[4:2] < 8 or"
     " udp[4:2] + ((ip[0] & 0x0f) << 2) > ip[2:2]"},
    {"truncated",
     "len < {0} + 20 or (ip proto 6 and ip[2:2] - ((ip[0] & 0x0f) << 2) < 20) or"
     " ip[2:2] - ((ip[0] & 0x0f) << 2) < 8 or"
     " ((ip proto 33 or ip proto 132) and ip[2:2] - ((ip[0] & 0x0f) << 2) < 12) or"
     " ip[2:2] - ((ip[0] & 0x0f) << 2) < (tcp[12] & 0xf0) >> 2"},
    {"frag_later", "ip[6:2] & 0x1fff != 0"},
    {"frag_tiny", "ip[6:2] & 0x3fff = 0x2000"},
    {"frag_bad", "ip[6:2] & 0x3fff != 0"},
    {"source_route", "ip[0] & 0x0f > 5"},
    {"martian", kMartian},
    {"reserved_source", "src net 240.0.0.0/4 and not src host 255.255.255.255"},
    {"own_address", kOwn},
    {"tcp_flags", kBadFlags},
    {"zero_port", "port 0 or ip proto 33 or ip proto 136"},
    {"echo_multicast",
     "icmp[0] = 8 and (dst net 224.0.0.0/4 or dst host 255.255.255.255 or"
     " dst host 192.0.2.255 or ether multicast)"},
    {"tunnel", any_of("ip proto {}", kCarriers) + " or ip proto 2 or ip proto 103"},
};

/// The same for IPv6 without extension headers. {0} as above.
const std::map<std::string, std::string> kRefused6 = {
    {"bad_version", "ip6[0] & 0xf0 != 0x60"},
    {"bad_header", "ip6[6] = 6 and ip6[52] & 0xf0 < 0x50"},
    {"bad_length",
     "ip6[4:2] + 40 + {0} > len or (ip6[6] = 17 and (ip6[44:2] < 8 or ip6[44:2] > ip6[4:2]))"},
    {"truncated",
     "len < {0} + 40 or (ip6[6] = 6 and ip6[4:2] < 20) or ip6[4:2] < 8 or"
     " ((ip6[6] = 33 or ip6[6] = 132) and ip6[4:2] < 12) or"
     " (ip6[6] = 6 and ip6[4:2] < (ip6[52] & 0xf0) >> 2)"},
    {"martian", kMartian},
    {"own_address", kOwn},
    {"mapped_address", "src net ::ffff:0:0/96 or dst net ::ffff:0:0/96"},
    {"tcp_flags", "ip6[6] = 6"},
    {"zero_port", "port 0 or ip6[6] = 33 or ip6[6] = 136"},
    {"nd_bad", "ip6[6] = 58 and ip6[40] >= 133 and ip6[40] <= 137 and ip6[7] != 255"},
    {"echo_multicast", "ip6[6] = 58 and ip6[40] = 128 and (dst net ff00::/8 or ether multicast)"},
    {"tunnel", any_of("ip6[6] = {}", kCarriers) + " or ip6[6] = 103"},
};

}  // namespace

void Opinions::say(const std::string& question, bool answer) {
    if (!difference_.empty()) return;
    ++asked_;
    const std::string whole = behind_tags_ + "(" + question + ")";
    if (dissector_.says(whole, *frame_) == answer) return;
    difference_ = fmt::format("libpcap says {} to: {}", answer ? "no" : "yes", whole);
}

/// As many tags as libpcap finds.
void Opinions::find_tags() {
    tags_ = 0;
    behind_tags_.clear();
    while (tags_ <= kMostTags && dissector_.says(behind_tags_ + "vlan", *frame_)) {
        ++tags_;
        behind_tags_ += "vlan and ";
    }
}

/// Is `vid` that of the first tag behind any number of others with VID `skipped`? (A "vlan" moves
/// all that follows it in an expression, also behind "or": hence one filter a tag.)
bool Opinions::has_vid(unsigned vid, const char* skipped) {
    std::string before;
    for (std::size_t i = 0; i < tags_; ++i, before += skipped) {
        ++asked_;
        if (dissector_.says(before + fmt::format("vlan {}", vid), *frame_)) return true;
    }
    return false;
}

void Opinions::link() {
    if (it_->vlan != 0 && !has_vid(it_->vlan, "vlan 0 and "))
        difference_ = "libpcap finds another VLAN first";
    std::string untagged;
    for (std::size_t i = 0; i < tags_; ++i)
        untagged += i ? " and vlan 0" : "vlan 0";
    if (it_->vlan == 0 && tags_ > 0 && !dissector_.says(untagged, *frame_))
        difference_ = "libpcap finds a VLAN";
    const std::size_t type_at = 12 + 4 * tags_;
    say(fmt::format("ether[{}:2] = {}", type_at, it_->ethertype), true);
    say("ip", it_->ethertype == 0x0800);
    say("ip6", it_->ethertype == 0x86dd);
    say("arp", it_->ethertype == 0x0806);
}

std::string dotted(const yett_address& address) {
    const auto value = static_cast<std::uint32_t>(address.lo);
    return fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 255, value >> 8 & 255,
                       value & 255);
}

std::string colons(const yett_address& address) {
    std::string text;
    for (const std::uint64_t half : {address.hi, address.lo})
        for (int shift = 48; shift >= 0; shift -= 16)
            text += fmt::format("{}{:x}", text.empty() ? "" : ":", half >> shift & 0xffff);
    return text;
}

void Opinions::ipv4() {
    say("src host " + dotted(it_->src), true);
    say("dst host " + dotted(it_->dst), true);
    say(fmt::format("ip proto {}", it_->proto), true);
    say(fmt::format("ip[8] = {} and ip[1] >> 2 = {} and ip[2:2] = {}", it_->ttl, it_->dscp,
                    it_->len),
        true);
    say("ip[6:2] & 0x3fff = 0x2000", it_->fragment == YETT_FRAGMENT_FIRST);
    transport("icmp[{}]");
}

void Opinions::ipv6() {
    say("src host " + colons(it_->src), true);
    say("dst host " + colons(it_->dst), true);
    say(fmt::format("ip6[7] = {} and ip6[0:2] >> 6 & 0x3f = {} and ip6[4:2] + 40 = {}", it_->ttl,
                    it_->dscp, it_->len),
        true);
    if (dissector_.says(behind_tags_ + fmt::format("ip6[6] = {}", it_->proto), *frame_)) {
        transport("ip6[40 + {}]");
        return;
    }
    no_opinion("IPv6 extension headers: no ports behind them");
    if (may_lose_its_way())
        no_opinion("IPv6 chains with AH, a fragment header's reserved octet, or mobility headers");
    else
        say(fmt::format("ip6 protochain {}", it_->proto), true);
}

/// libpcap takes the length of AH for its offset, that of a fragment header from an octet that is
/// reserved, and knows no mobility, HIP or shim6 headers.
bool Opinions::may_lose_its_way() {
    for (const int kind : {51, 135, 139, 140})
        if (dissector_.says(behind_tags_ + fmt::format("ip6 protochain {}", kind), *frame_))
            return true;
    return dissector_.says(behind_tags_ + "ip6 protochain 44", *frame_) &&
           dissector_.says(behind_tags_ + "(ip6[6] != 44 or ip6[41] != 0)", *frame_);
}

/// `octet` is how libpcap writes an octet of an ICMP header.
void Opinions::transport(const std::string& octet) {
    const bool has_ports = knows(YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT));
    const bool v4 = it_->family == YETT_FAMILY_IPV4;
    if (it_->proto == 33 || it_->proto == 136) {
        no_opinion("DCCP and UDP-Lite: no ports");
    } else {
        if (has_ports)
            say(fmt::format("src port {} and dst port {}", it_->sport, it_->dport), true);
        say("portrange 0-65535", has_ports);
    }
    say("tcp", it_->proto == 6);
    say("udp", it_->proto == 17);
    if (it_->proto == 6)
        say(fmt::format("{} = {}", v4 ? "tcp[13]" : "ip6[53]", it_->tcp_flags), true);
    if (knows(YETT_FIELD_BIT(ICMP_TYPE)))
        say(fmt::format(fmt::runtime(octet + " = {} and " + octet + " = {}"), 0, it_->icmp_type, 1,
                        it_->icmp_code),
            true);
}

/// Nothing that passes has a fault that libpcap sees.
void Opinions::objections() {
    for (const auto& [reason, question] : kReasonQuestions)
        say(question, false);
    if (it_->family == YETT_FAMILY_IPV4)
        say(fmt::format("ip[2:2] + {} <= len", 14 + 4 * tags_), true);
    if (it_->family == YETT_FAMILY_IPV6)
        say(fmt::format("ip6[4:2] + {} <= len", 54 + 4 * tags_), true);
}

/// True: libpcap was asked.
bool Opinions::ask_of_refused(const std::map<std::string, std::string>& questions,
                              const std::string& reason) {
    const auto found = questions.find(reason);
    if (found == questions.end()) return false;
    say(fmt::format(fmt::runtime(found->second), 14 + 4 * tags_), true);
    return true;
}

void Opinions::refusal(const std::string& reason) {
    if (reason == "vlan_bad" && !has_vid(4095, "vlan and "))
        difference_ = "libpcap finds no tag with VID 4095";
    if (reason == "vlan_depth" && tags_ < 3) difference_ = "libpcap finds fewer tags";
    if (reason == "llc") say(fmt::format("ether[{}:2] < 0x600", 12 + 4 * tags_), true);
    if (reason == "vlan_bad" || reason == "vlan_depth" || reason == "llc") return;
    if (dissector_.says(behind_tags_ + "ip", *frame_) && ask_of_refused(kRefused4, reason)) return;
    if (dissector_.says(behind_tags_ + "ip6", *frame_)) {
        if (dissector_.says(behind_tags_ + kExtension, *frame_)) {
            no_opinion("refused: IPv6 extension headers");
            return;
        }
        if (ask_of_refused(kRefused6, reason)) return;
    }
    no_opinion("refused: no question about " + reason);
}

namespace {

/// Why libpcap says nothing of a frame of this ethertype; nullptr: it does.
const char* beyond_libpcap(unsigned ethertype) {
    if (ethertype == 0x9200 || ethertype == 0x9300) return "0x9200 and 0x9300: no tag";
    return ethertype == 0x8864 ? "PPPoE sessions: not read through" : nullptr;
}

}  // namespace

std::string Opinions::difference(const Octets& frame, const Judged& judged) {
    frame_ = &frame;
    it_ = &judged.fields;
    difference_.clear();
    find_tags();
    const std::size_t type_at = 12 + 4 * tags_;
    const unsigned type =
        frame.size() >= type_at + 2 ? frame[type_at] << 8 | frame[type_at + 1] : 0;
    if (const char* why = beyond_libpcap(type)) {
        no_opinion(why);
        return {};
    }
    if (dissector_.says(behind_tags_ + "ip proto 51", *frame_)) {
        no_opinion("AH in IPv4: not read through");
        return {};
    }
    if (judged.verdict == Verdict::drop) {
        refusal(judged.reason);
        return difference_;
    }
    link();
    if (it_->ethertype < 0x0600) return difference_;
    if (it_->family == YETT_FAMILY_IPV4) ipv4();
    if (it_->family == YETT_FAMILY_IPV6) ipv6();
    objections();
    return difference_;
}

}  // namespace yett::corpus
