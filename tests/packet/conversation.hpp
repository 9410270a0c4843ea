// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations of a host with one other, packet by packet, in words.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "packet/frames.hpp"

namespace yett::corpus {

/// "in|out tcp FLAGS [seq N] [ack N] [len N]"; "in|out udp|esp|gre|sctp|dccp"; "in|out
/// echo|reply|stamp|stamped ID": ICMP's questions and their answers (IPv6 has node information for
/// a timestamp); "in|out error tcp|udp|ping|gre [seq N] [HOW ...]": an error that quotes this
/// host's packet. HOW: "far" the quoted packet is of somebody else; "big" it says that the packet
/// was too big; "options", "auth", "first", "later", "cut" what stands before the quoted transport
/// header, which part of the datagram it is, and whether the quotation ends before the ports.
/// "dport N" changes the far port. The host has port 40000, the other side 443.
struct Step {
    const char* packet;
    const char* state;
};

struct Conversation {
    const char* name;
    std::vector<Step> steps;
    /// Only where the host itself speaks, not one behind it.
    bool host_alone = false;
};
extern const std::vector<Conversation> kConversations;

class Script {
  public:
    Script(const std::string& text, Family family);

    [[nodiscard]] bool out() const { return way_ == "out"; }
    [[nodiscard]] Octets frame() const;

  private:
    [[nodiscard]] bool v4() const { return family_ == Family::ipv4; }
    [[nodiscard]] bool says(const std::string& word) const;
    [[nodiscard]] std::string host() const { return v4() ? kHost4 : kHost6; }
    [[nodiscard]] std::string peer() const { return v4() ? kSource4 : kSource6; }
    [[nodiscard]] std::uint8_t protocol(const std::string& kind) const;
    [[nodiscard]] Octets payload(const std::string& kind, const std::string& detail,
                                 bool outward) const;
    [[nodiscard]] Octets question(const std::string& kind, const std::string& id) const;
    [[nodiscard]] Octets error() const;
    [[nodiscard]] Octets quoted() const;
    [[nodiscard]] Octets quoted4(const std::string& from, const std::string& kind,
                                 const Octets& inside) const;
    [[nodiscard]] Octets quoted6(const std::string& from, const std::string& kind,
                                 const Octets& inside) const;

    Family family_;
    std::string way_, kind_, detail_;
    std::vector<std::string> how_;
    std::uint32_t seq_ = 1, ack_ = 0, len_ = 0, port_ = 443;
};

}  // namespace yett::corpus
