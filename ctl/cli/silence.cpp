// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's process as the kernel sees it, and its attachments as the pins tell.
#include "cli/silence.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string_view>

#include "abi/fields.h"
#include "bpf/hooks.hpp"
#include "cli/output.hpp"

namespace yett::cli {
namespace {

/// A second each: so long a full backlog is waited for.
constexpr int kMostUnaccepted = 10;

ProcessActivity read_stat(const std::string& path) {
    std::ifstream file(path);
    return parse_stat({std::istreambuf_iterator<char>(file), {}});
}

/// CPU time of the process; the state of the thread that does most: a disk may keep one busy while
/// the others wait for it.
ProcessActivity look_at(pid_t pid) {
    if (pid == 0) return {};
    const std::string process = fmt::format("/proc/{}", pid);
    ProcessActivity out = read_stat(process + "/stat");
    std::error_code error;
    for (const auto& thread : std::filesystem::directory_iterator(process + "/task", error)) {
        const char state = read_stat(thread.path().string() + "/stat").state;
        if (state == 'D' || state == 'R') out.state = state;
    }
    return out;
}

}  // namespace

ProcessActivity parse_stat(const std::string& stat) {
    // The name in parentheses may hold anything.
    const auto end = stat.rfind(')');
    if (end == std::string::npos) return {};
    std::istringstream words(stat.substr(end + 1));
    ProcessActivity out;
    std::string skipped;
    words >> out.state;
    for (int field = 4; field < 14; ++field)
        words >> skipped;
    std::uint64_t user = 0, system = 0;
    words >> user >> system;
    if (!words) return {};
    out.ticks = user + system;
    return out;
}

std::string where_filtering(const Context& context) {
    if (::geteuid() != 0) return "what was attached goes on filtering; root can see where";
    const auto attachments = PinnedHooks(context.pin_directory).attachments();
    if (!attachments)
        return "where packets are filtered cannot be told: " + attachments.error().message;
    std::map<std::string, std::string> by_interface;
    for (const Attachment& one : *attachments) {
        std::string& directions = by_interface[one.interface];
        directions += directions.empty() ? "" : ", ";
        directions += one.direction == YETT_EGRESS ? "egress" : "ingress";
    }
    if (by_interface.empty())
        return fmt::format("nothing is attached from {}: no packet is filtered",
                           context.pin_directory);
    std::string text;
    for (const auto& [interface, directions] : by_interface)
        text += fmt::format("{}{} ({})", text.empty() ? "filtering goes on at " : ", ", interface,
                            directions);
    return text;
}

void Silence::connected(pid_t listener) {
    ticks_ = look_at(listener).ticks;
}

bool Silence::go_on(pid_t listener) {
    if (listener == 0) {
        found_ = "too many wait for it already";
        if (++unaccepted_ > kMostUnaccepted) return false;
    } else {
        const ProcessActivity now = look_at(listener);
        const bool moved = now.ticks != ticks_;
        const bool worked = moved || now.state == 'D' || now.state == 'R' || now.state == 0;
        ticks_ = now.ticks;
        // One that is traced stops at each call, and goes on.
        if (!moved && (now.state == 'T' || now.state == 't')) {
            found_ = fmt::format("it is stopped (pid {})", listener);
            return false;
        }
        if (!worked) {
            found_ = fmt::format("it does nothing (pid {})", listener);
            return false;
        }
        found_ = fmt::format("it is busy (pid {})", listener);
    }
    if (!std::exchange(told_, true))
        fmt::print(stderr, "yett: the daemon has not answered yet, {}; {}\n", found_,
                   printable(where_filtering(context_)));
    return true;
}

Error Silence::explain(Error error) const {
    if (error.kind != ErrorKind::timeout && error.kind != ErrorKind::unreachable) return error;
    if (error.kind == ErrorKind::timeout && !found_.empty())
        error.message = "the daemon does not answer: " + found_;
    error.hint = where_filtering(context_) + (error.hint.empty() ? "" : "; " + error.hint);
    return error;
}

}  // namespace yett::cli
