// SPDX-License-Identifier: GPL-2.0-or-later
// A JSON text and the places of its values: a flat tree of offsets, not of copies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.hpp"

namespace yett {

enum class NodeKind : std::uint8_t { object, array, key, string, number, boolean, null };

using NodeId = std::uint32_t;

/// One value (or key) of the text, which covers the octets [begin, end). Nodes stand in the order
/// of the text: the first child of a container is the node after it, the next sibling of any node
/// is at `next`. In an object each key is followed by its value, and a key's `next` is behind that
/// value.
struct JsonNode {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    NodeId next = 0;
    NodeKind kind = NodeKind::null;
    bool escaped = false;  ///< a string whose text has escapes: the decoded one is kept beside
};
static_assert(sizeof(JsonNode) == 16, "a large file has millions of nodes");

/// Bounds that hold before and while a text is read, against hostile input.
struct JsonLimits {
    std::size_t octets = 64u << 20;  ///< of the text, at most 4 GiB
    std::size_t depth = 32;          ///< of nested objects and arrays
    std::size_t values = 8'000'000;  ///< nodes
    std::size_t diagnostics = 20;    ///< errors reported at once
};

/// Owns the text. Whoever has a Diagnostic with a JSON pointer can ask here where that is.
class Source {
  public:
    Source() = default;

    /// Reads JSON with // and /* */ comments. What is wrong goes to `diagnostics`, with its
    /// location; without errors the tree is complete, else it holds what came before the first
    /// syntax error. UTF-8 only, no byte order mark, no NUL; duplicate keys are errors. Throws
    /// nothing but std::bad_alloc.
    static Source parse(std::string text, const JsonLimits& limits,
                        std::vector<Diagnostic>& diagnostics);

    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] bool empty() const { return nodes_.empty(); }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] const JsonNode& operator[](NodeId id) const { return nodes_[id]; }
    /// The text of a node as written (a string with its quotes).
    [[nodiscard]] std::string_view raw(NodeId id) const;
    /// A key or a string, decoded. Valid as long as the Source is neither changed nor moved.
    [[nodiscard]] std::string_view string(NodeId id) const;

    /// Line `number` (from 1) without its line end; empty when there is none.
    [[nodiscard]] std::string_view line(std::uint32_t number) const;
    /// The length is cut at the end of the line.
    [[nodiscard]] Location location(std::size_t begin, std::size_t end) const;
    [[nodiscard]] Location location(NodeId id) const;
    /// RFC 6901, "" for the root.
    [[nodiscard]] std::string pointer(NodeId id) const;
    /// The node that a pointer leads to, or the deepest one on its way that is there. A "0" that
    /// stands for the one value of a key that could be a list is skipped. `key`: the member's name
    /// rather than its value.
    [[nodiscard]] std::optional<NodeId> find(std::string_view pointer, bool key = false) const;
    /// Fills in the location of each diagnostic that has none.
    void locate(std::vector<Diagnostic>& diagnostics) const;

  private:
    friend class DocumentBuilder;

    std::string text_;
    std::vector<JsonNode> nodes_;
    std::unordered_map<NodeId, std::string> decoded_;
};

}  // namespace yett
