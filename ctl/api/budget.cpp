// SPDX-License-Identifier: GPL-2.0-or-later
// How much may be held at once.
#include "api/budget.hpp"

namespace yett {

std::optional<Budget::Held> Budget::take(uid_t uid, std::uint64_t amount) {
    const auto found = by_uid_.find(uid);
    const std::uint64_t own = found == by_uid_.end() ? 0 : found->second;
    const bool root = uid == 0;
    const std::uint64_t most = root ? options_.all : options_.all - options_.reserved_for_root;
    if (amount > most || held_ > most - amount) return std::nullopt;
    if (!root && (amount > options_.of_uid || own > options_.of_uid - amount)) return std::nullopt;
    held_ += amount;
    if (amount > 0) by_uid_[uid] = own + amount;
    return Held(*this, uid, amount);
}

void Budget::give_back(uid_t uid, std::uint64_t amount) {
    held_ -= amount;
    const auto found = by_uid_.find(uid);
    if (found != by_uid_.end() && (found->second -= amount) == 0) by_uid_.erase(found);
}

}  // namespace yett
