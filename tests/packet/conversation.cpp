// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/conversation.hpp"

#include <algorithm>

#include "abi/fields.h"

namespace yett::corpus {
namespace {

constexpr std::uint16_t kHostPort = 40000;

unsigned flags_in(const std::string& text) {
    unsigned flags = 0;
#define YETT_READ_FLAG(name, word, bit) \
    if (("," + text + ",").find("," word ",") != std::string::npos) flags |= bit;
    YETT_TCP_FLAGS(YETT_READ_FLAG)
#undef YETT_READ_FLAG
    return flags;
}

bool is_question(const std::string& kind) {
    return kind == "echo" || kind == "reply" || kind == "stamp" || kind == "stamped";
}

}  // namespace

Script::Script(const std::string& text, Family family) : family_(family) {
    std::istringstream words(text);
    words >> way_ >> kind_;
    if (kind_ == "tcp" || kind_ == "error" || is_question(kind_)) words >> detail_;
    for (std::string key; words >> key;) {
        if (key == "seq" || key == "ack" || key == "len" || key == "dport")
            words >> (key == "seq" ? seq_ : key == "ack" ? ack_ : key == "len" ? len_ : port_);
        else
            how_.push_back(key);
    }
}

bool Script::says(const std::string& word) const {
    return std::find(how_.begin(), how_.end(), word) != how_.end();
}

std::uint8_t Script::protocol(const std::string& kind) const {
    if (kind == "tcp") return 6;
    if (kind == "udp") return 17;
    if (kind == "dccp") return 33;
    if (kind == "gre") return 47;
    if (kind == "esp") return 50;
    if (kind == "sctp") return 132;
    return v4() ? 1 : 58;
}

Octets Script::frame() const {
    const Octets inside = payload(kind_, detail_, out());
    const std::string src = out() ? host() : peer(), dst = out() ? peer() : host();
    if (v4()) return frame4({.src = src, .dst = dst, .proto = protocol(kind_)}, inside);
    return frame6({.src = src, .dst = dst, .proto = protocol(kind_)}, inside);
}

Octets Script::payload(const std::string& kind, const std::string& detail, bool outward) const {
    const auto far = static_cast<std::uint16_t>(port_);
    const std::uint16_t sport = outward ? kHostPort : far, dport = outward ? far : kHostPort;
    if (kind == "tcp")
        return tcp({.sport = sport,
                    .dport = dport,
                    .flags = flags_in(detail),
                    .payload = zeros(len_),
                    .seq = seq_,
                    .ack = ack_});
    if (kind == "udp") return udp({.sport = sport, .dport = dport});
    if (kind == "sctp" || kind == "dccp") return be16(sport) + be16(dport) + zeros(16);
    if (kind == "esp") return be32(1) + be32(1);
    if (kind == "gre")
        return be16(0) + be16(v4() ? 0x0800 : 0x86dd) +
               ip(family_, 17, udp({.sport = 5000, .dport = 5001}));
    return kind == "error" ? error() : question(kind, detail);
}

Octets Script::question(const std::string& kind, const std::string& id) const {
    const bool asks = kind == "echo" || kind == "stamp", echo = kind == "echo" || kind == "reply";
    unsigned type = echo ? (v4() ? 8 : 128) : (v4() ? 13 : 139);
    if (!asks) type = echo && v4() ? 0 : type + 1;
    const Octets times = echo ? Octets{} : zeros(12);
    return icmp(static_cast<std::uint8_t>(type), 0,
                be16(static_cast<unsigned>(std::stoul(id))) + be16(1) + times);
}

Octets Script::error() const {
    if (!says("big")) return icmp(v4() ? 3 : 1, 1, be32(0) + quoted());
    return icmp(v4() ? 3 : 2, v4() ? 4 : 0, be32(1280) + quoted());
}

/// What this host sent, if it did.
Octets Script::quoted() const {
    const std::string from = says("far") ? (v4() ? "192.0.2.99" : "2001:db8:2::99") : host();
    const std::string kind = detail_ == "ping" ? "echo" : detail_;
    Octets inside = payload(kind, detail_ == "ping" ? "7" : "syn", true);
    if (says("cut")) inside = sized(inside, 2);
    return v4() ? quoted4(from, kind, inside) : quoted6(from, kind, inside);
}

Octets Script::quoted4(const std::string& from, const std::string& kind,
                       const Octets& inside) const {
    Ipv4 header{.src = from, .dst = peer(), .proto = protocol(kind)};
    if (says("options")) header.options = {1, 1, 1, 1};
    header.fragment = says("first") ? 0x2000 : says("later") ? 100 : 0;
    return ipv4(header, inside);
}

Octets Script::quoted6(const std::string& from, const std::string& kind,
                       const Octets& inside) const {
    Ipv6 header{.src = from, .dst = peer(), .proto = protocol(kind)};
    if (says("options")) header.chain = {hop_by_hop(), routing_header(4, 0), destination_options()};
    if (says("auth")) header.chain.push_back(authentication_header());
    if (says("first")) header.chain.push_back(fragment_header(0, true));
    if (says("later")) header.chain.push_back(fragment_header(800, false));
    return ipv6(header, inside);
}

}  // namespace yett::corpus
