// SPDX-License-Identifier: GPL-2.0-or-later
// Times of open hooks.
#include "daemon/coverage.hpp"

namespace yett {

void Coverage::forget_others(const std::set<Hook>& filtered, const std::set<Hook>& open) {
    for (auto& [hook, seen] : seen_)
        if (filtered.count(hook) == 0 && open.count(hook) == 0) seen.known = seen.open = false;
}

void Coverage::look(const std::set<Hook>& filtered, const std::set<Hook>& open, Time now) {
    forget_others(filtered, open);
    const auto add = [now](Seen& seen) {
        if (seen.known)
            seen.figures.open +=
                std::chrono::duration_cast<std::chrono::milliseconds>(now - seen.at);
        seen.at = now;
        seen.known = true;
    };
    for (const Hook& hook : open) {
        Seen& seen = seen_[hook];
        add(seen);
        seen.figures.times += !seen.open;
        seen.open = true;
    }
    for (const Hook& hook : filtered) {
        Seen& seen = seen_[hook];
        if (seen.open) add(seen);
        seen.at = now;
        seen.known = true;
        seen.open = false;
    }
}

Coverage::Figures Coverage::of(const Hook& hook) const {
    const auto found = seen_.find(hook);
    return found == seen_.end() ? Figures{} : found->second.figures;
}

}  // namespace yett
