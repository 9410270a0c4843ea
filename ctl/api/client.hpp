// SPDX-License-Identifier: GPL-2.0-or-later
// The client's side of the REST socket: one request, one answer, one connection.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace yett {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Response {
    int status = 0;
    Headers headers;  ///< names in lower case
    std::string body;

    /// The first header of that (lower case) name; empty when there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// Sends one request to the daemon and waits for the answer, `timeout` for all of it. `target` is a
/// path with query, percent-encoded. An HTTP error is a Response like any other. Fails with
/// unreachable (no daemon listens there; the hint says what to do), permission (the caller may not
/// connect) or timeout.
Result<Response> request(const std::string& socket_path, const std::string& method,
                         const std::string& target, const std::string& body = {},
                         const Headers& headers = {},
                         std::chrono::milliseconds timeout = std::chrono::minutes(5));

/// For one segment of a path: everything but letters, digits and -._~ becomes %XX.
std::string percent_encode(std::string_view text);

}  // namespace yett
