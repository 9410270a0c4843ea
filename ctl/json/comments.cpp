// SPDX-License-Identifier: GPL-2.0-or-later
// Walks the tree of the text and the values to be printed side by side.
#include "json/comments.hpp"

#include <algorithm>

namespace yett {
namespace {

/// Where comments go: a printed value, or (not exact) what is printed around the one that is not.
struct Target {
    Value* value;
    bool exact;
};

void append(std::vector<std::string>& lines, std::vector<std::string>&& more) {
    for (std::string& line : more) {
        // Of several empty lines one is kept.
        if (line.empty() && !lines.empty() && lines.back().empty()) continue;
        lines.push_back(std::move(line));
    }
}

void drop_blank_end(std::vector<std::string>& lines) {
    while (!lines.empty() && lines.back().empty())
        lines.pop_back();
}

class Walk {
  public:
    explicit Walk(const Source& source) : source_(source), text_(source.text()) {}

    std::vector<std::string> run(Value& root) {
        const Target target{&root, true};
        take_gap(source_[0].begin);
        drop_blank_end_if_only(lines_);
        place(target);
        value(0, target);
        take_gap(text_.size());
        drop_blank_end(lines_);
        return std::move(lines_);
    }

  private:
    /// Reads the gap between two tokens into lines_; a comment on the line of the last value goes
    /// there at once.
    void take_gap(std::size_t end) {
        bool same_line = last_ != nullptr;
        std::size_t newlines = 0;
        while (at_ < end) {
            const char c = text_[at_];
            if (c == '/') {
                if (newlines > 1) lines_.emplace_back();
                take_comment(same_line);
                newlines = 0;
                continue;
            }
            if (c == '\n') {
                ++newlines;
                same_line = false;
            }
            ++at_;
        }
        if (newlines > 1) lines_.emplace_back();
    }

    void take_comment(bool same_line) {
        const bool line = text_[at_ + 1] == '/';
        std::size_t end = text_.find(line ? "\n" : "*/", at_ + 2);
        end = std::min(line ? end : end + 2, text_.size());
        std::string comment(text_.substr(at_, end - at_));
        while (line &&
               (comment.back() == '\r' || comment.back() == ' ' || comment.back() == '\t')) {
            comment.pop_back();
        }
        at_ = end;
        const bool whole_line = comment.find('\n') == std::string::npos;
        // Behind a comment to the end of the line nothing more has room.
        if (same_line && whole_line && last_->behind.empty()) {
            last_->behind = std::move(comment);
        } else {
            lines_.push_back(std::move(comment));
        }
    }

    void drop_blank_end_if_only(std::vector<std::string>& lines) {
        if (std::all_of(lines.begin(), lines.end(), [](const auto& l) { return l.empty(); })) {
            lines.clear();
        }
    }

    /// What was read stands before `target`.
    void place(const Target& target) {
        if (!target.exact) drop_blank_end(lines_);
        const bool around = !target.exact && target.value->shape != JsonShape::scalar;
        append(around ? target.value->inside : target.value->before, std::move(lines_));
        lines_.clear();
    }

    void value(NodeId id, const Target& target) {
        const JsonNode& node = source_[id];
        at_ = node.begin;
        if (node.kind == NodeKind::object || node.kind == NodeKind::array) {
            ++at_;
            last_ = nullptr;
            children(id, target);
            take_gap(node.end - 1);
            drop_blank_end(lines_);
            place({target.value, false});
        }
        at_ = node.end;
        last_ = target.exact ? target.value : nullptr;
    }

    void children(NodeId id, const Target& target) {
        const bool object = source_[id].kind == NodeKind::object;
        std::size_t index = 0;
        std::size_t hint = 0;
        for (NodeId at = id + 1; at < source_[id].next; at = source_[at].next, ++index) {
            const Target child = object ? member(target, at, hint) : element(target, index);
            take_gap(source_[at].begin);
            if (object) {
                at_ = source_[at].end;
                last_ = nullptr;
                take_gap(source_[at + 1].begin);
            }
            place(child);
            value(object ? at + 1 : at, child);
        }
    }

    static Target element(const Target& target, std::size_t index) {
        Value* value = target.value;
        if (!target.exact) return {value, false};
        // A list of one is printed as the one value.
        if (value->shape != JsonShape::array) return {value, index == 0};
        if (index >= value->children.size()) return {value, false};
        return {&value->children[index], true};
    }

    /// `hint` is where the search begins: most keys stand in the printed order.
    Target member(const Target& target, NodeId key, std::size_t& hint) const {
        Value* value = target.value;
        if (!target.exact || value->shape != JsonShape::object) return {value, false};
        const std::string name = Value::string(source_.string(key)).text;
        for (std::size_t tried = 0; tried < value->keys.size(); ++tried) {
            const std::size_t i = (hint + tried) % value->keys.size();
            if (value->keys[i] != name) continue;
            hint = i + 1;
            return {&value->children[i], true};
        }
        return {value, false};
    }

    const Source& source_;
    std::string_view text_;
    std::size_t at_ = 0;              ///< how far the text has been looked at
    Value* last_ = nullptr;           ///< the last value printed, when nothing stands behind it yet
    std::vector<std::string> lines_;  ///< comments on the way to their place
};

}  // namespace

std::vector<std::string> attach_comments(const Source& source, Value& root) {
    if (source.empty()) return {};
    return Walk(source).run(root);
}

}  // namespace yett
