// SPDX-License-Identifier: GPL-2.0-or-later
// Where the gate filters: by the ruleset, by hand, and again where somebody took it away.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bpf/interface.hpp"
#include "bpf/marks.hpp"
#include "daemon/gate.hpp"
#include "model/pattern.hpp"

namespace yett {
namespace {

constexpr const char* kEveryInterface = "*";
/// Others may change hooks as often as they like: so often they are looked at for it.
constexpr auto kLookPause = std::chrono::milliseconds(100);
/// What could not be attached is tried again so often.
constexpr auto kNextAttempt = std::chrono::seconds(5);

std::string words_of(const Hook& hook) {
    return hook.first + (hook.second == Direction::ingress ? " (ingress)" : " (egress)");
}

std::vector<std::string> words_of(const std::set<Hook>& hooks) {
    std::vector<std::string> words;
    for (const Hook& hook : hooks)
        words.push_back(words_of(hook));
    return words;
}

}  // namespace

bool Gate::is_detached_by_hand(const Hook& hook) const {
    return std::any_of(detached_by_hand_.begin(), detached_by_hand_.end(),
                       [&](const Hook& by_hand) { return means(by_hand, hook); });
}

std::set<Hook> Gate::wanted() const {
    auto hooks = hooks_of(active().ruleset.interfaces, all_interfaces());
    std::erase_if(hooks, [this](const Hook& hook) { return is_detached_by_hand(hook); });
    hooks.insert(attached_by_hand_.begin(), attached_by_hand_.end());
    return hooks;
}

void Gate::take_marks() {
    const HandMarks places[] = {HandMarks(options_.pin_directory),
                                HandMarks(options_.state_directory)};
    std::set<Mark> marks;
    for (const HandMarks& place : places)
        marks.merge(place.list());
    if (marks.empty()) return;
    const auto attached = attached_hooks(plane_);
    bool news = false;
    for (const auto& [name, direction] : marks) {
        const Hook mark(name, static_cast<Direction>(direction));
        news |= detached_by_hand_.insert(mark).second;
        std::erase_if(attached_by_hand_, [&](const Hook& hook) { return means(mark, hook); });
        if (!attached) continue;
        for (const Hook& hook : *attached) {
            if (!means(mark, hook)) continue;
            if (auto done = plane_.detach(hook.first, direction); !done)
                tell_(done.error().message);
        }
    }
    if (news)
        tell_(
            "detached by hand while yettd did not answer: nothing of it is attached again until "
            "a ruleset is applied");
    dirty_ = true;
    save();
    if (dirty_) return;  // the marks stay for as long as the record does not say it
    for (const HandMarks& place : places)
        if (auto gone = place.remove(marks); !gone) tell_(gone.error().message);
}

Result<AttachChanges> Gate::follow(const std::set<Hook>& unwanted) {
    take_marks();
    auto hooks = wanted();
    if (in_force_.standing == Standing::held) {
        // What its rules ask of an attachment is not known: what is attached stays as it is.
        const auto attached = attached_hooks(plane_);
        if (!attached) return attached.error();
        for (const Hook& hook : *attached)
            hooks.erase(hook);
    }
    auto changes = follow_hooks(plane_, *applier_, hooks, unwanted);
    if (changes && !(changes->attached.empty() && changes->detached.empty())) dirty_ = true;
    return changes;
}

Result<void> Gate::check_uncovered(const Ruleset& next, const std::set<Hook>& leaving) const {
    const auto attached = attached_hooks(plane_);
    if (!attached) return attached.error();
    const auto staying = hooks_of(next.interfaces, all_interfaces());
    std::set<std::string> open;
    for (const Hook& hook : leaving)
        if (attached->count(hook) != 0 && staying.count(hook) == 0) open.insert(hook.first);
    if (open.empty()) return {};
    std::string missing;
    for (const std::string& name : next.interfaces)
        if (!is_pattern(name) && !find_interface(name)) missing += ", " + name + " does not exist";
    return Error{ErrorKind::conflict,
                 fmt::format("it would open {}: filtered now, and not named by this ruleset{}",
                             fmt::join(open, ", "), missing),
                 "name it in \"interfaces\", or insist with --force (?force=true); `yett detach` "
                 "switches filtering off"};
}

Result<std::vector<Attachment>> Gate::attach(const std::set<Hook>& hooks) {
    std::vector<Attachment> out;
    for (const auto& hook : hooks) {
        if (hook.first == "lo")
            return Error{ErrorKind::usage, "lo is never filtered: this host talks to itself there",
                         ""};
        auto attachment = attach_hook(plane_, *applier_, hook);
        if (!attachment) return attachment.error();
        out.push_back(std::move(*attachment));
        attached_by_hand_.insert(hook);
        detached_by_hand_.erase(hook);
        dirty_ = true;
    }
    save();
    return out;
}

Result<std::vector<Hook>> Gate::detach(const std::set<Hook>& hooks) {
    const auto attached = attached_hooks(plane_);
    if (!attached) return attached.error();
    std::vector<Hook> out;
    std::optional<Error> failed;
    for (const auto& hook : hooks) {
        if (attached->count(hook) == 0) continue;
        auto detached = plane_.detach(hook.first, static_cast<std::uint32_t>(hook.second));
        if (!detached) {
            failed = detached.error();  // one that cannot be let go of does not keep the others
        } else {
            out.push_back(hook);
        }
    }
    if (out.empty() && !failed) return out;
    const auto by_ruleset = hooks_of(active().ruleset.interfaces, all_interfaces());
    for (const auto& hook : hooks) {
        attached_by_hand_.erase(hook);
        if (by_ruleset.count(hook) != 0) detached_by_hand_.insert(hook);
    }
    dirty_ = true;
    save();
    if (failed) return *failed;
    return out;
}

Result<std::vector<Hook>> Gate::detach_all() {
    const auto attached = attached_hooks(plane_);
    if (!attached) return attached.error();
    // Interfaces that come later stay open as well.
    detached_by_hand_ = hooks_of({kEveryInterface});
    attached_by_hand_.clear();
    dirty_ = true;
    auto detached = detach(*attached);
    save();
    return detached;
}

Result<void> Gate::look_at_hooks(std::set<Hook>& filtered, std::set<Hook>& open) {
    std::map<std::string, std::uint32_t> there;
    for (const Interface& interface : all_interfaces())
        there.emplace(interface.name, interface.index);
    for (const Hook& hook : wanted()) {
        const auto found = there.find(hook.first);
        if (found == there.end()) continue;
        const auto attached =
            plane_.is_attached(found->second, static_cast<std::uint32_t>(hook.second));
        if (!attached) return attached.error();
        (*attached ? filtered : open).insert(hook);
    }
    coverage_.look(filtered, open, std::chrono::steady_clock::now());
    return {};
}

void Gate::audit() {
    take_marks();
    if (auto done = plane_.restore_pins(); !done) return tell_loss(done.error().message);
    std::set<Hook> filtered, open;
    if (auto done = look_at_hooks(filtered, open); !done) return tell_loss(done.error().message);
    const std::set<Hook> before = std::exchange(filtered_, filtered);
    if (open.empty()) {
        last_loss_.clear();
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    const std::string open_words = fmt::format("{}", fmt::join(words_of(open), ", "));
    if (last_loss_.starts_with(open_words) && now < next_look_) return;
    next_look_ = now + kLookPause;
    const auto changes = follow_hooks(plane_, *applier_, open, {});
    std::set<Hook> lost, come;
    for (const Hook& hook : open)
        (before.count(hook) != 0 ? lost : come).insert(hook);
    filtered.clear();
    open.clear();
    if (auto done = look_at_hooks(filtered, open); !done) return tell_loss(done.error().message);
    filtered_ = filtered;
    if (!open.empty()) {
        next_look_ = now + kNextAttempt;
        const std::string why = !changes                    ? changes.error().message
                                : changes->warnings.empty() ? ""
                                                            : changes->warnings.front();
        return tell_loss(fmt::format("{} should be filtered, and is not{}{}",
                                     fmt::join(words_of(open), ", "), why.empty() ? "" : ": ",
                                     why));
    }
    last_loss_.clear();
    if (!lost.empty())
        tell_(fmt::format("the filter was taken away from {}: attached again",
                          fmt::join(words_of(lost), ", ")));
    if (!come.empty()) tell_(fmt::format("attached to {}", fmt::join(words_of(come), ", ")));
}

void Gate::tell_loss(const std::string& text) {
    if (std::exchange(last_loss_, text) != text) tell_(text);
}

void Gate::hooks_changed() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return;  // tick() looks soon
    if (last_loss_.empty()) next_look_ = now + kLookPause;
    audit();
}

void Gate::interfaces_changed() {
    using Clock = std::chrono::steady_clock;
    const auto began = Clock::now();
    // A link that flaps must not keep the daemon from everything else.
    follow_later_ = began < next_follow_;
    if (follow_later_) return;
    refresh_own_addresses();
    if (auto done = applier_->refresh_interfaces(); !done) tell_(done.error().message);
    if (auto done = plane_.forget_gone_interfaces(); !done) tell_(done.error().message);
    const auto changes = follow({});
    next_follow_ = Clock::now() + 4 * (Clock::now() - began);
    if (!changes) return tell_(changes.error().message);
    for (const auto& attachment : changes->attached) {
        tell_("attached to " + attachment.interface + ", which has come up");
    }
}

}  // namespace yett
