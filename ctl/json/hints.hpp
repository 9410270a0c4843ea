// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: what to write instead.
//
// Law: who follows a hint never lets more in than he meant. So a hint names one thing only where
// nothing else is as near; of a pair of keys it prefers the one that the sender of a packet does
// not choose; and a word that means one thing elsewhere and another here is not translated but
// explained.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace yett {

/// Who decides what a packet has there: a rule that passes by what the sender chooses passes
/// whoever wants to pass.
enum class Chooser { receiver, sender };

/// A word that may stand in a place.
struct KnownKey {
    std::string_view word;
    Chooser chooser = Chooser::receiver;
};

/// For a key that an object does not have: what it is called here, the nearest, or all.
std::string hint_for_key(std::string_view name, std::span<const KnownKey> known);

/// For a word that is not among `known`: what it is called here, the nearest, or all.
std::string hint_for_word(std::string_view word, std::span<const std::string_view> known);

/// "any", "all", "*": for a key of a match, the hint to leave it out; else empty.
std::string hint_for_any(std::string_view key, std::string_view word);

/// One value as a hint writes it (`80`, `"tcp"`), or nothing when it is none.
using PrintValue = std::function<std::optional<std::string>(std::string_view)>;

/// For text that would be understood in another shape: `write [80, 443]` of "80,443", `write "not":
/// { "dport": 80 }` of "!80"; else empty. `key` is the key of the match.
std::string hint_for_shape(std::string_view key, std::string_view text, const PrintValue& print);

}  // namespace yett
