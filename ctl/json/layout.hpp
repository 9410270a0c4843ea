// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: a JSON value to be printed, and how it is laid out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yett {

enum class JsonShape { scalar, array, object };

/// A tree of finished pieces of text. `keys` is empty for an array.
struct Value {
    JsonShape shape = JsonShape::scalar;
    std::string text;               ///< of a scalar, as it is printed
    std::vector<std::string> keys;  ///< quoted
    std::vector<Value> children;
    bool broken = false;  ///< one child a line, even where one line would do

    // What a canonical form keeps of the text that it came from. "" is an empty line.
    std::vector<std::string> before;  ///< lines above
    std::vector<std::string> inside;  ///< lines of a container behind its last child
    std::string behind;               ///< comment at the end of the line

    static Value scalar(std::string text);
    static Value string(std::string_view text);  ///< quotes and escapes
    static Value array();
    static Value object();

    Value& add(Value child);
    Value& add(std::string_view key, Value child);
    [[nodiscard]] bool empty() const { return shape != JsonShape::scalar && children.empty(); }
};

/// JSON text with four spaces of indentation and a line end at the end. A container stands on one
/// line when it fits into 120 columns and is not marked as broken, nor anything in it.
std::string lay_out(const Value& root);
/// The same on one line, however long, without comments.
std::string on_one_line(const Value& value);

}  // namespace yett
