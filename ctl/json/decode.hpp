// SPDX-License-Identifier: GPL-2.0-or-later
// Inside ctl/json: typed reading of nodes. Every function reports what is wrong and goes on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/quote.hpp"
#include "json/hints.hpp"
#include "json/source.hpp"

namespace yett {

/// What is being read, and where complaints go.
class Decoder {
  public:
    Decoder(const Source& source, const JsonLimits& limits, std::vector<Diagnostic>& diagnostics)
        : source_(source), limits_(limits), diagnostics_(diagnostics) {}

    [[nodiscard]] const Source& source() const { return source_; }
    [[nodiscard]] NodeKind kind(NodeId id) const { return source_[id].kind; }
    /// Enough is enough: reading on would only add to the list.
    [[nodiscard]] bool full() const { return diagnostics_.size() >= limits_.diagnostics; }

    void error(NodeId id, std::string_view code, std::string message, std::string hint = {});
    /// "... must be <expected>, this is <what it is>".
    void wrong_type(NodeId id, std::string_view expected, std::string hint = {});

    std::optional<std::string_view> string(NodeId id);
    std::optional<bool> boolean(NodeId id);
    /// An integer, written without fraction or exponent, from 0 to 2^32 - 1.
    std::optional<std::uint32_t> integer(NodeId id);

  private:
    const Source& source_;
    const JsonLimits& limits_;
    std::vector<Diagnostic>& diagnostics_;
};

/// A key that an object may have, and what reads its value.
template <typename T>
struct Member {
    std::string_view key;
    void (*read)(Decoder&, NodeId, T&);
    Chooser chooser = Chooser::receiver;  ///< who decides what a packet has there
};

/// Reads an object by a table of its keys (at most 32). `what` names the object in complaints: "a
/// rule". The result has bit i set when member i was there.
template <typename T, std::size_t N>
std::uint32_t read_object(Decoder& in, NodeId id, T& target, const Member<T> (&members)[N],
                          std::string_view what) {
    static_assert(N <= 32);
    std::uint32_t seen = 0;
    if (in.kind(id) != NodeKind::object) {
        in.wrong_type(id, "an object");
        return seen;
    }
    const Source& source = in.source();
    for (NodeId key = id + 1; key < source[id].next && !in.full(); key = source[key].next) {
        const std::string_view name = source.string(key);
        std::size_t i = 0;
        while (i < N && members[i].key != name)
            ++i;
        if (i < N) {
            seen |= 1u << i;
            members[i].read(in, key + 1, target);
            continue;
        }
        std::array<KnownKey, N> known;
        for (std::size_t k = 0; k < N; ++k)
            known[k] = {members[k].key, members[k].chooser};
        in.error(key, "unknown-key", std::string(what) + " has no key " + quote(name),
                 hint_for_key(name, known));
    }
    return seen;
}

/// Calls read(element) for each element of an array.
template <typename Read>
void read_array(Decoder& in, NodeId id, Read read) {
    if (in.kind(id) != NodeKind::array) return in.wrong_type(id, "an array");
    const Source& source = in.source();
    for (NodeId at = id + 1; at < source[id].next && !in.full(); at = source[at].next)
        read(at);
}

/// Calls read(value) for one value, or for each in an array that is not empty.
template <typename Read>
void read_one_or_more(Decoder& in, NodeId id, Read read) {
    if (in.kind(id) != NodeKind::array) return read(id);
    if (in.source()[id].next == id + 1) {
        return in.error(id, "empty-list", "an empty list matches nothing",
                        "name what it should match; without the key it would match anything");
    }
    read_array(in, id, read);
}

}  // namespace yett
