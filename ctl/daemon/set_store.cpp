// SPDX-License-Identifier: GPL-2.0-or-later
// What survives of sets.
#include "daemon/set_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/files.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostOctets = std::size_t{2} << 30;
constexpr std::string_view kSuffix = ".set";
constexpr std::size_t kPiece = 1 << 20;       ///< of text that is made before it is written
constexpr std::size_t kPatience = 10'000;     ///< lines before the whole set is written anew
constexpr std::size_t kMostPending = 10'000;  ///< lines that wait before all of them do

Error failed(const std::string& what, const std::string& path) {
    return {ErrorKind::internal, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)),
            ""};
}

}  // namespace

Result<SetStore> SetStore::open(const std::string& state_directory) {
    auto store = at(state_directory);
    if (auto ready = store.make_ready(); !ready) return ready.error();
    return store;
}

SetStore SetStore::at(const std::string& state_directory) {
    return SetStore(state_directory);
}

Result<void> SetStore::make_ready() {
    if (ready_) return {};
    if (auto made = make_private_directory(state_directory_); !made) return made;
    auto made = make_private_directory(directory_);
    ready_ = made.ok();
    return made;
}

std::string SetStore::path_of(const std::string& name) const {
    return directory_ + "/" + name + std::string(kSuffix);
}

Result<void> SetStore::save(const std::string& name, const SetContent& content,
                            const ClockReading& now) {
    auto& log = logs_[name];
    if (log.held) return Error{ErrorKind::internal, log.why, ""};
    auto done = write_whole(name, log, content, now);
    if (!done) {
        log.whole = true;
        log.why = done.error().message;
    }
    return done;
}

Result<void> SetStore::save_if_changed(const std::string& name, const SetContent& content,
                                       const ClockReading& now) {
    const auto& log = logs_[name];
    if (!log.known || !log.why.empty() || log.revision != content.revision())
        return save(name, content, now);
    return log.unfinished ? finish(name, content, now) : Result<void>();
}

/// Under a name that no other file has: lines that could not be read are somebody's entries.
Result<void> SetStore::set_aside(const std::string& name) const {
    const auto path = path_of(name);
    for (int number = 1; number < 100; ++number) {
        const auto kept = fmt::format("{}.kept-{}", path, number);
        if (::link(path.c_str(), kept.c_str()) == 0 || errno == ENOENT) return {};
        if (errno != EEXIST) return failed("keep a copy of", path);
    }
    return Error{ErrorKind::internal, fmt::format("there are 99 copies of {}", path),
                 "look at them, and remove them"};
}

Result<void> SetStore::write_whole(const std::string& name, Log& log, const SetContent& content,
                                   const ClockReading& now) {
    const auto path = path_of(name);
    if (auto ready = make_ready(); !ready) {
        log.whole = true;
        log.why = ready.error().message;
        return ready;
    }
    if (!log.known || log.unread) {
        if (auto aside = set_aside(name); !aside) return aside;
    }
    bool anything = false;
    content.for_each(
        [&](const EntryValue&, const Entry& entry) { anything = anything || is_kept(entry); });
    std::uint64_t length = 0;
    Result<void> written;
    if (!anything) {
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) written = failed("remove", path);
    } else {
        written = write_file(path, [&](const WritePiece& write) {
            std::string text = set_head(content.type(), now);
            Result<void> result;
            const auto put = [&] {
                length += text.size();
                result = write(text);
                text.clear();
            };
            content.for_each([&](const EntryValue& value, const Entry& entry) {
                if (!result || !is_kept(entry)) return;
                append_set_line(text, value, entry, content.reason(entry.reason));
                if (text.size() >= kPiece) put();
            });
            if (result) put();
            return result;
        });
    }
    if (!written) return written;
    log = Log{};
    log.known = true;
    log.good = length;
    log.boot_id = now.boot_id;
    log.revision = content.revision();
    return {};
}

void SetStore::cut(Log& log, std::uint64_t length) {
    log.good = length;
    // Where that fails, opening it anew finds it too long.
    if (::ftruncate(log.fd.get(), static_cast<off_t>(length)) != 0) log.fd = Fd();
}

Result<void> SetStore::write_to(const std::string& name, Log& log, std::string_view text) {
    const auto before = log.good;
    while (!text.empty()) {
        const auto count = ::write(log.fd.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            const auto error = failed("write", path_of(name));
            cut(log, before);
            return error;
        }
        log.good += static_cast<std::uint64_t>(count);
        log.dirty = true;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> SetStore::open_log(const std::string& name, Log& log, SetType type,
                                const ClockReading& now) {
    const auto path = path_of(name);
    if (auto ready = make_ready(); !ready) {
        log.why = ready.error().message;
        return ready;
    }
    if (!log.fd.valid()) {
        if (!log.known) {
            if (auto aside = set_aside(name); !aside) return aside;
            if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path);
            log.known = true;
        }
        log.fd =
            Fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        struct stat info {};
        if (!log.fd.valid()) return failed("open", path);
        if (::fstat(log.fd.get(), &info) != 0) return failed("look at", path);
        const auto size = static_cast<std::uint64_t>(info.st_size);
        if (size < log.good) {
            log.whole = true;
            log.why = path + " is shorter than it was";
            return Error{ErrorKind::internal, log.why, ""};
        }
        if (size > log.good && ::ftruncate(log.fd.get(), static_cast<off_t>(log.good)) != 0) {
            const auto error = failed("cut", path);
            log.fd = Fd();
            return error;
        }
    }
    if (log.good != 0 && log.boot_id == now.boot_id) return {};
    auto written = write_to(name, log, log.good == 0 ? set_head(type, now) : set_clock(now));
    if (written) log.boot_id = now.boot_id;
    return written;
}

Result<void> SetStore::append(const std::string& name, const SetContent& content,
                              const std::vector<EntryValue>& touched, const ClockReading& now) {
    auto& log = logs_[name];
    if (log.pending.size() + touched.size() > kMostPending && !log.why.empty()) {
        log.whole = true;
        log.pending.clear();
    }
    if (log.whole) return Error{ErrorKind::internal, log.why, ""};  // retry() has the time for it
    log.pending.insert(log.pending.end(), touched.begin(), touched.end());
    if (log.lines + log.pending.size() > kPatience + content.size()) {
        if (auto done = write_whole(name, log, content, now); done) return done;
        log.lines = 0;  // lines will do until it is tried again
    }
    auto done = write_pending(name, log, content, now);
    if (done) {
        log.why.clear();
        log.revision = content.revision();
        return done;
    }
    log.why = done.error().message;
    if (log.pending.size() > kMostPending) {
        log.whole = true;
        log.pending = {};
    }
    return done;
}

Result<void> SetStore::write_pending(const std::string& name, Log& log, const SetContent& content,
                                     const ClockReading& now) {
    if (auto opened = open_log(name, log, content.type(), now); !opened) return opened;
    std::string text;
    if (log.unfinished) text += kChangeIsDone;
    for (const auto& value : log.pending) {
        const auto entry = content.find(value);
        append_set_line(text, value, entry, content.reason(entry.reason));
        if (text.size() < kPiece) continue;
        if (auto done = write_to(name, log, text); !done) return done;
        text.clear();
    }
    if (auto done = write_to(name, log, text); !done) return done;
    log.lines += log.pending.size();
    log.unfinished = false;
    log.pending = {};
    return {};
}

Result<void> SetStore::write_change(const std::string& name, Log& log, const EntryLines& lines) {
    std::string text(kChangeBegins);
    std::size_t count = 0;
    Result<void> result;
    lines([&](const EntryValue& value, const Entry& entry, std::string_view reason) {
        ++count;
        append_set_line(text, value, entry, reason);
        if (!result || text.size() < kPiece) return;
        result = write_to(name, log, text);
        text.clear();
    });
    if (!result || count == 0) return result;
    if (auto done = write_to(name, log, text + change_ends(count)); !done) return done;
    log.lines += count;
    log.unfinished = true;
    return {};
}

Result<void> SetStore::begin(const std::string& name, SetType type, const EntryLines& lines,
                             const ClockReading& now) {
    auto& log = logs_[name];
    if (log.whole || !log.why.empty()) return Error{ErrorKind::internal, log.why, ""};
    if (auto opened = open_log(name, log, type, now); !opened) return opened;
    const auto before = log.good;
    try {
        auto written = write_change(name, log, lines);
        if (!written) cut(log, before);
        log.change = log.good == before ? 0 : before;
        return written;
    } catch (const std::bad_alloc&) {
        cut(log, before);
        throw;
    }
}

void SetStore::abandon(const std::string& name) {
    auto& log = logs_[name];
    if (log.change == 0) return;
    cut(log, log.change);
    log.change = 0;
    log.unfinished = false;
    if (log.fd.valid()) return;
    log.whole = true;
    log.why = "a change that was not made could not be taken out of " + path_of(name);
}

Result<void> SetStore::finish(const std::string& name, const SetContent& content,
                              const ClockReading& now) {
    logs_[name].change = 0;
    return append(name, content, {}, now);
}

Result<SetStore::Loaded> SetStore::load(const std::string& name, SetContent& into,
                                        const ClockReading& now) {
    const auto path = path_of(name);
    const auto ready = make_ready();  // nothing is read of a place that is not root's alone
    auto text = ready ? read_file(path, kMostOctets) : ready.error();
    if (!text && ready) text = read_file(path, kMostOctets);  // a table of files is full for once
    if (!text) {
        hold(name, "what was saved of it cannot be read: " + text.error().message);
        return text.error();
    }
    auto& log = logs_[name] = Log{};
    if (!*text) {
        log.known = true;
        log.revision = into.revision();
        return Loaded{};
    }
    const auto read = read_set_text(**text, into, now);
    if (!read.ours) return Loaded{};
    log.known = true;
    log.good = read.good;
    log.boot_id = read.boot_id;
    log.unread = read.unread > 0;
    log.unfinished = read.unfinished;
    log.revision = into.revision();
    return Loaded{true, read.unfinished, read.unread};
}

void SetStore::keep_only(const std::set<std::string>& names) {
    if (!ready_) return;
    DIR* directory = ::opendir(directory_.c_str());
    if (directory == nullptr) return;
    std::vector<std::string> gone;
    while (const dirent* entry = ::readdir(directory)) {
        std::string name = entry->d_name;
        if (entry->d_type != DT_REG || !name.ends_with(kSuffix)) continue;
        name.resize(name.size() - kSuffix.size());
        if (names.count(name) == 0) gone.push_back(std::move(name));
    }
    ::closedir(directory);
    for (const auto& name : gone)
        ::unlink(path_of(name).c_str());
    std::erase_if(logs_, [&](const auto& log) { return names.count(log.first) == 0; });
}

void SetStore::sync() {
    for (auto& [name, log] : logs_) {
        if (!log.dirty || !log.fd.valid()) continue;
        log.dirty = false;
        if (::fdatasync(log.fd.get()) == 0) continue;
        // Which of its lines are on the disk nobody knows any more.
        log.why = failed("sync", path_of(name)).message;
        log.whole = true;
    }
}

std::vector<std::string> SetStore::unsaved() const {
    std::vector<std::string> out;
    for (const auto& [name, log] : logs_) {
        if (!log.why.empty()) out.push_back(fmt::format("the set {}: {}", name, log.why));
    }
    return out;
}

void SetStore::hold(const std::string& name, const std::string& why) {
    auto& log = logs_[name];
    log.held = log.whole = true;
    log.why = why;
}

std::vector<std::string> SetStore::held() const {
    std::vector<std::string> out;
    for (const auto& [name, log] : logs_)
        if (log.held) out.push_back(name);
    return out;
}

void SetStore::retry(const std::map<std::string, SetContent>& sets, const ClockReading& now) {
    for (auto& [name, log] : logs_) {
        const auto content = sets.find(name);
        if (log.why.empty() || content == sets.end()) continue;
        (void)(log.whole ? save(name, content->second, now)
                         : append(name, content->second, {}, now));
    }
}

}  // namespace yett
