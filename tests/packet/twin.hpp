// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's own connection tracking in a network namespace of its own: a router between two TUN
// devices, which writes into each packet what conntrack takes it for.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "packet/frames.hpp"

namespace yett::corpus {

class Twin {
  public:
    /// Needs root, /dev/net/tun and nft.
    static Result<std::unique_ptr<Twin>> open();

    /// What conntrack says of an IPv4 packet (without Ethernet) that the router forwards; from
    /// inside, or from outside. "new", "established", "related", "invalid", or "nothing" when it
    /// did not come out.
    Result<std::string> say(const Octets& packet, bool from_inside);

  private:
    Twin() = default;
    Result<void> enter();

    Fd inside_, outside_;
};

}  // namespace yett::corpus
