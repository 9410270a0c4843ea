// SPDX-License-Identifier: GPL-2.0-or-later
// What survives of sets.
#include "daemon/set_store.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "daemon/files.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostOctets = std::size_t{2} << 30;
constexpr const char* kMagic = "yett-set 1";
constexpr std::string_view kSuffix = ".set";
constexpr std::size_t kPiece = 1 << 20;  ///< of text that is made before it is written

/// What must be kept: the ruleset's own entries are not.
bool is_kept(const Entry& entry) {
    return entry.from_file || entry.at_run_time || entry.removed;
}

void write_line(std::string& out, const EntryValue& value, const Entry& entry,
                const std::string& reason) {
    out += to_text(value);
    if (!is_kept(entry)) {
        out += " -\n";
        return;
    }
    out += ' ';
    if (entry.from_ruleset) out += 'r';
    if (entry.from_file) out += 'f';
    if (entry.at_run_time) out += 't';
    if (entry.removed) out += 'x';
    if (entry.at_run_time)
        fmt::format_to(std::back_inserter(out), " {} {} {}", entry.added, entry.expires, reason);
    out += '\n';
}

std::string head(const SetContent& content, const ClockReading& now) {
    return fmt::format("{} {} {} {} {}\n", kMagic, type_name(content.type()), now.boot_id, now.boot,
                       now.wall);
}

std::string_view next_word(std::string_view& line) {
    const auto end = std::min(line.find(' '), line.size());
    const auto word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

template <typename Number>
bool read_number(std::string_view text, Number& out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && !text.empty();
}

/// Nothing: another type of set, or no head at all.
std::optional<ClockMover> read_head(std::string_view line, SetType type, const ClockReading& now) {
    ClockReading saved;
    if (line.substr(0, std::strlen(kMagic)) != kMagic) return std::nullopt;
    line.remove_prefix(std::min(std::strlen(kMagic) + 1, line.size()));
    if (next_word(line) != type_name(type)) return std::nullopt;
    saved.boot_id = next_word(line);
    if (!read_number(next_word(line), saved.boot) || !read_number(next_word(line), saved.wall))
        return std::nullopt;
    return ClockMover(saved, now);
}

/// False: the line says nothing that makes sense.
bool read_line(std::string_view line, SetContent& into, const ClockMover& mover) {
    const auto value = parse_entry(into.type(), next_word(line));
    if (!value) return false;
    const auto flags = next_word(line);
    Entry entry = into.find(*value);
    const bool by_ruleset = entry.from_ruleset && !entry.from_file;
    entry = Entry{};
    entry.from_file = flags.find('f') != flags.npos;
    entry.from_ruleset = by_ruleset || entry.from_file;
    entry.removed = entry.from_ruleset && flags.find('x') != flags.npos;
    entry.at_run_time = flags.find('t') != flags.npos;
    if (entry.at_run_time) {
        if (!read_number(next_word(line), entry.added)) return false;
        if (!read_number(next_word(line), entry.expires)) return false;
        entry.expires = mover.move(entry.expires);
    }
    into.restore(*value, entry, entry.at_run_time ? line : std::string_view());
    return true;
}

Result<void> write_to(const Fd& fd, const std::string& text, const std::string& path) {
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count = ::write(fd.get(), text.data() + done, text.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            return Error{ErrorKind::internal,
                         fmt::format("cannot write {}: {}", path, std::strerror(errno)), ""};
        done += static_cast<std::size_t>(count);
    }
    return {};
}

}  // namespace

Result<SetStore> SetStore::open(const std::string& state_directory) {
    if (auto made = make_private_directory(state_directory + "/sets"); !made) return made.error();
    return SetStore(state_directory + "/sets");
}

std::string SetStore::path_of(const std::string& name) const {
    return directory_ + "/" + name + std::string(kSuffix);
}

Result<void> SetStore::save(const std::string& name, const SetContent& content,
                            const ClockReading& now) {
    logs_.erase(name);
    bool anything = false;
    content.for_each(
        [&](const EntryValue&, const Entry& entry) { anything = anything || is_kept(entry); });
    if (!anything) {
        ::unlink(path_of(name).c_str());
        return {};
    }
    return write_file(path_of(name), [&](const WritePiece& write) {
        std::string text = head(content, now);
        Result<void> result;
        content.for_each([&](const EntryValue& value, const Entry& entry) {
            if (!result || !is_kept(entry)) return;
            write_line(text, value, entry, content.reason(entry.reason));
            if (text.size() < kPiece) return;
            result = write(text);
            text.clear();
        });
        return result ? write(text) : result;
    });
}

Result<SetStore::Log*> SetStore::open_log(const std::string& name, const SetContent& content,
                                          const ClockReading& now) {
    auto& log = logs_[name];
    if (log.fd.valid()) return &log;
    const auto path = path_of(name);
    log.fd = Fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat info {};
    if (!log.fd.valid() || ::fstat(log.fd.get(), &info) != 0) {
        const Error error{ErrorKind::internal,
                          fmt::format("cannot open {}: {}", path, std::strerror(errno)), ""};
        logs_.erase(name);
        return error;
    }
    if (info.st_size > 0) return &log;
    if (auto done = write_to(log.fd, head(content, now), path); !done) return done.error();
    return &log;
}

Result<void> SetStore::append(const std::string& name, const SetContent& content,
                              const std::vector<EntryValue>& touched, const ClockReading& now) {
    constexpr std::size_t kPatience = 10'000;
    const auto known = logs_.find(name);
    const auto lines = (known == logs_.end() ? 0 : known->second.lines) + touched.size();
    if (lines > kPatience + content.size()) return save(name, content, now);
    auto log = open_log(name, content, now);
    if (!log) return log.error();
    std::string text;
    for (const auto& value : touched) {
        const auto entry = content.find(value);
        write_line(text, value, entry, content.reason(entry.reason));
        if (text.size() < kPiece) continue;
        if (auto done = write_to((*log)->fd, text, path_of(name)); !done) return done;
        text.clear();
    }
    (*log)->lines = lines;
    (*log)->dirty = true;
    return write_to((*log)->fd, text, path_of(name));
}

Result<bool> SetStore::load(const std::string& name, SetContent& into,
                            const ClockReading& now) const {
    const auto path = path_of(name);
    const auto text = read_file(path, kMostOctets);
    if (!text) return text.error();
    if (!*text) return false;
    std::string_view rest = **text;
    std::optional<ClockMover> mover;
    while (true) {
        const auto end = rest.find('\n');
        if (end == rest.npos) break;  // what a crash cut short does not count
        const auto line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (!mover) {
            mover = read_head(line, into.type(), now);
            if (!mover) return false;
        } else if (!read_line(line, into, *mover)) {
            return Error{ErrorKind::invalid, path + " has a line that yettd does not write", ""};
        }
    }
    return mover.has_value();
}

void SetStore::keep_only(const std::set<std::string>& names) {
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
    for (const auto& name : gone) {
        logs_.erase(name);
        ::unlink(path_of(name).c_str());
    }
}

void SetStore::sync() {
    for (auto& [name, log] : logs_) {
        if (log.dirty && log.fd.valid() && ::fdatasync(log.fd.get()) == 0) log.dirty = false;
    }
}

}  // namespace yett
