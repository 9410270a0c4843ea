// SPDX-License-Identifier: GPL-2.0-or-later
// The client's side of the REST socket: one request, one answer, one connection.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
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

/// How long a caller waits.
struct Patience {
    std::chrono::milliseconds total = std::chrono::minutes(5);
    /// While nothing of the answer has come, `on_silence` is asked after this time and every second
    /// from then on, with the process that listens (0: it has not accepted us, or is hidden); false
    /// gives up.
    std::chrono::milliseconds quiet = std::chrono::milliseconds(2500);
    std::function<bool(pid_t listener)> on_silence;
    /// Told when the connection stands.
    std::function<void(pid_t listener)> on_connected;
};

/// Sends one request to the daemon and waits for the answer. `target` is a path with query,
/// percent-encoded. An HTTP error is a Response like any other. Fails with unreachable (nobody
/// listens there; the hint says what to do), permission (the caller may not connect) or timeout
/// (somebody listens, and does not answer).
Result<Response> request(const std::string& socket_path, const std::string& method,
                         const std::string& target, const std::string& body = {},
                         const Headers& headers = {}, const Patience& patience = {});

/// For one segment of a path: everything but letters, digits and -._~ becomes %XX.
std::string percent_encode(std::string_view text);

}  // namespace yett
