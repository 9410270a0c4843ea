// SPDX-License-Identifier: GPL-2.0-or-later
// The client's side of the REST socket, with plain blocking calls and one deadline.
#include "api/client.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "base/fd.hpp"
#include "base/posix.hpp"

namespace yett {
namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

Error too_late() {
    return {ErrorKind::timeout, "the daemon did not answer in time",
            "look at its log: journalctl -u yettd"};
}

Error broken(const std::string& what) {
    return {ErrorKind::unreachable, "the connection to the daemon broke: " + what,
            "look at its log: journalctl -u yettd"};
}

/// The caller's patience, used up.
class Waiting {
  public:
    explicit Waiting(const Patience& patience)
        : patience_(patience),
          end_(Clock::now() + patience.total),
          ask_(patience.on_silence ? Clock::now() + patience.quiet : end_) {}

    void connected(int fd) {
        ucred peer{};
        socklen_t size = sizeof(peer);
        if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) listener_ = peer.pid;
        if (patience_.on_connected) patience_.on_connected(listener_);
    }
    /// The daemon speaks: from here on only the whole time counts.
    void answered() { ask_ = end_; }

    /// Waits until the socket is ready; false: the patience is over.
    bool wait_for(int fd, short events) { return wait(fd, events, std::chrono::hours(1)); }
    bool pause(std::chrono::milliseconds time) { return wait(-1, 0, time); }

  private:
    bool wait(int fd, short events, std::chrono::milliseconds most) {
        const auto enough = Clock::now() + most;
        for (;;) {
            const auto now = Clock::now();
            if (now >= end_) return false;
            if (now >= ask_) {
                if (!patience_.on_silence(listener_)) return false;
                ask_ = std::min(end_, now + std::chrono::seconds(1));
            }
            if (now >= enough) return true;
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::min({ask_, end_, enough}) - now);
            pollfd entry{fd, events, 0};
            const int ready = ::poll(&entry, 1, static_cast<int>(left.count() + 1));
            if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
        }
    }

    const Patience& patience_;
    Clock::time_point end_, ask_;
    pid_t listener_ = 0;
};

Error connect_error(const std::string& path) {
    if (errno == EACCES || errno == EPERM) {
        return {ErrorKind::permission, "you may not connect to " + path,
                "run it as root, or as a member of group yett"};
    }
    // No file left for a socket says nothing of the daemon.
    if (is_of_the_machine(errno)) return system_error("cannot connect to " + path);
    return {ErrorKind::unreachable, "no daemon answers on " + path + ": " + std::strerror(errno),
            "start it with: systemctl start yettd"};
}

/// EAGAIN: somebody listens, and too many wait to be accepted already.
Result<Fd> connect_to(const std::string& path, Waiting& waiting) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return Error{ErrorKind::usage, "the socket path is too long: " + path, ""};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        if (errno != EAGAIN && errno != EINTR) return connect_error(path);
        if (!waiting.pause(std::chrono::milliseconds(50))) return too_late();
    }
    waiting.connected(fd.get());
    return fd;
}

/// A daemon that refuses early stops reading; its answer is then already on its way, so EPIPE is no
/// failure.
Result<void> send_all(int fd, std::string_view data, Waiting& waiting) {
    while (!data.empty()) {
        const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            data.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};
        } else if (errno != EAGAIN && errno != EINTR) {
            return broken(std::strerror(errno));
        } else if (!waiting.wait_for(fd, POLLOUT)) {
            return too_late();
        }
    }
    return {};
}

using Parser = http::response_parser<http::string_body>;

Response to_response(const Parser& parser) {
    Response response;
    const auto& message = parser.get();
    response.status = static_cast<int>(message.result_int());
    response.body = message.body();
    for (const auto& field : message) {
        std::string name(field.name_string().data(), field.name_string().size());
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
            return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        });
        response.headers.emplace_back(std::move(name),
                                      std::string(field.value().data(), field.value().size()));
    }
    return response;
}

Result<Response> receive(int fd, Waiting& waiting) {
    Parser parser;
    parser.eager(true);
    parser.body_limit(boost::none);
    std::string pending;
    std::array<char, 65536> chunk;
    while (!parser.is_done()) {
        const auto size = ::recv(fd, chunk.data(), chunk.size(), 0);
        if (size == 0) return broken("it closed before its answer was complete");
        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR) return broken(std::strerror(errno));
            if (!waiting.wait_for(fd, POLLIN)) return too_late();
            continue;
        }
        waiting.answered();
        pending.append(chunk.data(), static_cast<std::size_t>(size));
        boost::beast::error_code error;
        const auto used = parser.put(boost::asio::buffer(pending), error);
        pending.erase(0, used);
        if (error && error != http::error::need_more) return broken(error.message());
    }
    return to_response(parser);
}

}  // namespace

std::string Response::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return "";
}

std::string percent_encode(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        const auto octet = static_cast<unsigned char>(c);
        if (plain) {
            out += c;
        } else {
            out += {'%', digits[octet >> 4], digits[octet & 15]};
        }
    }
    return out;
}

Result<Response> request(const std::string& socket_path, const std::string& method,
                         const std::string& target, const std::string& body, const Headers& headers,
                         const Patience& patience) {
    Waiting waiting(patience);
    auto fd = connect_to(socket_path, waiting);
    if (!fd) return fd.error();
    std::string octets = method + " " + target + " HTTP/1.1\r\nHost: yett\r\nConnection: close\r\n";
    for (const auto& [name, value] : headers)
        octets += name + ": " + value + "\r\n";
    if (!body.empty() || method == "PUT" || method == "POST") {
        octets += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    octets += "\r\n" + body;
    if (auto sent = send_all(fd->get(), octets, waiting); !sent) return sent.error();
    return receive(fd->get(), waiting);
}

}  // namespace yett
