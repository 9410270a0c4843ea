// SPDX-License-Identifier: GPL-2.0-or-later
// The two copies of the compiled tables.
#include "apply/banks.hpp"

#include <array>
#include <cstring>

#include "abi/limits.h"

namespace yett {
namespace {

static_assert(sizeof(yett_action) % 8 == 0 && sizeof(yett_limit) % 8 == 0,
              "elements of a mapped array stand without gaps");

constexpr std::uint32_t kEngineWords = YETT_ENGINE_PAGES * (YETT_PAGE_OCTETS / 8);

template <typename Element>
std::byte* place(const MappedArray& array, std::uint32_t bank, std::uint32_t of_bank) {
    return array.data() + std::size_t{bank} * of_bank * sizeof(Element);
}

template <typename Element>
void copy_in(std::byte* to, const std::vector<Element>& from) {
    if (!from.empty()) std::memcpy(to, from.data(), from.size() * sizeof(Element));
}

template <typename Element>
bool same(const std::byte* there, const std::vector<Element>& wanted) {
    return wanted.empty() ||
           std::memcmp(there, wanted.data(), wanted.size() * sizeof(Element)) == 0;
}

yett_ruleset header_of(const Tables& tables, std::uint64_t generation) {
    yett_ruleset header = tables.ruleset;
    header.generation = generation;
    return header;
}

}  // namespace

EngineDigest digest_of(const yett_ruleset& header, std::span<const std::uint64_t> image) {
    static_assert(sizeof header.trees % sizeof(std::uint64_t) == 0);
    std::array<std::uint64_t, sizeof header.trees / sizeof(std::uint64_t)> trees;
    std::memcpy(trees.data(), header.trees, sizeof header.trees);
    EngineDigest digest{image.size(), 0};
    for (const std::span<const std::uint64_t> words :
         {std::span<const std::uint64_t>(trees), image})
        for (const std::uint64_t word : words) {
            digest.hash = (digest.hash ^ word) * 0x9e3779b97f4a7c15ull;
            digest.hash ^= digest.hash >> 32;
        }
    return digest;
}

Result<Banks> Banks::open(const DataPlane& plane) {
    auto engine = MappedArray::open(plane.map(MapId::yett_engine));
    if (!engine) return engine.error();
    auto actions = MappedArray::open(plane.map(MapId::yett_actions));
    if (!actions) return actions.error();
    auto limits = MappedArray::open(plane.map(MapId::yett_limits));
    if (!limits) return limits.error();
    return Banks(std::move(*engine), std::move(*actions), std::move(*limits));
}

Result<void> Banks::write(const DataPlane& plane, std::uint32_t bank, const Tables& tables,
                          std::uint64_t generation) {
    if (tables.engine.size() > kEngineWords || tables.actions.size() > YETT_MAX_RULES ||
        tables.limits.size() > YETT_MAX_LIMITS) {
        return Error{ErrorKind::invalid, "the ruleset is larger than the tables",
                     "use fewer rules"};
    }
    copy_in(place<std::uint64_t>(engine_, bank, kEngineWords), tables.engine);
    copy_in(place<yett_action>(actions_, bank, YETT_MAX_RULES), tables.actions);
    copy_in(place<yett_limit>(limits_, bank, YETT_MAX_LIMITS), tables.limits);
    const auto header = header_of(tables, generation);
    if (auto done = plane.map(MapId::yett_rulesets).update(&bank, &header); !done) return done;
    auto back = holds(plane, bank, tables, generation);
    if (!back) return back.error();
    if (!*back) {
        return Error{ErrorKind::kernel, "the tables read back other than they were written",
                     "is a second daemon at work?"};
    }
    return {};
}

Result<bool> Banks::holds(const DataPlane& plane, std::uint32_t bank, const Tables& tables,
                          std::uint64_t generation, const EngineDigest& other) const {
    auto header = header_of(tables, generation);
    yett_ruleset there{};
    auto found = plane.map(MapId::yett_rulesets).lookup(&bank, &there);
    if (!found) return found.error();
    const std::byte* image = place<std::uint64_t>(engine_, bank, kEngineWords);
    const bool same_image = std::memcmp(there.trees, header.trees, sizeof header.trees) == 0 &&
                            same(image, tables.engine);
    if (!same_image) {
        if (other.words == 0 || other.words > kEngineWords) return false;
        const auto* words = reinterpret_cast<const std::uint64_t*>(image);
        if (digest_of(there, {words, other.words}) != other) return false;
        std::memcpy(header.trees, there.trees, sizeof header.trees);
    }
    return *found && std::memcmp(&there, &header, sizeof(header)) == 0 &&
           same(place<yett_action>(actions_, bank, YETT_MAX_RULES), tables.actions) &&
           same(place<yett_limit>(limits_, bank, YETT_MAX_LIMITS), tables.limits);
}

}  // namespace yett
