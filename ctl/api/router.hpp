// SPDX-License-Identifier: GPL-2.0-or-later
// What a request is once it is past the socket, and which function answers it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yett {

/// What the socket's peer may do. A writer may also read.
enum class Role { none, reader, writer };

/// Who is at the other end, by SO_PEERCRED at connect().
struct Peer {
    uid_t uid = 0;
    gid_t gid = 0;
    pid_t pid = 0;
    Role role = Role::none;
};

struct ApiRequest {
    std::string method;
    std::vector<std::string> arguments;  ///< the {placeholders} of the route's pattern, decoded
    std::map<std::string, std::string> query;  ///< decoded; only keys that the route knows
    std::string body;
    std::string if_match;  ///< the header, as sent; empty when absent
    Peer peer;
};

struct ApiResponse {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Gives the answer, once, on the loop's thread.
using Reply = std::function<void(ApiResponse)>;

struct Route {
    std::string method;
    std::string pattern;  ///< "/v1/sets/{name}/entries"; a placeholder stands for one whole segment
    Role needs = Role::writer;
    std::vector<std::string> query_keys;  ///< every other key is refused with 400
    std::function<ApiResponse(const ApiRequest&)> run;
    std::uint64_t longest_body = 16 * 1024 * 1024;  ///< more is refused with 413, unread
    /// In place of `run`, for what takes long: returns at once, and replies when it is done.
    std::function<void(const ApiRequest&, Reply)> start = {};
};

/// A request whose head was read: what is known before its body is.
struct Resolution {
    const Route* route = nullptr;  ///< null: `refusal` says why
    ApiRequest request;            ///< without its body
    ApiResponse refusal;
};

/// An immutable table of routes. Patterns of one method must not overlap; the first one that fits
/// is taken.
class Router {
  public:
    explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

    /// Finds the route of a target ("/v1/sets/a%2Fb?x=1") and checks the peer's role. Refuses with
    /// 400 (malformed target, unknown query key), 403, 404 or 405 (with Allow).
    [[nodiscard]] Resolution resolve(std::string_view method, std::string_view target,
                                     const Peer& peer) const;

  private:
    std::vector<Route> routes_;
};

/// Decodes %XX. false: a malformed escape, or an octet below 0x20.
bool percent_decode(std::string_view text, std::string& out);

}  // namespace yett
