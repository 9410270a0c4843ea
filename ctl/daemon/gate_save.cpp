// SPDX-License-Identifier: GPL-2.0-or-later
// What the gate writes down, and goes on trying to.
#include <fmt/format.h>

#include "daemon/files.hpp"
#include "daemon/gate.hpp"
#include "daemon/lockdown.hpp"
#include "json/printer.hpp"

namespace yett {
namespace {

/// The first error of several attempts, each of which is made.
class Attempts {
  public:
    bool operator()(const Result<void>& result) {
        if (!result && !first) first = result.error();
        return result.ok();
    }
    std::optional<Error> first;
};

}  // namespace

std::string Gate::record_of(const Active& active, const std::string& text) const {
    GenerationRecord record;
    record.generation = active.generation;
    record.plane = plane_identity_;
    record.text = checksum(text);
    record.skeleton = print(skeleton_of(active.ruleset));
    record.engine = active.engine;
    return to_text(record, active.slots);
}

void Gate::save() {
    store_.try_again();
    Attempts attempt;
    const auto generation = active().generation;
    if (text_unsaved_) text_unsaved_ = !attempt(store_.save_ruleset(generation, text_));
    if (record_unsaved_)
        record_unsaved_ = !attempt(store_.save_record(generation, record_of(active(), text_)));
    if (keep_state_) {
        const auto kept = keep_aside(store_.state_path());
        keep_state_ = !kept;
        if (kept) warn("what could not be read of " + store_.state_path() + " is kept: " + *kept);
        if (!kept) attempt(kept.error());
    }
    if (dirty_ && !keep_state_) {
        SavedState state;
        state.generation = generation;
        state.standing = in_force_.standing;
        state.wished = in_force_.wished;
        state.since = since_;
        state.interfaces = active().slots.interfaces;
        state.covered = active().ruleset.interfaces;
        state.held = set_store_.held();
        state.attached = attached_by_hand_;
        state.detached = detached_by_hand_;
        dirty_ = !attempt(store_.save_state(state));
    }
    const std::string trouble = attempt.first ? attempt.first->message : "";
    if (!trouble.empty() && trouble != save_trouble_)
        tell_(fmt::format("{}; it is in force, and will be tried again{}{}", trouble,
                          attempt.first->hint.empty() ? "" : ": ", attempt.first->hint));
    if (trouble.empty() && !save_trouble_.empty()) tell_("what is in force is saved now");
    save_trouble_ = trouble;
}

std::vector<std::string> Gate::unsaved() const {
    auto out = set_store_.unsaved();
    if (!save_trouble_.empty()) out.push_back(save_trouble_);
    return out;
}

}  // namespace yett
