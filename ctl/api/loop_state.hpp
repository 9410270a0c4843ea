// SPDX-License-Identifier: GPL-2.0-or-later
// What is behind a Loop. Only the .cpp files of this folder include it.
#pragma once

#include <boost/asio/io_context.hpp>

#include "api/loop.hpp"

namespace yett {

struct Loop::State {
    boost::asio::io_context io{1};
};

}  // namespace yett
