// SPDX-License-Identifier: GPL-2.0-or-later
// Boxes -> the image of the matching engine, and what a packet costs there at most.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "abi/engine.h"
#include "abi/ruleset.h"

namespace yett {

/// What the image of one bank may take.
inline constexpr std::size_t kEngineOctets = std::size_t{YETT_ENGINE_PAGES} * YETT_PAGE_OCTETS;

/// The last page of whole boxes in an image, and how many it has.
struct BoxPage {
    std::size_t page = 0;  ///< octets from the image's start; 0: there is none
    std::size_t count = 0;
};

/// A way from a root to a leaf: the bits of a packet that lead there, and what it costs.
struct EnginePath {
    unsigned steps = 0;                                  ///< slots read on the way
    unsigned records = 0;                                ///< compared at the leaf, at most
    unsigned boxes = 0;                                  ///< of them asked as a whole, at most
    std::array<std::uint64_t, YETT_CUT_FIELDS> mask{};   ///< by enum yett_cut_field
    std::array<std::uint64_t, YETT_CUT_FIELDS> value{};  ///< inside the mask

    [[nodiscard]] double nanoseconds() const;
    /// Numbers that go down this path, by enum yett_cut_field; the bits that are free are
    /// `filler`'s.
    [[nodiscard]] std::array<std::uint64_t, YETT_CUT_FIELDS> numbers(std::uint64_t filler) const;
};

/// One class of packets of one direction and family.
struct EngineClass {
    int direction = 0;  ///< ingress also where both directions share their trees
    int family = 0;
    int packets = 0;           ///< enum yett_packet_class
    std::size_t boxes = 0;     ///< that can match there
    std::size_t counting = 0;  ///< of rules that only count
    /// For each tree, the counting one last: the dearest paths, dearest first.
    std::vector<std::vector<EnginePath>> trees;
    std::vector<EnginePath> most;  ///< for each tree, the greatest of each figure
    EnginePath in_sets;            ///< what a packet pays besides whose addresses are in all sets

    /// The greatest figures of all trees together: no packet costs more.
    [[nodiscard]] EnginePath worst() const;
    /// The same of packets whose addresses are in no set.
    [[nodiscard]] EnginePath worst_in_no_set() const;
    /// Paths that one packet can take in several trees at once, put together from the dearest: what
    /// drives packets to the bound, or near it.
    [[nodiscard]] std::vector<EnginePath> joined() const;
};

struct EngineReport {
    std::vector<EngineClass> classes;  ///< each image once: what is shared is not repeated
    std::size_t octets = 0;            ///< of the image
    std::size_t boxes = 0;
    BoxPage box_page;
    std::size_t built_octets =
        0;                       ///< when it was last built as a whole: what came later is patches
    unsigned built_records = 0;  ///< in its longest leaf then
    std::string fallback;        ///< why the engine is a slower one, in words; empty: it is not

    /// The dearest class.
    [[nodiscard]] EnginePath worst() const;
};

}  // namespace yett
