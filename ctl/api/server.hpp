// SPDX-License-Identifier: GPL-2.0-or-later
// The REST server: bounded connections, bounded requests, one answer at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "api/budget.hpp"
#include "api/loop.hpp"
#include "api/router.hpp"
#include "api/socket.hpp"
#include "base/result.hpp"

namespace yett {

struct ServerOptions {
    std::string socket_path = "/run/yett/yett.sock";
    Access access;
    std::chrono::milliseconds head_time{5'000};   ///< from the first octet of a request
    std::chrono::milliseconds body_time{30'000};  ///< and again for the answer
    std::chrono::milliseconds idle_time{15'000};
    std::size_t connections = 64;
    std::size_t connections_of_uid = 8;  ///< root is bound by `connections` only
    std::size_t reserved_for_root = 2;
    /// Octets of bodies and answers that may be held at once, in the same manner.
    BudgetOptions memory;
    /// Called after each answer, for the log. May be empty.
    std::function<void(const Peer&, const std::string& method, const std::string& target,
                       int status)>
        on_answer;
};

/// Listens from open() on, answers while the loop runs. The destructor closes all connections and
/// removes the socket. The loop must outlive it.
class Server {
  public:
    static Result<Server> open(Loop& loop, Router router, ServerOptions options);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();

    struct State;

  private:
    explicit Server(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace yett
