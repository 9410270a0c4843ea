// SPDX-License-Identifier: GPL-2.0-or-later
// Foreign JSON, as events: of texts too large or too strange for a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace yett {

/// What a JSON text has in it, from its beginning to its end. A method that fails ends the reading.
class JsonEvents {
  public:
    virtual ~JsonEvents() = default;
    virtual Result<void> begin(bool object) = 0;
    virtual Result<void> end() = 0;
    virtual Result<void> key(const std::string& text) = 0;
    virtual Result<void> string(const std::string& text) = 0;
    /// `whole` is there when it is an integer from 0 to 2^64 - 1.
    virtual Result<void> number(std::optional<std::uint64_t> whole) = 0;
    virtual Result<void> boolean(bool value) = 0;
    virtual Result<void> null() = 0;
};

/// One JSON value (RFC 8259), and nothing behind it. `line` is the text's first line, and while
/// events come the one that has been reached. Refused: what the grammar does not know, more than 32
/// levels, a key that stands twice in its object, an object of more than 65536 keys.
Result<void> read_json_events(std::string_view text, std::size_t& line, JsonEvents& events);

}  // namespace yett
