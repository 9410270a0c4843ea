// SPDX-License-Identifier: GPL-2.0-or-later
// Turns the parser's messages into a place, a sentence and a mend.
#include "json/syntax.hpp"

#include <algorithm>
#include <cstring>

namespace yett {
namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '+' || c == '@' || c == '$';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::size_t word_end(std::string_view text, std::size_t begin) {
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end]))
        ++end;
    return end;
}

/// Behind the comment that begins at `at`, or npos when it has no end.
std::size_t comment_end(std::string_view text, std::size_t at) {
    if (at + 1 < text.size() && text[at + 1] == '/') {
        return std::min(text.find('\n', at), text.size());
    }
    const std::size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? end : end + 2;
}

/// Builds the diagnostic for one fault; each method handles one family of mistakes.
class Explainer {
  public:
    Explainer(const SyntaxFault& fault, std::string_view what, const Locate& locate)
        : fault_(fault), text_(fault.text), what_(what), locate_(locate) {
        const std::size_t last = std::max<std::size_t>(fault.end, 1) - 1;
        begin_ = std::min(skip_gap(text_, fault.last_end, fault.end), last);
        first_ = begin_ < text_.size() ? text_[begin_] : '\0';
        end_ = std::max(begin_ + 1, word_end(text_, begin_));
        if (first_ == '"') end_ = fault.end;
    }

    Diagnostic explain() {
        if (has(what_, "unexpected end of input")) return end_of_text();
        if (has(what_, "comment")) return comment();
        if (has(what_, "invalid string")) return string();
        if (has(what_, "invalid number") || has(what_, "number overflow")) {
            return say("this is no number that JSON knows");
        }
        if (first_ == '\'') return say("a string stands in double quotes", "replace ' by \"");
        if (first_ == '#') return say("a comment begins with //", "replace # by //");
        if (const std::size_t comma = dangling_comma(); comma != std::string_view::npos) {
            begin_ = comma;
            end_ = comma + 1;
            return say(std::string("no comma may stand before ") + quoted(), "remove this comma");
        }
        return by_expectation();
    }

  private:
    Diagnostic say(std::string message, std::string hint = {}) const {
        return {Severity::error,      "json-syntax", std::move(message), std::move(hint), {},
                locate_(begin_, end_)};
    }

    std::string quoted() const { return std::string("'") + first_ + "'"; }
    std::string word() const { return std::string(text_.substr(begin_, end_ - begin_)); }
    std::string line_of(std::size_t offset) const {
        return std::to_string(locate_(offset, offset + 1).line);
    }

    Diagnostic end_of_text() {
        if (fault_.open.empty()) {
            begin_ = 0;
            return say("there is no ruleset in this text", "a ruleset is an object: { ... }");
        }
        begin_ = fault_.last_end - 1;
        end_ = fault_.last_end;
        const std::size_t opened = fault_.open.back();
        const char close = text_[opened] == '{' ? '}' : ']';
        return say("the text ends too early", std::string("the '") + text_[opened] + "' on line " +
                                                  line_of(opened) + " has no '" + close + "'");
    }

    Diagnostic comment() {
        if (has(what_, "closing")) {
            end_ = begin_ + 2;
            return say("this comment has no end", "close it with */");
        }
        return say("a comment begins with // or /*");
    }

    Diagnostic string() {
        if (has(what_, "U+000A") || has(what_, "U+000D") || has(what_, "closing quote")) {
            return say("this string has no closing quote on its line");
        }
        // What is wrong inside a string is where the parser stopped.
        begin_ = fault_.end - 1;
        end_ = fault_.end;
        if (has(what_, "control character")) {
            return say("a control character stands in a string", "write it as \\t or \\u00xx");
        }
        if (has(what_, "surrogate")) return say("half of a surrogate pair stands alone");
        if (has(what_, "4 hex digits")) return say("\\u takes four hex digits");
        return say("JSON knows no such escape", "a backslash itself is written \\\\");
    }

    /// Offset of the comma in ",}" or ",]", else npos.
    std::size_t dangling_comma() const {
        if (first_ != '}' && first_ != ']') return std::string_view::npos;
        // Only commas outside of comments count.
        std::size_t at = fault_.last_end;
        while (at < begin_) {
            if (text_[at] == ',') return at;
            at = text_[at] == '/' ? comment_end(text_, at) : at + 1;
        }
        return std::string_view::npos;
    }

    Diagnostic by_expectation() {
        if (has(what_, "object separator")) {
            return say("a ':' must stand between the key and its value");
        }
        if (has(what_, "expected end of input")) {
            return say("text stands behind the end of the ruleset",
                       "a file holds one object: { ... }");
        }
        if (has(what_, "; expected '}'") || has(what_, "; expected ']'")) return after_value();
        if (has(what_, "object key")) return key();
        return value();
    }

    Diagnostic after_value() {
        const bool joined = begin_ == fault_.last_end && begin_ > 0 && is_digit(text_[begin_ - 1]);
        if (joined && is_digit(first_)) return say("a number has no leading zero");
        if (joined && is_word(first_)) return say("this is no decimal number");
        if (first_ == '}' || first_ == ']') {
            const std::size_t opened = fault_.open.back();
            return say(quoted() + " closes nothing here", std::string("the '") + text_[opened] +
                                                              "' on line " + line_of(opened) +
                                                              " is still open");
        }
        if (first_ == ':') return say("a ':' stands only between a key and its value");
        return say("a comma is missing before this");
    }

    Diagnostic key() {
        if (first_ == ',') return say("a comma too many");
        if (is_word(first_)) return say("a key stands in double quotes", "write \"" + word() + '"');
        return say("here must stand a key in double quotes");
    }

    Diagnostic value() {
        if (first_ == ',' || first_ == '}' || first_ == ']') return say("a value is missing here");
        if (first_ == '+') return say("a number has no plus sign");
        for (const char* literal : {"true", "false", "null"}) {
            const std::string lower = lowered(word());
            if (lower == literal) return say("\"" + word() + "\" is not JSON", "write " + lower);
        }
        if (is_digit(first_) || first_ == '.') return say("this is no number that JSON knows");
        if (is_word(first_)) {
            return say("a string stands in double quotes", "write \"" + word() + '"');
        }
        return say("here must stand a value");
    }

    static std::string lowered(std::string word) {
        std::transform(word.begin(), word.end(), word.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
        return word;
    }

    const SyntaxFault& fault_;
    std::string_view text_;
    std::string_view what_;
    const Locate& locate_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    char first_ = '\0';  ///< the octet at begin_
};

}  // namespace

std::size_t skip_gap(std::string_view text, std::size_t from, std::size_t limit) {
    limit = std::min(limit, text.size());
    while (from < limit) {
        const char c = text[from];
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ':') {
            ++from;
            continue;
        }
        if (c != '/' || from + 1 >= text.size()) return from;
        const std::size_t end = comment_end(text, from);
        if (end == std::string_view::npos) return from;
        from = end;
    }
    return limit;
}

Diagnostic explain_syntax(const SyntaxFault& fault, std::string_view what, const Locate& locate) {
    return Explainer(fault, what, locate).explain();
}

}  // namespace yett
