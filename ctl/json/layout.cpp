// SPDX-License-Identifier: GPL-2.0-or-later
// Prints a value on one line where it fits.
#include "json/layout.hpp"

#include <algorithm>

namespace yett {
namespace {

constexpr std::size_t kColumns = 120;
constexpr std::size_t kIndent = 4;
constexpr std::size_t kTooLong = kColumns + 1;

std::string quoted(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (octet < 0x20) {
            ((out += "\\u00") += kHex[octet >> 4]) += kHex[octet & 15];
        } else {
            out += c;
        }
    }
    return out += '"';
}

bool has_comment(const std::vector<std::string>& lines) {
    return std::any_of(lines.begin(), lines.end(), [](const auto& line) { return !line.empty(); });
}

/// Something of it needs a line of its own in the container around it.
bool has_comment(const Value& value) {
    return !value.behind.empty() || has_comment(value.before);
}

/// Octets on one line, or kTooLong.
std::size_t width(const Value& value) {
    if (value.broken && !value.children.empty()) return kTooLong;
    if (has_comment(value.inside)) return kTooLong;
    if (value.shape == JsonShape::scalar) return value.text.size();
    if (value.children.empty()) return 2;
    std::size_t sum = value.shape == JsonShape::object ? 4 : 2;
    for (std::size_t i = 0; i < value.children.size() && sum < kTooLong; ++i) {
        if (i > 0) sum += 2;
        if (value.shape == JsonShape::object) sum += value.keys[i].size() + 2;
        sum += has_comment(value.children[i]) ? kTooLong : width(value.children[i]);
    }
    return sum < kTooLong ? sum : kTooLong;
}

void print_flat(const Value& value, std::string& out) {
    if (value.shape == JsonShape::scalar) {
        out += value.text;
        return;
    }
    const bool object = value.shape == JsonShape::object;
    const bool padded = object && !value.children.empty();
    out += object ? "{" : "[";
    if (padded) out += ' ';
    for (std::size_t i = 0; i < value.children.size(); ++i) {
        if (i > 0) out += ", ";
        if (object) (out += value.keys[i]) += ": ";
        print_flat(value.children[i], out);
    }
    if (padded) out += ' ';
    out += object ? "}" : "]";
}

void print_lines(const std::vector<std::string>& lines, bool first, std::size_t indent,
                 std::string& out) {
    for (const std::string& line : lines) {
        if (line.empty() && first) continue;
        first = false;
        if (!line.empty()) out.append(indent, ' ');
        (out += line) += '\n';
    }
}

/// A list of scalars: as many on each line as fit.
bool is_plain_list(const Value& value) {
    return value.shape == JsonShape::array && !has_comment(value.inside) &&
           std::all_of(value.children.begin(), value.children.end(), [](const Value& child) {
               return child.shape == JsonShape::scalar && !has_comment(child);
           });
}

void print_filled(const Value& value, std::size_t indent, std::string& out) {
    std::size_t column = kTooLong;
    out += '[';
    for (std::size_t i = 0; i < value.children.size(); ++i) {
        const std::string& text = value.children[i].text;
        if (column + 1 + text.size() + 1 > kColumns) {
            (out += '\n').append(indent + kIndent, ' ');
            column = indent + kIndent;
        } else {
            out += ' ';
            ++column;
        }
        out += text;
        column += text.size() + 1;
        if (i + 1 < value.children.size()) out += ',';
    }
    (out += '\n').append(indent, ' ');
    out += ']';
}

/// `column` is where the value begins; `tail` is what follows on its last line (a comma).
void print_value(const Value& value, std::size_t indent, std::size_t column, std::size_t tail,
                 std::string& out) {
    if (value.shape == JsonShape::scalar || column + width(value) + tail <= kColumns) {
        return print_flat(value, out);
    }
    if (is_plain_list(value)) return print_filled(value, indent, out);
    const bool object = value.shape == JsonShape::object;
    const std::size_t inner = indent + kIndent;
    out += object ? "{\n" : "[\n";
    for (std::size_t i = 0; i < value.children.size(); ++i) {
        const Value& child = value.children[i];
        const bool last = i + 1 == value.children.size();
        print_lines(child.before, i == 0, inner, out);
        out.append(inner, ' ');
        std::size_t at = inner;
        if (object) {
            (out += value.keys[i]) += ": ";
            at += value.keys[i].size() + 2;
        }
        print_value(child, inner, at, last ? 0 : 1, out);
        if (!last) out += ',';
        if (!child.behind.empty()) (out += "  ") += child.behind;
        out += '\n';
    }
    print_lines(value.inside, value.children.empty(), inner, out);
    out.append(indent, ' ');
    out += object ? "}" : "]";
}

}  // namespace

Value Value::scalar(std::string text) {
    Value value;
    value.text = std::move(text);
    return value;
}

Value Value::string(std::string_view text) {
    return scalar(quoted(text));
}

Value Value::array() {
    Value value;
    value.shape = JsonShape::array;
    return value;
}

Value Value::object() {
    Value value;
    value.shape = JsonShape::object;
    return value;
}

Value& Value::add(Value child) {
    children.push_back(std::move(child));
    return children.back();
}

Value& Value::add(std::string_view key, Value child) {
    keys.push_back(quoted(key));
    return add(std::move(child));
}

std::string lay_out(const Value& root) {
    std::string out;
    print_lines(root.before, true, 0, out);
    print_value(root, 0, 0, 0, out);
    if (!root.behind.empty()) (out += "  ") += root.behind;
    return out += '\n';
}

std::string on_one_line(const Value& value) {
    std::string out;
    print_flat(value, out);
    return out;
}

}  // namespace yett
