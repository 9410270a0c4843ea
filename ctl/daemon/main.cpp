// SPDX-License-Identifier: GPL-2.0-or-later
// yettd: reads its options, opens the gate, and serves until it is told to stop.
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <ctime>
#include <exception>
#include <thread>

#include "api/loop.hpp"
#include "api/server.hpp"
#include "base/standard_fds.hpp"
#include "daemon/check_worker.hpp"
#include "daemon/damper.hpp"
#include "daemon/gate.hpp"
#include "daemon/health.hpp"
#include "daemon/link_watch.hpp"
#include "daemon/log.hpp"
#include "daemon/notify.hpp"
#include "daemon/routes.hpp"
#include "daemon/work_thread.hpp"

namespace {

using namespace yett;

struct Options {
    GateOptions gate;
    ServerOptions server;
    std::string log_level = "info";
    std::uint64_t set_mebibytes = kDefaultSetMemory >> 20;
};

constexpr std::chrono::milliseconds kBetweenLinkEvents{60};

int fail(const Error& error) {
    spdlog::error("{}", error.message);
    if (!error.hint.empty()) spdlog::error("{}", error.hint);
    return static_cast<int>(error.kind);
}

void log_answer(const Peer& peer, const std::string& method, const std::string& target,
                int status) {
    const auto level = method == "GET" ? spdlog::level::debug : spdlog::level::info;
    spdlog::log(level, "uid {} {} {} {}", peer.uid, method, target, status);
}

std::string summary(const Gate& gate) {
    return fmt::format("generation {} ({})", gate.active().generation, gate.active().ruleset.name);
}

void reload(Gate& gate) {
    notify::reloading();
    const auto submission = gate.reload_config();
    if (!submission) {
        spdlog::error("reload: {}", submission.error().message);
    } else if (!submission->valid) {
        for (const auto& one : submission->diagnostics) {
            spdlog::error("reload: line {}: {}", one.location.line, one.message);
        }
    } else {
        spdlog::info("reload: {}", summary(gate));
    }
    notify::ready(summary(gate));
}

/// A gate that does one thing for so long hangs: systemd starts another, which adopts what is
/// there.
constexpr std::chrono::minutes kHangs{5};

void tell_watchdog(const WorkThread& work) {
    const auto busy = work.busy();
    if (!busy || busy->time < kHangs) notify::watchdog();
}

/// What comes from the kernel, from systemd and from the clock. The descriptors must stay open as
/// long as the loop runs.
void watch(Loop& loop, Gate& gate, WorkThread& work, Damper& changes, const Fd& links,
           const Fd& hooks) {
    loop.on_readable(links.get(), [&] {
        if (drain_links(links)) changes.ask();
    });
    loop.on_readable(hooks.get(), [&] {
        if (drain_links(hooks)) work.post_once("hooks", [&] { gate.hooks_changed(); });
    });
    loop.on_signals({SIGTERM, SIGINT}, [&](int) { loop.stop(); });
    loop.on_signals({SIGHUP},
                    [&](int) { work.post(Urgency::change, "reload", [&] { reload(gate); }); });
    loop.every(std::chrono::milliseconds(500),
               [&] { work.post_once("upkeep", [&] { gate.tick(); }); });
    if (const auto period = notify::watchdog_period())
        loop.every(*period, [&] { tell_watchdog(work); });
}

/// Everything that happens while the daemon lives.
int serve(Gate& gate, const Options& options) {
    Loop loop;
    auto server_options = options.server;
    server_options.on_answer = log_answer;
    const DaemonInfo info{YETT_VERSION, ::time(nullptr)};
    WorkThread work(loop);
    Health health(gate, work, loop);
    CheckWorkers workers(loop);
    auto server =
        Server::open(loop, Router(make_routes(gate, work, health, workers, info)), server_options);
    if (!server) return fail(server.error());
    const auto links = watch_links();
    if (!links) return fail(links.error());
    const auto hooks = watch_hooks();
    if (!hooks) return fail(hooks.error());
    Damper changes(loop, kBetweenLinkEvents, [&](std::function<void()> done) {
        work.post(
            Urgency::change, "interfaces", [&] { gate.interfaces_changed(); }, std::move(done));
    });
    watch(loop, gate, work, changes, *links, *hooks);
    loop.every(std::chrono::seconds(2), [&] { health.refresh(); });
    health.refresh();
    notify::ready(summary(gate));
    spdlog::info("ready on {}: {}", options.server.socket_path, summary(gate));
    loop.run();
    notify::stopping();
    spdlog::info("stopping; filtering goes on, `yett detach` turns it off");
    return 0;
}

/// One errno at the wrong moment is no reason to leave a host without a gate.
Result<std::unique_ptr<Gate>> open_gate(const GateOptions& options) {
    constexpr int kAttempts = 4;
    const auto tell = [](const std::string& text) { spdlog::warn("{}", text); };
    for (int attempt = 1;; ++attempt) {
        auto gate = Gate::open(options, tell);
        const bool may_pass = !gate && (gate.error().kind == ErrorKind::kernel ||
                                        gate.error().kind == ErrorKind::internal);
        if (!may_pass || attempt == kAttempts) return gate;
        tell(gate.error().message + "; once more");
        std::this_thread::sleep_for(std::chrono::milliseconds(100) * attempt);
    }
}

int run(const Options& options) {
    if (auto started = start_log(options.log_level); !started) return fail(started.error());
    ::umask(0077);
    auto gate = open_gate(options.gate);
    if (!gate) return fail(gate.error());
    spdlog::info("{} {}", (*gate)->adopted() ? "adopted" : "active:", summary(**gate));
    return serve(**gate, options);
}

/// Words in place of an abort.
int run_or_words(const Options& options) {
    const char* hint = "filtering goes on as it was; `yett detach` turns it off";
    try {
        return run(options);
    } catch (const std::bad_alloc&) {
        return fail({ErrorKind::internal, "there is not enough memory", hint});
    } catch (const std::exception& failure) {
        return fail({ErrorKind::internal, std::string("cannot go on: ") + failure.what(), hint});
    }
}

}  // namespace

int main(int argc, char** argv) {
    prepare_standard_fds();
    if (argc == 4 && std::string_view(argv[1]) == kCheckWorker) {
        return run_check_worker(argv[2], argv[3]);
    }
    Options options;
    CLI::App app{"yettd: the daemon of the yett firewall"};
    app.option_defaults()->take_last();
    app.add_option("--socket", options.server.socket_path, "unix socket of the REST interface");
    app.add_option("--state-dir", options.gate.state_directory, "what survives a reboot");
    app.add_option("--pin-dir", options.gate.pin_directory, "pinned maps and programs");
    const auto* config = app.add_option("--config", options.gate.config,
                                        "ruleset for a first start, and for SIGHUP");
    app.add_option("--connections", options.gate.connections,
                   "connections to remember of each family, a power of two (default 1048576)");
    app.add_option("--list-dir", options.gate.list_directory, "below it stand the files of sets");
    app.add_option("--set-memory", options.set_mebibytes, "MiB that the tables of sets may take")
        ->check(CLI::Range(4, 1024))
        ->capture_default_str();
    app.add_option("--group", options.server.access.writers, "whose members may change things");
    app.add_option("--reader-group", options.server.access.readers, "whose members may look");
    app.add_option("--log-level", options.log_level, "debug, info, warn, error or off");
    app.set_version_flag("--version", YETT_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ErrorKind::usage);
    }
    options.gate.config_is_named = config->count() > 0 && !options.gate.config.empty();
    options.gate.set_memory = options.set_mebibytes << 20;
    return run_or_words(options);
}
