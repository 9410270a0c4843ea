// SPDX-License-Identifier: GPL-2.0-or-later
// From the interfaces that a ruleset names to attachments.
#include "apply/attach.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "abi/fields.h"
#include "bpf/interface.hpp"
#include "model/pattern.hpp"

namespace yett {
namespace {

constexpr const char* kLoopback = "lo";

bool names_vlan(const Match& match) {
    return !match.vlan.empty() ||
           std::any_of(match.negated.begin(), match.negated.end(), names_vlan);
}

bool names_length(const Match& match) {
    return !match.len.empty() ||
           std::any_of(match.negated.begin(), match.negated.end(), names_length);
}

std::optional<AttachMode> mode_of(HookChoice choice) {
    switch (choice) {
        case HookChoice::automatic:
            break;
        case HookChoice::native:
            return AttachMode::xdp_native;
        case HookChoice::generic:
            return AttachMode::xdp_generic;
        case HookChoice::tc:
            return AttachMode::tc;
    }
    return std::nullopt;
}

Demands at(const std::string& interface, Demands demands, const Ruleset& ruleset) {
    demands.asked = mode_of(hook_choice_of(ruleset, interface));
    return demands;
}

/// Not where there is no choice.
bool is_denied(const Attachment& made, const Demands& demands) {
    if (made.direction != YETT_INGRESS || !demands.asked || *demands.asked == made.mode)
        return false;
    const auto found = find_interface(made.interface);
    return found && !found->bare;
}

/// After telling the data plane about the interface.
Result<Attachment> attach_one(DataPlane& plane, Applier& applier, const Hook& hook,
                              const Demands& demands) {
    if (auto found = find_interface(hook.first); !found) return found.error();
    if (auto done = applier.register_interface(hook.first); !done) return done.error();
    return plane.attach(hook.first, static_cast<std::uint32_t>(hook.second), demands);
}

}  // namespace

Demands demands_of(const Ruleset& ruleset) {
    Demands demands;
    const auto look_at = [&](const std::vector<Rule>& rules) {
        for (const Rule& rule : rules) {
            demands.tags |= names_vlan(rule.match);
            demands.replies |= rule.action == ActionKind::reject;
            demands.frames |= rule.limit.has_value() || names_length(rule.match);
        }
    };
    look_at(implied_rules(ruleset).before);
    look_at(ruleset.rules);
    return demands;
}

Result<void> meet_demands(DataPlane& plane, const Ruleset& ruleset) {
    const Demands demands = demands_of(ruleset);
    const auto hooks = attached_hooks(plane);
    if (!hooks) return hooks.error();
    for (const auto& [interface, direction] : *hooks) {
        if (direction != Direction::ingress) continue;
        // Another version's program has tables of its own, and ours are not yet switched to.
        const auto found = find_interface(interface);
        const auto ours = found ? plane.is_attached(found->index, YETT_INGRESS) : false;
        if (!ours || !*ours) continue;
        auto done = plane.leave_unfit_xdp(interface, at(interface, demands, ruleset));
        if (!done) return done;
    }
    return {};
}

std::set<Hook> hooks_of(const std::vector<std::string>& interfaces) {
    std::set<Hook> hooks;
    for (const auto& name : interfaces) {
        hooks.emplace(name, Direction::ingress);
        hooks.emplace(name, Direction::egress);
    }
    return hooks;
}

std::set<Hook> hooks_of(const std::vector<std::string>& names,
                        const std::vector<Interface>& existing) {
    std::vector<std::string> found;
    for (const auto& name : names)
        if (!is_pattern(name) && name != kLoopback) found.push_back(name);
    for (const auto& interface : existing) {
        if (interface.name == kLoopback || !any_means(names, interface.name)) continue;
        found.push_back(interface.name);
    }
    return hooks_of(found);
}

bool means(const Hook& pattern, const Hook& hook) {
    return pattern.second == hook.second && means_interface(pattern.first, hook.first);
}

Result<std::set<Hook>> attached_hooks(const DataPlane& plane) {
    const auto attachments = plane.attachments();
    if (!attachments) return attachments.error();
    std::set<Hook> hooks;
    for (const auto& attachment : *attachments) {
        hooks.emplace(attachment.interface, static_cast<Direction>(attachment.direction));
    }
    return hooks;
}

Result<Attachment> attach_hook(DataPlane& plane, Applier& applier, const Hook& hook) {
    const Ruleset& ruleset = applier.active().ruleset;
    return attach_one(plane, applier, hook, at(hook.first, demands_of(ruleset), ruleset));
}

Result<AttachChanges> follow_hooks(DataPlane& plane, Applier& applier, const std::set<Hook>& wanted,
                                   const std::set<Hook>& unwanted) {
    AttachChanges changes;
    const auto attached = attached_hooks(plane);
    if (!attached) return attached.error();
    const Ruleset& ruleset = applier.active().ruleset;
    const Demands rules = demands_of(ruleset);
    for (const auto& hook : wanted) {
        const Demands demands = at(hook.first, rules, ruleset);
        auto done = attach_one(plane, applier, hook, demands);
        if (done && is_denied(*done, demands))
            changes.warnings.push_back(fmt::format("{}: {}", hook.first, done->note));
        if (done && attached->count(hook) != 0) continue;
        if (done) {
            changes.attached.push_back(std::move(*done));
        } else if (std::find(changes.warnings.begin(), changes.warnings.end(),
                             done.error().message) == changes.warnings.end()) {
            changes.warnings.push_back(done.error().message);
        }
    }
    for (const auto& hook : unwanted) {
        if (attached->count(hook) == 0 || wanted.count(hook) != 0) continue;
        auto done = plane.detach(hook.first, static_cast<std::uint32_t>(hook.second));
        if (!done) {
            changes.warnings.push_back(done.error().message);
        } else if (*done) {
            changes.detached.push_back(hook);
        }
    }
    return changes;
}

}  // namespace yett
