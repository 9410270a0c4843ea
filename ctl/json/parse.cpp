// SPDX-License-Identifier: GPL-2.0-or-later
// Text -> tree, by the SAX parser of nlohmann/json, which knows the grammar but no positions.
#include <algorithm>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>

#include "json/source.hpp"
#include "json/syntax.hpp"

namespace yett {
namespace {

/// Tells how far the parser has read. Every copy writes to the one place.
class CountingIterator {
  public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountingIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        *reached_ = ++at_;
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
    bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

  private:
    const char* at_;
    const char** reached_;
};

}  // namespace

/// Receives the events of the parser. A method that returns false ends the parse.
class DocumentBuilder {
  public:
    DocumentBuilder(Source& source, const JsonLimits& limits, std::vector<Diagnostic>& diagnostics)
        : source_(source),
          limits_(limits),
          diagnostics_(diagnostics),
          reached_(source.text_.data()) {}

    bool run() {
        const char* begin = source_.text_.data();
        const char* end = begin + source_.text_.size();
        return nlohmann::json::sax_parse(CountingIterator(begin, &reached_),
                                         CountingIterator(end, &reached_), this,
                                         nlohmann::json::input_format_t::json, true, true);
    }

    bool null() { return add(NodeKind::null); }
    bool boolean(bool) { return add(NodeKind::boolean); }
    bool number_integer(std::int64_t) { return add(NodeKind::number); }
    bool number_unsigned(std::uint64_t) { return add(NodeKind::number); }
    bool number_float(double, const std::string&) { return add(NodeKind::number); }
    bool binary(std::vector<std::uint8_t>&) { return false; }  // JSON text has none
    bool string(std::string& decoded) { return add(NodeKind::string, &decoded); }
    bool key(std::string& decoded) { return add(NodeKind::key, &decoded); }
    bool start_object(std::size_t) { return open(NodeKind::object); }
    bool start_array(std::size_t) { return open(NodeKind::array); }
    bool end_array() { return close(); }
    bool end_object() { return refuse_duplicates(open_.back()) && close(); }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& fault) {
        const std::size_t end = reached_ - source_.text_.data();
        SyntaxFault place{source_.text_, last_end_, end, {}};
        for (const NodeId id : open_)
            place.open.push_back(source_.nodes_[id].begin);
        Diagnostic diagnostic = explain_syntax(
            place, fault.what(), [this](auto from, auto to) { return source_.location(from, to); });
        diagnostics_.push_back(std::move(diagnostic));
        return false;
    }

  private:
    bool add(NodeKind kind, const std::string* decoded = nullptr) {
        std::vector<JsonNode>& nodes = source_.nodes_;
        const std::string_view text = source_.text_;
        JsonNode node;
        node.begin = static_cast<std::uint32_t>(skip_gap(text, last_end_, text.size()));
        node.end = static_cast<std::uint32_t>(reached_ - text.data());
        if (kind == NodeKind::number) node.end = number_end();
        node.kind = kind;
        node.next = static_cast<NodeId>(nodes.size() + 1);
        node.escaped = decoded && decoded->size() + 2 != node.end - node.begin;
        if (nodes.size() == limits_.values) return refuse("json-values", "too many values", node);
        if (node.escaped) source_.decoded_.emplace(node.next - 1, *decoded);
        last_end_ = node.end;
        nodes.push_back(node);
        if (kind != NodeKind::key) complete_key();
        return true;
    }

    /// The parser reads one octet behind a number to see its end, unless the text ends there.
    std::uint32_t number_end() const {
        const auto read = static_cast<std::uint32_t>(reached_ - source_.text_.data());
        const char last = source_.text_[read - 1];
        const bool whole = read == source_.text_.size() && last >= '0' && last <= '9';
        return whole ? read : read - 1;
    }

    /// A value has just begun: when it belongs to a key, the key ends where the value does.
    void complete_key() {
        std::vector<JsonNode>& nodes = source_.nodes_;
        const NodeId value = static_cast<NodeId>(nodes.size() - 1);
        if (value > 0 && nodes[value - 1].kind == NodeKind::key) {
            nodes[value - 1].next = nodes[value].next;
        }
    }

    bool open(NodeKind kind) {
        if (!add(kind)) return false;
        if (open_.size() == limits_.depth) {
            const std::string words = "more than " + std::to_string(limits_.depth) + " levels deep";
            return refuse("json-depth", words, source_.nodes_.back());
        }
        open_.push_back(static_cast<NodeId>(source_.nodes_.size() - 1));
        return true;
    }

    bool close() {
        const NodeId id = open_.back();
        open_.pop_back();
        JsonNode& node = source_.nodes_[id];
        last_end_ = reached_ - source_.text_.data();
        node.end = static_cast<std::uint32_t>(last_end_);
        node.next = static_cast<NodeId>(source_.nodes_.size());
        if (id > 0 && source_.nodes_[id - 1].kind == NodeKind::key) {
            source_.nodes_[id - 1].next = node.next;
        }
        return true;
    }

    /// False when there are so many that reading on is of no use.
    bool refuse_duplicates(NodeId object) {
        keys_.clear();
        for (NodeId id = object + 1; id < source_.nodes_.size(); id = source_.nodes_[id].next) {
            keys_.push_back(id);
        }
        const auto less = [this](NodeId a, NodeId b) {
            const auto order = source_.string(a) <=> source_.string(b);
            return order == 0 ? a < b : order < 0;
        };
        std::sort(keys_.begin(), keys_.end(), less);
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            if (source_.string(keys_[i - 1]) != source_.string(keys_[i])) continue;
            if (!report_duplicate(keys_[i - 1], keys_[i])) return false;
        }
        return true;
    }

    bool report_duplicate(NodeId first, NodeId second) {
        Diagnostic diagnostic;
        diagnostic.code = "duplicate-key";
        diagnostic.message = "key " + std::string(source_.raw(second)) + " stands twice";
        const std::uint32_t line = source_.location(first).line;
        diagnostic.hint = "it is already on line " + std::to_string(line) + "; keep one of them";
        diagnostic.location = source_.location(second);
        diagnostics_.push_back(std::move(diagnostic));
        return diagnostics_.size() < limits_.diagnostics;
    }

    bool refuse(std::string code, std::string message, const JsonNode& node) {
        const Location location = source_.location(node.begin, node.begin + 1);
        diagnostics_.push_back(
            {Severity::error, std::move(code), std::move(message), {}, {}, location});
        return false;
    }

    Source& source_;
    const JsonLimits& limits_;
    std::vector<Diagnostic>& diagnostics_;
    const char* reached_;       ///< behind the last octet that the parser took
    std::size_t last_end_ = 0;  ///< behind the last token
    std::vector<NodeId> open_;  ///< containers, outermost first
    std::vector<NodeId> keys_;
};

Source Source::parse(std::string text, const JsonLimits& limits,
                     std::vector<Diagnostic>& diagnostics) {
    Source source;
    source.text_ = std::move(text);
    if (auto fault = refuse_encoding(source.text_, limits.octets)) {
        if (fault->diagnostic.code != "json-size") {
            const std::size_t at = fault->offset;
            fault->diagnostic.location = source.location(at, at + 1);
        }
        diagnostics.push_back(std::move(fault->diagnostic));
        return source;
    }
    // A rule of one line has about one value for each eight octets.
    source.nodes_.reserve(std::min(source.text_.size() / 8 + 1, limits.values));
    DocumentBuilder(source, limits, diagnostics).run();
    return source;
}

}  // namespace yett
