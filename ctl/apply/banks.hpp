// SPDX-License-Identifier: GPL-2.0-or-later
// The two copies of the compiled tables: one is judged by, the other is written.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "bpf/data_plane.hpp"
#include "compile/compile.hpp"

namespace yett {

/// The generation word (yett_control) and its parts.
[[nodiscard]] constexpr std::uint64_t to_word(std::uint64_t generation, std::uint32_t bank) {
    return generation * YETT_BANKS + bank;
}
[[nodiscard]] constexpr std::uint64_t generation_of(std::uint64_t word) {
    return word / YETT_BANKS;
}
[[nodiscard]] constexpr std::uint32_t bank_of(std::uint64_t word) {
    return static_cast<std::uint32_t>(word % YETT_BANKS);
}

/// Says of an image and its roots whether they are the ones that were written, without keeping
/// them: an image that was patched cannot be made again.
struct EngineDigest {
    std::uint64_t words = 0;  ///< of the image; 0: nothing is known
    std::uint64_t hash = 0;
    bool operator==(const EngineDigest&) const = default;
};
EngineDigest digest_of(const yett_ruleset& header, std::span<const std::uint64_t> image);

/// Holds the memory of the mapped tables. The destructor unmaps it; what was written stays.
class Banks {
  public:
    static Result<Banks> open(const DataPlane& plane);

    /// Writes a whole bank, which no packet may be judged by, and reads it back.
    Result<void> write(const DataPlane& plane, std::uint32_t bank, const Tables& tables,
                       std::uint64_t generation);
    /// Whether the bank holds exactly this, or another image with that digest.
    Result<bool> holds(const DataPlane& plane, std::uint32_t bank, const Tables& tables,
                       std::uint64_t generation, const EngineDigest& other = {}) const;

  private:
    Banks(MappedArray engine, MappedArray actions, MappedArray limits)
        : engine_(std::move(engine)), actions_(std::move(actions)), limits_(std::move(limits)) {}

    MappedArray engine_;
    MappedArray actions_;
    MappedArray limits_;
};

}  // namespace yett
