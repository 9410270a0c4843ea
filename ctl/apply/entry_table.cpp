// SPDX-License-Identifier: GPL-2.0-or-later
// What sets the tables of one process apart.
#include "apply/entry_table.hpp"

#include <sys/random.h>

#include <atomic>

namespace yett {
namespace {

/// Without random numbers the tables of a process still differ from each other.
std::uint64_t process_salt() {
    std::uint64_t salt = 0;
    if (::getrandom(&salt, sizeof(salt), GRND_NONBLOCK) != sizeof(salt)) return 0;
    return salt;
}

}  // namespace

std::uint64_t fresh_salt() {
    static std::atomic<std::uint64_t> next{process_salt()};
    return next.fetch_add(1, std::memory_order_relaxed) * 0x9e3779b97f4a7c15ull;
}

}  // namespace yett
