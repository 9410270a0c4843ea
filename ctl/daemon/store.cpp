// SPDX-License-Identifier: GPL-2.0-or-later
// What survives a reboot.
#include "daemon/store.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <system_error>

#include "daemon/files.hpp"
#include "observe/snapshot.hpp"

namespace yett {
namespace {

constexpr std::size_t kMaxState = 256u << 20;

/// "000007.json" -> 7; 0 for anything else.
std::uint64_t generation_of_name(const std::string& name) {
    const auto dot = name.find(".json");
    if (dot == std::string::npos || dot == 0 || dot > 18 || dot + 5 != name.size()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < dot; ++i) {
        if (name[i] < '0' || name[i] > '9') return 0;
        value = value * 10 + static_cast<std::uint64_t>(name[i] - '0');
    }
    return value;
}

}  // namespace

ClockReading clock_now() {
    ClockReading clock;
    if (auto id = read_file("/proc/sys/kernel/random/boot_id", 128); id && *id)
        clock.boot_id = (*id)->substr(0, (*id)->find('\n'));
    clock.boot = boot_time();
    clock.wall = ::time(nullptr);
    return clock;
}

ClockMover::ClockMover(const ClockReading& saved, const ClockReading& now)
    : same_boot_(saved.boot_id == now.boot_id),
      saved_boot_(saved.boot),
      boot_(now.boot),
      passed_(static_cast<std::uint64_t>(std::max<std::int64_t>(now.wall - saved.wall, 0)) *
              1'000'000'000) {}

std::uint64_t ClockMover::move(std::uint64_t expires) const {
    if (expires == 0 || same_boot_) return expires;
    const auto left = expires > saved_boot_ ? expires - saved_boot_ : 0;
    return left > passed_ ? boot_ + (left - passed_) : 1;
}

Result<Store> Store::open(const std::string& directory) {
    if (auto made = make_private_directory(directory); !made) return made.error();
    if (auto made = make_private_directory(directory + "/generations"); !made) return made.error();
    return Store(directory);
}

std::string Store::path_of(std::uint64_t generation) const {
    return fmt::format("{}/generations/{:06}.json", directory_, generation);
}

RulesetDraft::RulesetDraft(const Store& store, std::uint64_t generation, const std::string& text)
    : path_(store.path_of(generation)) {
    const auto write = [path = path_, &text] { return write_draft(path, text); };
    try {
        written_ = std::async(std::launch::async, write);
    } catch (const std::system_error&) {
        written_ = std::async(std::launch::deferred, write);  // without a thread: when it is due
    }
}

RulesetDraft::~RulesetDraft() {
    if (!written_.valid()) return;
    written_.wait();
    drop_draft(path_);
}

Result<void> RulesetDraft::keep() {
    if (auto written = written_.get(); !written) return written;
    return keep_draft(path_);
}

Result<std::optional<std::string>> Store::load_ruleset(std::uint64_t generation) const {
    return read_file(path_of(generation), kMaxRuleset);
}

std::vector<GenerationFile> Store::generations() const {
    std::vector<GenerationFile> out;
    const auto path = directory_ + "/generations";
    DIR* directory = ::opendir(path.c_str());
    if (directory == nullptr) return out;
    while (const dirent* entry = ::readdir(directory)) {
        const auto generation = generation_of_name(entry->d_name);
        struct stat info {};
        if (generation == 0 || ::stat((path + "/" + entry->d_name).c_str(), &info) != 0) continue;
        out.push_back({generation, info.st_mtime, static_cast<std::uint64_t>(info.st_size)});
    }
    ::closedir(directory);
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.generation > b.generation; });
    return out;
}

void Store::prune(std::uint64_t keep) const {
    const auto all = generations();
    for (std::size_t i = kGenerations; i < all.size(); ++i) {
        if (all[i].generation != keep) ::unlink(path_of(all[i].generation).c_str());
    }
}

Result<void> Store::save_state(const SavedState& state, const Slots& slots,
                               const Slots& pending_slots) const {
    return write_file(directory_ + "/state.json", to_text(state, slots, pending_slots));
}

Result<std::optional<SavedState>> Store::load_state() const {
    const auto path = directory_ + "/state.json";
    auto text = read_file(path, kMaxState);
    if (!text) return text.error();
    if (!*text) return std::optional<SavedState>();
    auto state = parse_state(**text);
    if (!state) {
        return Error{ErrorKind::invalid, path + " cannot be used: " + state.error().message, ""};
    }
    return std::optional<SavedState>(std::move(*state));
}

}  // namespace yett
