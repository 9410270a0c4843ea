// SPDX-License-Identifier: GPL-2.0-or-later
// Entries in JSON: of an object's own key, in the lists that are known by name.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/events.hpp"
#include "lists/items.hpp"
#include "lists/words.hpp"

namespace yett {

/// What becomes of a value that makes no sense: fails with it, or counts it and goes on.
using OnProblem = std::function<Result<void>(std::size_t line, const Error&)>;

/// Reads JSON values.
///   entry     a string; or an object with exactly one of the keys of an address ("cidr", "ip",
///             "ip_prefix" ...) and a string in it. Beside it: an end ("expires", "until",
///             "timeout", "duration") and a "reason"; the rest says nothing, nested or not. What
///             would change its meaning ("netmask", "last", "exclude" ...) is refused.
///   list      an array of entries
///   document  an object that is no entry: its lists stand under the keys that are known for it
///             ("prefixes", "result", "new" ...), "deleted" lifts. An address anywhere else in it
///             is refused, with its place.
class JsonList : private JsonEvents {
  public:
    JsonList(const ListOptions& options, ListItems& items, ListItems& lifted, OnProblem problem);

    /// One value; `line` as of read_json_events.
    Result<void> read(std::string_view text, std::size_t& line);
    /// Entries whose time is over.
    [[nodiscard]] std::size_t over() const { return over_; }

  private:
    enum class Role : std::uint8_t { outside, list, object, watched };
    struct Scalar {
        std::string text;
        bool is_text = false;
        std::optional<std::uint64_t> whole;
    };
    struct Candidate {
        std::string key, text;
        bool is_text = true;
    };
    /// An array or an object that is open.
    struct Frame {
        bool is_object = false;
        Role role = Role::list;
        bool lifts = false;       ///< what stands in it is no entry any more
        bool on_path = false;     ///< to options.pointer
        bool knows_list = false;  ///< a list stands under one of its keys
        std::string key;
        std::size_t index = 0;
        std::size_t line = 0;
        std::array<std::size_t, 3> marks{};  ///< what there was before it
        std::string keys;                    ///< for a message
        std::vector<Candidate> candidates;
        std::optional<Error> stray;        ///< refused, unless this is an entry
        std::optional<Error> alert_stray;  ///< the same, unless it has decisions
        bool has_decisions = false;
        std::string changed;  ///< a key that is refused, if this is an entry
        std::optional<Scalar> until, timeout, duration;
        std::string reason, scenario, scope, type;
        bool never = false;
        bool simulated = false;
    };

    Result<void> begin(bool object) override;
    Result<void> end() override;
    Result<void> key(const std::string& text) override;
    Result<void> string(const std::string& text) override { return scalar({text, true, {}}); }
    Result<void> number(std::optional<std::uint64_t> whole) override;
    Result<void> boolean(bool value) override;
    Result<void> null() override;

    Result<void> scalar(const Scalar& value);
    void member(Frame& frame, const Scalar& value);
    bool note(Frame& frame, const Scalar& value);
    Result<void> put(const std::string& text, const ItemNotes& notes, bool lifts, std::size_t line);
    Result<void> end_entry(Frame& frame);
    Result<void> end_document(Frame& frame);
    Result<bool> read_notes(const Frame& frame, ItemNotes& notes) const;
    Result<void> refuse(std::string message, std::string hint, std::size_t line);
    void give_role(Frame& child, Frame* parent);
    bool follow_pointer(Frame& child, const Frame* parent);
    [[nodiscard]] bool at_pointer() const;
    [[nodiscard]] bool is_value(std::string_view text) const;
    [[nodiscard]] bool is_own_key(std::string_view key) const;
    [[nodiscard]] std::string place() const;
    void note_stray(std::string_view text);

    const ListOptions& options_;
    ListItems& items_;
    ListItems& lifted_;
    OnProblem problem_;
    std::size_t* line_ = nullptr;
    std::size_t over_ = 0;
    std::vector<Frame> frames_;
    std::vector<std::string> pointer_;  ///< the steps of options.pointer
    bool found_ = false;                ///< what it names
};

}  // namespace yett
