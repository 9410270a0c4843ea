// SPDX-License-Identifier: GPL-2.0-or-later
// Reads a packet in words.
#include <charconv>

#include "abi/fields.h"
#include "base/suggest.hpp"
#include "model/names.hpp"
#include "model/packet.hpp"
#include "model/protocol.hpp"

namespace yett {
namespace {

constexpr std::uint16_t kUsualLaterOffset = 1480;

Error usage(std::string message, std::string hint = {}) {
    return {ErrorKind::usage, std::move(message), std::move(hint)};
}

std::string quoted(std::string_view word) {
    constexpr std::size_t kLongestQuote = 60;
    std::string text = "\"";
    for (const char c : word.substr(0, kLongestQuote))
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text + (word.size() > kLongestQuote ? "...\"" : "\"");
}

/// Words between white space; ">" is a word of its own wherever it stands.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (const char c : text) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (space || c == '>') flush();
        if (c == '>') words.push_back(">");
        if (!space && c != '>') word += c;
    }
    flush();
    return words;
}

/// Decimal or 0x hex, the whole word.
std::optional<std::uint64_t> number_in(std::string_view word) {
    const bool hex = word.starts_with("0x");
    const std::string_view digits = hex ? word.substr(2) : word;
    std::uint64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::optional<std::uint8_t> flag_bit(std::string_view word) {
#define YETT_TCP_FLAG_BIT(name, text, bit) \
    if (word == (text)) return bit;
    YETT_TCP_FLAGS(YETT_TCP_FLAG_BIT)
#undef YETT_TCP_FLAG_BIT
    return std::nullopt;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : words_(split(text)) {}

    Result<PacketSpec> parse() {
        if (words_.empty())
            return usage("the packet is empty",
                         "write for example \"tcp 192.0.2.1:4444 > 198.51.100.7:22 syn\"");
        Result<void> done = head();
        while (done && at_ < words_.size())
            done = word();
        if (done) done = finish();
        if (!done) return done.error();
        return packet_;
    }

  private:
    Result<void> head();
    Result<void> head_ethertype();
    Result<void> head_protocol(std::string_view first);
    Result<void> endpoints();
    Result<void> endpoint(Address& address, std::uint16_t& port, const char* which);
    Result<void> check_families() const;
    Result<void> word();
    Result<void> flags(std::string_view text);
    Result<void> vlan();
    Result<void> mac(std::uint64_t& field, const std::string& key);
    Result<void> fragment();
    Result<void> icmp(std::uint8_t& field, const std::string& key);
    Result<void> state();
    Result<void> finish();
    Result<void> finish_length();
    Result<void> finish_fragment();
    [[nodiscard]] bool has_icmp() const;

    /// The next word as a number from 0 to `most`; `key` is the word before it.
    template <typename Number>
    Result<void> number(Number& into, std::uint64_t most, const std::string& key) {
        if (at_ == words_.size()) return usage("a number is missing after \"" + key + "\"");
        const std::string& text = words_[at_++];
        const std::optional<std::uint64_t> value = number_in(text);
        if (!value || *value > most)
            return usage(quoted(text) + " is no " + key,
                         key + " is a number from 0 to " + std::to_string(most));
        into = static_cast<Number>(*value);
        return {};
    }

    std::vector<std::string> words_;
    std::size_t at_ = 0;
    PacketSpec packet_;
    bool arp_ = false;
    bool flags_given_ = false;
};

Result<void> Parser::head() {
    const std::string first = words_[at_++];
    if (first == "ethertype") return head_ethertype();
    if (first == "arp") {
        arp_ = true;
        packet_.ethertype = kEthertypeArp;
    } else if (Result<void> read = head_protocol(first); !read) {
        return read;
    }
    if (Result<void> read = endpoints(); !read) return read;
    return check_families();
}

Result<void> Parser::head_ethertype() {
    constexpr std::uint16_t kLeastEthertype = 0x0600;
    if (Result<void> read = number(packet_.ethertype, 0xffff, "ethertype"); !read) return read;
    const std::string text = quoted(words_[at_ - 1]);
    if (packet_.ethertype < kLeastEthertype)
        return usage(text + " is a length, not an ethertype", "ethertypes begin at 0x0600");
    switch (packet_.ethertype) {
        case kEthertypeIpv4:
        case kEthertypeIpv6:
            return usage(text + " needs addresses", "write \"tcp SRC:PORT > DST:PORT\"");
        case kEthertypeArp:
            return usage(text + " needs addresses", "write \"arp SRC > DST\"");
        case 0x8100:
        case 0x88a8:
            return usage(text + " is a VLAN tag", "write \"vlan N\" after the packet");
        default:
            return {};
    }
}

Result<void> Parser::head_protocol(std::string_view first) {
    if (first == "ip" || first == "proto") return number(packet_.proto, 255, std::string(first));
    const std::optional<std::uint8_t> proto = protocol_number(first);
    if (proto) {
        packet_.proto = *proto;
        return {};
    }
    const std::string near = nearest_protocol(first);
    return usage(quoted(first) + " is no protocol",
                 near.empty() ? "begin with tcp, udp, icmp, icmp6, arp, \"proto N\" ..."
                              : "did you mean \"" + near + "\"?");
}

Result<void> Parser::endpoints() {
    if (Result<void> read = endpoint(packet_.src, packet_.sport, "source"); !read) return read;
    if (at_ == words_.size() || words_[at_] != ">")
        return usage("\">\" is missing after the source " + quoted(words_[at_ - 1]),
                     "write SOURCE > DESTINATION");
    ++at_;
    return endpoint(packet_.dst, packet_.dport, "destination");
}

Result<void> Parser::endpoint(Address& address, std::uint16_t& port, const char* which) {
    if (at_ == words_.size() || words_[at_] == ">")
        return usage(std::string("the ") + which + " address is missing");
    const std::string_view text = words_[at_++];
    std::string_view host = text, port_text;
    const std::size_t bracket = text.find("]:");
    const std::size_t colon = text.find(':');
    if (text.starts_with('[') && bracket != text.npos) {
        host = text.substr(1, bracket - 1);
        port_text = text.substr(bracket + 2);
    } else if (text.starts_with('[') && text.ends_with(']')) {
        host = text.substr(1, text.size() - 2);
    } else if (colon != text.npos && text.find(':', colon + 1) == text.npos) {
        host = text.substr(0, colon);
        port_text = text.substr(colon + 1);
    }
    const std::optional<Address> parsed = parse_address(host);
    if (!parsed)
        return usage(quoted(text) + " is no " + which,
                     "write 192.0.2.1:80, 2001:db8::1 or [2001:db8::1]:80");
    address = *parsed;
    const bool port_follows =
        host.data() + host.size() != text.data() + text.size() && !text.ends_with(']');
    if (!port_follows) return {};
    if (arp_ || !has_ports(packet_.proto))
        return usage(quoted(text) + " has a port, but this protocol has none",
                     "leave out \":" + std::string(port_text) + "\"");
    const std::optional<std::uint64_t> value = number_in(port_text);
    if (!value || *value > 65535)
        return usage(quoted(port_text) + " is no port", "a port is a number from 0 to 65535");
    port = static_cast<std::uint16_t>(*value);
    return {};
}

Result<void> Parser::check_families() const {
    const bool ipv4 = packet_.src.family == Family::ipv4;
    if (packet_.src.family != packet_.dst.family)
        return usage("source and destination are of different families",
                     "write two IPv4 or two IPv6 addresses");
    if (arp_ && !ipv4) return usage("arp has IPv4 addresses", "write an icmp6 packet for ND");
    const std::string& name = words_[0];
    if (name == "icmp" && !ipv4)
        return usage("\"icmp\" is for IPv4 addresses", "did you mean \"icmp6\"?");
    const bool by_name = name != "proto" && name != "ip";
    if (!arp_ && by_name && packet_.proto == kProtocolIcmp6 && ipv4)
        return usage(quoted(name) + " is for IPv6 addresses", "did you mean \"icmp\"?");
    const std::string written = quoted(name == "proto" || name == "ip" ? words_[1] : name);
    if (!arp_ && !ipv4 && is_ipv6_extension(packet_.proto))
        return usage(written + " is an extension header in IPv6, not a protocol",
                     "write the protocol behind it");
    if (!arp_ && packet_.proto == kProtocolAh)
        return usage(written + " is a header that is read through, not a protocol",
                     "write the protocol behind it, and \"ah\" after the addresses");
    return {};
}

Result<void> Parser::word() {
    const std::string key = words_[at_++];
    if (key == "vlan") return vlan();
    if (key == "smac") return mac(packet_.smac, key);
    if (key == "dmac") return mac(packet_.dmac, key);
    const bool ip = packet_.ethertype == 0;
    if (!ip) return usage(quoted(key) + " does not fit this packet", "only vlan, smac and dmac do");
    if (key == "ttl") return number(packet_.ttl, 255, key);
    if (key == "dscp") return number(packet_.dscp, 63, key);
    if (key == "len") return number(packet_.len, 65535, key);
    if (key == "id") return number(packet_.fragment_id, 0xffffffff, key);
    if (key == "type") return icmp(packet_.icmp_type, key);
    if (key == "code") return icmp(packet_.icmp_code, key);
    if (key == "frag") return fragment();
    if (key == "state") return state();
    if (key == "ah" || key == "pppoe") {
        (key == "ah" ? packet_.ah : packet_.pppoe) = true;
        return {};
    }
    if (key == "flags") {
        if (at_ == words_.size()) return usage("TCP flags are missing after \"flags\"");
        return flags(words_[at_++]);
    }
    return flags(key);
}

Error unknown_word(std::string_view word) {
    std::vector<std::string_view> words = {"flags", "type", "code", "ttl", "dscp",  "len", "vlan",
                                           "smac",  "dmac", "frag", "id",  "state", "ah",  "pppoe"};
#define YETT_TCP_FLAG_WORD(name, text, bit) words.push_back(text);
    YETT_TCP_FLAGS(YETT_TCP_FLAG_WORD)
#undef YETT_TCP_FLAG_WORD
    std::string hint = "known words:";
    for (const std::string_view known : words)
        hint += " " + std::string(known);
    const std::string_view near = closest(word, words);
    if (!near.empty()) hint = "did you mean \"" + std::string(near) + "\"?";
    return usage(quoted(word) + " is no word of a packet", hint);
}

Result<void> Parser::flags(std::string_view text) {
    std::uint8_t bits = 0;
    for (std::string_view rest = text; text != "none" && !rest.empty();) {
        const std::size_t comma = rest.find(',');
        const std::optional<std::uint8_t> bit = flag_bit(rest.substr(0, comma));
        if (!bit) return unknown_word(rest.substr(0, comma));
        bits |= *bit;
        rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (packet_.proto != kProtocolTcp)
        return usage(quoted(text) + " is a TCP flag, but this is no TCP packet");
    packet_.tcp_flags |= bits;
    flags_given_ = true;
    return {};
}

Result<void> Parser::vlan() {
    if (at_ == words_.size()) return usage("a number is missing after \"vlan\"");
    std::string_view rest = words_[at_++];
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const std::optional<std::uint64_t> vid = number_in(rest.substr(0, comma));
        if (!vid || *vid > 4094)
            return usage(quoted(rest.substr(0, comma)) + " is no VLAN",
                         "a VLAN is a number from 0 to 4094");
        packet_.vlans.push_back(static_cast<std::uint16_t>(*vid));
        more = comma != rest.npos;
        rest = more ? rest.substr(comma + 1) : std::string_view();
    }
    return {};
}

Result<void> Parser::mac(std::uint64_t& field, const std::string& key) {
    if (at_ == words_.size()) return usage("a MAC address is missing after " + quoted(key));
    const std::string& text = words_[at_++];
    const std::optional<std::uint64_t> mac = parse_mac(text);
    if (!mac) return usage(quoted(text) + " is no MAC address", "write it like 02:00:5e:10:00:01");
    field = *mac;
    return {};
}

Result<void> Parser::fragment() {
    if (at_ == words_.size()) return usage("\"first\" or \"later\" is missing after \"frag\"");
    const std::string& text = words_[at_++];
    packet_.fragment = text == "first" ? FragmentKind::first : FragmentKind::later;
    packet_.fragment_offset = 0;
    if (text == "first") return {};
    packet_.fragment_offset = kUsualLaterOffset;
    if (text == "later") return {};
    const std::optional<std::uint64_t> offset = number_in(text);
    if (!offset || *offset == 0 || *offset > 65528 || *offset % 8 != 0)
        return usage(quoted(text) + " is no fragment offset",
                     "write first, later, or octets: a multiple of 8 from 8 to 65528");
    packet_.fragment_offset = static_cast<std::uint16_t>(*offset);
    return {};
}

bool Parser::has_icmp() const {
    const bool ipv4 = packet_.src.family == Family::ipv4;
    return packet_.proto == (ipv4 ? kProtocolIcmp : kProtocolIcmp6);
}

Result<void> Parser::icmp(std::uint8_t& field, const std::string& key) {
    if (!has_icmp()) return usage(quoted(key) + " is for icmp and icmp6 packets");
    return number(field, 255, key);
}

Result<void> Parser::state() {
    const std::string_view text = at_ == words_.size() ? std::string_view() : words_[at_++];
    for (std::size_t i = 0; i < std::size(kStateNames); ++i) {
        if (kStateNames[i] != text) continue;
        packet_.state = static_cast<ConnectionState>(i);
        return {};
    }
    return usage(text.empty() ? "a word is missing after \"state\"" : quoted(text) + " is no state",
                 "write new, established, related or invalid");
}

Result<void> Parser::finish() {
    if (packet_.ethertype != 0) return {};
    packet_.family = packet_.src.family;
    const bool ipv4 = packet_.family == Family::ipv4;
    packet_.ethertype = ipv4 ? kEthertypeIpv4 : kEthertypeIpv6;
    if (packet_.proto == kProtocolTcp && !flags_given_) packet_.tcp_flags = YETT_TCP_SYN;
    if (ipv4 && packet_.fragment_id > 0xffff)
        return usage("the id of an IPv4 fragment is a number from 0 to 65535");
    if (Result<void> done = finish_length(); !done) return done;
    return finish_fragment();
}

Result<void> Parser::finish_length() {
    if (packet_.len == 0) return {};
    PacketSpec shortest = packet_;
    shortest.len = 0;
    const std::string text = "len " + std::to_string(packet_.len);
    if (packet_.len < ip_length(shortest))
        return usage(text + " is shorter than the headers",
                     "this packet has at least " + std::to_string(ip_length(shortest)));
    if (packet_.len != ip_length(packet_))
        return usage(text + " leaves a first fragment whose payload is no multiple of 8",
                     "the nearest is len " + std::to_string(ip_length(packet_)));
    return {};
}

Result<void> Parser::finish_fragment() {
    if (packet_.ah && packet_.fragment != FragmentKind::none)
        return usage("\"ah\" and \"frag\" do not go together",
                     "a fragment's authentication header cannot be told in words: trace a frame");
    if (packet_.fragment != FragmentKind::later) return {};
    constexpr std::size_t kIpv4Header = 20, kIpv6Headers = 48;
    const std::size_t headers = packet_.family == Family::ipv4 ? kIpv4Header : kIpv6Headers;
    const std::size_t end = packet_.fragment_offset + ip_length(packet_) - headers;
    if (end > 65535 - (packet_.family == Family::ipv4 ? kIpv4Header : 0))
        return usage("the fragment ends beyond the longest packet, 65535 octets",
                     "write a smaller offset or len");
    return {};
}

}  // namespace

Result<PacketSpec> parse_packet(std::string_view text) {
    return Parser(text).parse();
}

}  // namespace yett
