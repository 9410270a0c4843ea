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

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* directory = ::opendir(folder.c_str());
    if (directory == nullptr) return names;
    while (const dirent* entry = ::readdir(directory))
        names.emplace_back(entry->d_name);
    ::closedir(directory);
    return names;
}

bool file_exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
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

Store Store::open(const std::string& directory) {
    auto made = make_private_directory(directory);
    if (made) made = make_private_directory(directory + "/generations");
    if (!made) return {directory, made.error()};
    return {directory, std::nullopt};
}

std::string Store::path_of(std::uint64_t generation) const {
    return fmt::format("{}/{:06}.json", folder(), generation);
}

std::string Store::record_path_of(std::uint64_t generation) const {
    return fmt::format("{}/{:06}.state", folder(), generation);
}

Result<std::optional<std::string>> Store::load_ruleset(std::uint64_t generation) const {
    if (trouble_) return *trouble_;
    return read_file(path_of(generation), kMaxRuleset);
}

Result<GenerationRecord> Store::load_record(std::uint64_t generation) const {
    if (trouble_) return *trouble_;
    const auto path = record_path_of(generation);
    const auto text = read_file(path, kMaxState);
    if (!text) return text.error();
    if (!*text) return Error{ErrorKind::no, "there is no " + path, ""};
    auto record = parse_record(**text);
    if (record && record->generation == generation) return record;
    const std::string why = record ? "it is of another generation" : record.error().message;
    return Error{ErrorKind::invalid, path + " cannot be used: " + why, ""};
}

std::vector<GenerationFile> Store::generations() const {
    std::vector<GenerationFile> out;
    if (trouble_) return out;
    for (const auto& name : names_in(folder())) {
        const auto generation = generation_of_name(name);
        struct stat info {};
        if (generation == 0 || ::stat((folder() + "/" + name).c_str(), &info) != 0) continue;
        out.push_back({generation, info.st_mtime, static_cast<std::uint64_t>(info.st_size)});
    }
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.generation > b.generation; });
    return out;
}

void Store::prune(std::uint64_t keep) const {
    const auto all = generations();
    for (std::size_t i = kGenerations; i < all.size(); ++i) {
        if (all[i].generation == keep) continue;
        ::unlink(path_of(all[i].generation).c_str());
        ::unlink(record_path_of(all[i].generation).c_str());
    }
}

void Store::settle_drafts(std::uint64_t in_force) const {
    if (trouble_) return;
    if (in_force != 0 && !file_exists(path_of(in_force)) && has_draft(path_of(in_force))) {
        (void)keep_draft(record_path_of(in_force)).ok();
        (void)keep_draft(path_of(in_force)).ok();
    }
    for (const auto& name : names_in(folder())) {
        const auto suffix = name.rfind(".new");
        if (suffix != name.npos && suffix + 4 == name.size())
            drop_draft(folder() + "/" + name.substr(0, suffix));
    }
}

Result<void> Store::write(const std::string& path, const std::string& text) const {
    return trouble_ ? *trouble_ : write_file(path, text);
}

Result<void> Store::save_ruleset(std::uint64_t generation, const std::string& text) const {
    return write(path_of(generation), text);
}

Result<void> Store::save_record(std::uint64_t generation, const std::string& record) const {
    return write(record_path_of(generation), record);
}

Result<void> Store::save_state(const SavedState& state) const {
    return write(state_path(), to_text(state));
}

Result<std::optional<SavedState>> Store::load_state() const {
    if (trouble_) return *trouble_;
    auto text = read_file(state_path(), kMaxState);
    if (!text) return text.error();
    if (!*text) return std::optional<SavedState>();
    return std::optional<SavedState>(parse_state(**text));
}

std::vector<std::string> Store::kept_aside() const {
    std::vector<std::string> out;
    for (const char* below : {"", "/generations", "/sets"}) {
        const auto files = files_kept_aside(directory_ + below);
        out.insert(out.end(), files.begin(), files.end());
    }
    return out;
}

GenerationDraft::GenerationDraft(const Store& store, std::uint64_t generation,
                                 const std::string& text)
    : path_(store.path_of(generation)),
      record_path_(store.record_path_of(generation)),
      trouble_(store.trouble()) {
    if (trouble_) return;
    const auto write = [path = path_, &text] { return write_draft(path, text); };
    try {
        written_ = std::async(std::launch::async, write);
    } catch (const std::system_error&) {
        written_ = std::async(std::launch::deferred, write);  // without a thread: when it is due
    }
}

GenerationDraft::~GenerationDraft() {
    if (written_.valid()) written_.wait();
    if (!owns_ || path_.empty() || trouble_) return;
    drop_draft(path_);
    drop_draft(record_path_);
}

Result<void> GenerationDraft::finish(const std::string& record) {
    if (trouble_) return *trouble_;
    auto written = write_draft(record_path_, record);
    auto text = written_.get();
    return text ? written : text;
}

Result<void> GenerationDraft::keep() {
    owns_ = false;
    auto kept = keep_draft(record_path_);
    return kept ? keep_draft(path_) : kept;
}

}  // namespace yett
