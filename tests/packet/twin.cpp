// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/twin.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace yett::corpus {
namespace {

Error failed(const std::string& what) {
    return {ErrorKind::kernel, fmt::format("{}: {}", what, std::strerror(errno)), ""};
}

Result<Fd> tunnel_device(const char* name) {
    Fd device(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (device.get() < 0) return failed("cannot open /dev/net/tun");
    ifreq wish{};
    wish.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strncpy(wish.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(device.get(), TUNSETIFF, &wish) != 0) return failed("cannot make a TUN device");
    return device;
}

/// By the order of kStates.
constexpr const char* kStates[] = {"nothing", "new", "established", "related", "invalid"};

constexpr const char* kRoutes =
    "ip link set inside up && ip link set outside up && "
    "ip route add 192.0.2.0/24 dev inside && ip route add 203.0.113.0/24 dev outside";

constexpr const char* kRules = R"(nft -f - <<'end'
table ip twin {
    chain forward {
        type filter hook forward priority 0
        ct state new ip dscp set 1 accept
        ct state established ip dscp set 2 accept
        ct state related ip dscp set 3 accept
        ct state invalid ip dscp set 4 accept
    }
}
end
)";

Result<void> write_sysctl(const char* name, const char* value) {
    std::ofstream file(fmt::format("/proc/sys/net/{}", name));
    file << value << std::flush;
    if (!file) return failed(fmt::format("cannot set {}", name));
    return {};
}

}  // namespace

/// In the calling thread, which ends afterwards: the devices keep the namespace.
Result<void> Twin::enter() {
    if (unshare(CLONE_NEWNET) != 0) return failed("cannot make a network namespace");
    auto inside = tunnel_device("inside"), outside = tunnel_device("outside");
    if (!inside) return inside.error();
    if (!outside) return outside.error();
    inside_ = *std::move(inside);
    outside_ = *std::move(outside);
    for (const auto& [name, value] : {std::pair{"ipv6/conf/all/disable_ipv6", "1"},
                                      {"ipv6/conf/default/disable_ipv6", "1"},
                                      {"ipv4/ip_forward", "1"},
                                      {"ipv4/conf/all/rp_filter", "0"},
                                      {"ipv4/conf/inside/rp_filter", "0"},
                                      {"ipv4/conf/outside/rp_filter", "0"}})
        if (auto done = write_sysctl(name, value); !done) return done;
    if (std::system(kRoutes) != 0) return failed("cannot lay the router's routes");
    if (std::system(kRules) != 0) return failed("cannot load the router's nft rules");
    // The frames have no checksums of TCP.
    return write_sysctl("netfilter/nf_conntrack_checksum", "0");
}

Result<std::unique_ptr<Twin>> Twin::open() {
    std::unique_ptr<Twin> twin(new Twin);
    Result<void> done = Error{ErrorKind::internal, "the thread did not run", ""};
    std::thread([&] { done = twin->enter(); }).join();
    if (!done) return done.error();
    return twin;
}

/// The router works in the call that writes: what it forwards can be read at once.
Result<std::string> Twin::say(const Octets& packet, bool from_inside) {
    const int in = (from_inside ? inside_ : outside_).get();
    const int out = (from_inside ? outside_ : inside_).get();
    if (::write(in, packet.data(), packet.size()) != static_cast<ssize_t>(packet.size()))
        return failed("cannot give the router a packet");
    Octets forwarded(2048);
    const ssize_t size = ::read(out, forwarded.data(), forwarded.size());
    if (size < 0 && errno != EAGAIN) return failed("cannot read what the router forwards");
    if (size < 20) return std::string(kStates[0]);
    const unsigned mark = forwarded[1] >> 2;
    return std::string(mark < std::size(kStates) ? kStates[mark] : kStates[0]);
}

}  // namespace yett::corpus
