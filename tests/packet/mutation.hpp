// SPDX-License-Identifier: GPL-2.0-or-later
// Frames of the corpus, damaged: bits flipped, cut, lengthened, one header put before another's
// rest.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "packet/frames.hpp"

namespace yett::corpus {

/// Each frame of templates() and all_rows() once.
std::vector<Octets> different_frames();

/// An endless row of frames: first the corpus as it is, then damaged. The same seed gives the same
/// row.
class Mutations {
  public:
    explicit Mutations(std::uint64_t seed);
    Octets next();
    [[nodiscard]] std::size_t undamaged() const { return corpus_.size(); }

  private:
    std::size_t below(std::size_t bound);
    const Octets& any() { return corpus_[below(corpus_.size())]; }
    void damage(Octets& frame);
    void flip(Octets& frame);

    std::vector<Octets> corpus_;
    std::size_t done_ = 0;
    std::mt19937_64 random_;
};

}  // namespace yett::corpus
