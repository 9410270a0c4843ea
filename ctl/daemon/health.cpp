// SPDX-License-Identifier: GPL-2.0-or-later
// One look for all that ask at once; a look that takes too long is not waited for.
#include "daemon/health.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "apply/banks.hpp"
#include "daemon/routes.hpp"

namespace yett {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPatience = 50ms;
/// Nothing that the gate does takes as long.
constexpr auto kLongestWork = 60s;

bool all_attached(const Gate& gate, const std::vector<Attachment>& there) {
    auto missing = gate.wanted();
    for (const auto& one : there)
        missing.erase({one.interface, static_cast<Direction>(one.direction)});
    return missing.empty();
}

std::string joined(const std::vector<std::string>& texts) {
    return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

std::vector<Check> checks_of(Gate& gate, const Result<std::vector<Attachment>>& attachments) {
    const auto word = gate.plane().word();
    const bool is_known = word != 0 && generation_of(word) == gate.active().generation;
    const auto& in_force = gate.in_force();
    const auto unsaved = gate.unsaved();
    const auto& lists = gate.missing_lists();
    const bool complete = attachments.ok() && all_attached(gate, *attachments);
    return {
        {"data-plane", attachments.ok(), attachments ? "" : attachments.error().message},
        {"generation", is_known, "the data plane judges by a ruleset that is not known here"},
        {"attachments", complete, "see the warnings of /v1/status"},
        {"ruleset", in_force.why.empty(), in_force.why},
        {"saved", unsaved.empty(), joined(unsaved)},
        {"lists", lists.empty(), fmt::format("no list for: {}", fmt::join(lists, ", "))},
    };
}

bool is_healthy(const std::vector<Check>& checks) {
    return std::all_of(checks.begin(), checks.end(), [](const Check& one) { return one.ok; });
}

struct Health::Waiting {
    Reply reply;  ///< empty: it was answered
};

/// The checks as they were at the last look, and whether the gate is at work since.
ApiResponse Health::last() const {
    auto checks = checks_;
    const auto busy = work_.busy();
    const bool stuck = busy && busy->time > kLongestWork;
    const double seconds = busy ? static_cast<double>(busy->time.count()) / 1000 : 0;
    checks.push_back(
        {"at-work", !stuck,
         stuck ? fmt::format("{} has taken {:.0f} s and goes on", busy->what, seconds) : ""});
    auto list = Json::array();
    for (const auto& one : checks)
        list.push_back({{"name", one.name},
                        {"ok", one.ok},
                        {"message", one.ok ? std::string() : one.message}});
    const bool healthy = is_healthy(checks) && !checks_.empty();
    const std::chrono::duration<double> age = Clock::now() - looked_;
    auto response = json_response(
        {{"healthy", healthy},
         {"age", checks_.empty() ? Json(nullptr) : Json(std::max(0.0, age.count()))},
         {"busy", busy ? Json{{"with", busy->what}, {"seconds", seconds}} : Json(nullptr)},
         {"checks", list}});
    response.status = healthy ? 200 : 503;
    return response;
}

void Health::refresh() {
    if (std::exchange(asked_, true)) return;
    const auto found = std::make_shared<std::vector<Check>>();
    work_.post(
        Urgency::change, "a look at its health",
        [this, found] { *found = checks_of(gate_, gate_.plane().attachments()); },
        [this, found] {
            asked_ = false;
            checks_ = std::move(*found);
            looked_ = Clock::now();
            for (const auto& one : std::exchange(waiting_, {}))
                if (one->reply) std::exchange(one->reply, {})(last());
        });
}

void Health::ask(Reply reply) {
    const auto waiting = std::make_shared<Waiting>(Waiting{std::move(reply)});
    waiting_.push_back(waiting);
    refresh();
    loop_.after(kPatience, [this, waiting] {
        if (!waiting->reply) return;
        std::erase(waiting_, waiting);
        std::exchange(waiting->reply, {})(last());
    });
}

}  // namespace yett
