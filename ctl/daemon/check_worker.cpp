// SPDX-License-Identifier: GPL-2.0-or-later
// Processes that check rule files.
#include "daemon/check_worker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>
#include <vector>

#include "api/problem.hpp"
#include "base/fd.hpp"

namespace yett {
namespace {

constexpr int kNoMemory = 3;  ///< exit code of a worker
constexpr rlim_t kLargestAnswer = 16 << 20;

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// The whole of a file, from its beginning.
std::string read_whole(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return {};
    std::string text(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const auto count =
            ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    text.resize(done);
    return text;
}

Fd memory_file(std::string_view content) {
    Fd fd(::memfd_create("yett-check", MFD_CLOEXEC));
    if (!fd.valid() || !write_all(fd.get(), content) || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
        return Fd();
    }
    return fd;
}

Error busy() {
    return {ErrorKind::timeout, "as many rulesets are being checked as may be at once",
            "try again in a moment, or use `yett check`: it needs no daemon"};
}

Error cannot_start(int code) {
    return {ErrorKind::internal,
            std::string("cannot start a process that checks: ") + std::strerror(code),
            "use `yett check`: it needs no daemon"};
}

/// 0, or an errno.
int spawn(pid_t& pid, const Fd& input, const Fd& output, const CheckLimits& limits) {
    std::string program = "yettd", word = kCheckWorker;
    std::string seconds = std::to_string(limits.seconds), bytes = std::to_string(limits.bytes);
    char* arguments[] = {program.data(), word.data(), seconds.data(), bytes.data(), nullptr};
    char* environment[] = {nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
    const int code =
        ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    return code;
}

ApiResponse answer_of(const siginfo_t& end, int output, const CheckLimits& limits) {
    if (end.si_code == CLD_EXITED && end.si_status == kNoMemory) {
        return problem(413, {ErrorKind::usage,
                             fmt::format("checking this ruleset takes more than {} MiB of memory",
                                         limits.bytes >> 20),
                             "use `yett check`: it has no such bound"});
    }
    if (end.si_code != CLD_EXITED && (end.si_status == SIGXCPU || end.si_status == SIGKILL)) {
        return problem(503,
                       {ErrorKind::timeout,
                        fmt::format("checking this ruleset takes more than {} s", limits.seconds),
                        "use `yett check`: it has no such bound"});
    }
    const auto text = read_whole(output);
    const auto line = text.find('\n');
    ApiResponse response;
    const auto space = text.find(' ');
    const auto parsed =
        std::from_chars(text.data(), text.data() + std::min(space, text.size()), response.status);
    if (end.si_code != CLD_EXITED || end.si_status != 0 || line == text.npos || space > line ||
        parsed.ec != std::errc{}) {
        return problem(
            500, {ErrorKind::internal, "the process that checks has failed", "please report this"});
    }
    response.content_type = text.substr(space + 1, line - space - 1);
    response.body = text.substr(line + 1);
    return response;
}

void limit(__rlimit_resource which, rlim_t most) {
    const rlimit bound{most, most};
    ::setrlimit(which, &bound);
}

/// Nothing here is needed but CPU and memory: what cannot be given up was not there.
void give_up_privileges(rlim_t seconds, rlim_t bytes) {
    constexpr gid_t kNobody = 65534;
    std::ofstream("/proc/self/oom_score_adj") << 900;
    (void)!::setpriority(PRIO_PROCESS, 0, 10);
    (void)!::setgroups(0, nullptr);
    (void)!::setresgid(kNobody, kNobody, kNobody);
    (void)!::setresuid(kNobody, kNobody, kNobody);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct {
        std::uint32_t version = 0x20080522;  // _LINUX_CAPABILITY_VERSION_3
        int pid = 0;
    } head;
    const std::uint32_t none[6] = {};
    ::syscall(SYS_capset, &head, none);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, seconds);
    limit(RLIMIT_FSIZE, kLargestAnswer);
#ifndef YETT_SANITIZED  // which needs addresses without end
    limit(RLIMIT_AS, bytes);
#endif
}

template <typename T>
T number(const char* text) {
    T value = 0;
    std::from_chars(text, text + std::strlen(text), value);
    return value;
}

}  // namespace

struct CheckWorkers::Job {
    Fd output, process;
    pid_t pid = 0;
    uid_t uid = 0;
    Reply reply;
};

void CheckWorkers::start(const ApiRequest& request, Reply reply) {
    const uid_t uid = request.peer.uid;
    const auto of_uid = by_uid_.find(uid);
    if (running_ >= limits_.at_once ||
        (of_uid != by_uid_.end() && of_uid->second >= limits_.of_uid)) {
        return reply(problem(503, busy()));
    }
    auto job = std::make_shared<Job>();
    const Fd input = memory_file(request.body);
    job->output = memory_file("");
    if (!input.valid() || !job->output.valid()) return reply(problem(500, cannot_start(errno)));
    if (const int code = spawn(job->pid, input, job->output, limits_); code != 0) {
        return reply(problem(500, cannot_start(code)));
    }
    job->process = Fd(static_cast<int>(::syscall(SYS_pidfd_open, job->pid, 0)));
    job->uid = uid;
    job->reply = std::move(reply);
    ++running_;
    ++by_uid_[uid];
    if (!job->process.valid()) {  // no descriptor left: it is waited for here and now
        ::kill(job->pid, SIGKILL);
        return finish(job);
    }
    loop_.once_readable(job->process.get(), [this, job] { finish(job); });
    loop_.after(std::chrono::seconds(3 * limits_.seconds), [late = std::weak_ptr(job)] {
        const auto still = late.lock();
        if (still && still->process.valid()) {
            ::syscall(SYS_pidfd_send_signal, still->process.get(), SIGKILL, nullptr, 0);
        }
    });
}

void CheckWorkers::finish(const std::shared_ptr<Job>& job) {
    siginfo_t end{};
    while (::waitid(P_PID, static_cast<id_t>(job->pid), &end, WEXITED) != 0 && errno == EINTR)
        continue;
    job->process.reset();
    --running_;
    if (--by_uid_[job->uid] == 0) by_uid_.erase(job->uid);
    job->reply(answer_of(end, job->output.get(), limits_));
}

int run_check_worker(const char* seconds, const char* bytes) {
    give_up_privileges(number<rlim_t>(seconds), number<rlim_t>(bytes));
    std::set_new_handler([] { ::_exit(kNoMemory); });
    const auto response = check_ruleset(read_whole(STDIN_FILENO));
    const auto head = fmt::format("{} {}\n", response.status, response.content_type);
    const bool told = write_all(STDOUT_FILENO, head) && write_all(STDOUT_FILENO, response.body);
    return told ? 0 : 1;
}

}  // namespace yett
