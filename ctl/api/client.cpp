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

/// Waits until the socket is ready, or the deadline.
bool wait_for(int fd, short events, Clock::time_point deadline) {
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left < 0) return false;
        pollfd entry{fd, events, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::min<long>(left + 1, 3600'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return true;
    }
}

Error connect_error(const std::string& path) {
    if (errno == EACCES || errno == EPERM) {
        return {ErrorKind::permission, "you may not connect to " + path,
                "run it as root, or as a member of group yett"};
    }
    if (errno == EAGAIN) {
        return {ErrorKind::unreachable, "the daemon is too busy to answer on " + path,
                "try again in a moment"};
    }
    return {ErrorKind::unreachable, "no daemon answers on " + path + ": " + std::strerror(errno),
            "start it with: systemctl start yettd"};
}

Result<Fd> connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return Error{ErrorKind::usage, "the socket path is too long: " + path, ""};
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return connect_error(path);
    }
    return fd;
}

/// A daemon that refuses early stops reading; its answer is then already on its way, so EPIPE is no
/// failure.
Result<void> send_all(int fd, std::string_view data, Clock::time_point deadline) {
    while (!data.empty()) {
        const auto sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            data.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return {};
        } else if (errno != EAGAIN && errno != EINTR) {
            return broken(std::strerror(errno));
        } else if (!wait_for(fd, POLLOUT, deadline)) {
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

Result<Response> receive(int fd, Clock::time_point deadline) {
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
            if (!wait_for(fd, POLLIN, deadline)) return too_late();
            continue;
        }
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
                         std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    auto fd = connect_to(socket_path);
    if (!fd) return fd.error();
    std::string octets = method + " " + target + " HTTP/1.1\r\nHost: yett\r\nConnection: close\r\n";
    for (const auto& [name, value] : headers)
        octets += name + ": " + value + "\r\n";
    if (!body.empty() || method == "PUT" || method == "POST") {
        octets += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    octets += "\r\n" + body;
    if (auto sent = send_all(fd->get(), octets, deadline); !sent) return sent.error();
    return receive(fd->get(), deadline);
}

}  // namespace yett
