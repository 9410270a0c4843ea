// SPDX-License-Identifier: GPL-2.0-or-later
// One connection.
#pragma once

#include <functional>
#include <string>

#include "api/budget.hpp"
#include "api/router.hpp"
#include "api/server.hpp"
#include "base/fd.hpp"

namespace yett {

/// Reads requests and writes answers until one side closes, then calls `done`. Router, options and
/// memory must live until then, or as long as the loop does.
void start_session(Loop& loop, Fd socket, const Router& router, const ServerOptions& options,
                   Budget& memory, const Peer& peer, std::function<void()> done);

/// The octets of an answer. `with_body` false for HEAD.
std::string to_octets(const ApiResponse& response, bool keep_alive, bool with_body);

}  // namespace yett
