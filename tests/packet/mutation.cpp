// SPDX-License-Identifier: GPL-2.0-or-later
// Damage to the frames of the corpus.
#include "packet/mutation.hpp"

#include <algorithm>
#include <set>

#include "packet/row.hpp"
#include "packet/templates.hpp"

namespace yett::corpus {
namespace {

constexpr std::size_t kShortest = 14;   // Linux runs none below
constexpr std::size_t kLongest = 2048;  // headers end long before
constexpr std::size_t kHeaders = 96;    // most damage goes here

}  // namespace

std::vector<Octets> different_frames() {
    std::set<Octets> frames;
    for (const Template& one : templates())
        frames.insert(one.frame);
    for (const Row& row : all_rows())
        frames.insert(row.frame);
    std::erase_if(frames, [](const Octets& frame) {
        return frame.size() < kShortest || frame.size() > kLongest;
    });
    return {frames.begin(), frames.end()};
}

Mutations::Mutations(std::uint64_t seed) : corpus_(different_frames()), random_(seed) {}

std::size_t Mutations::below(std::size_t bound) {
    return static_cast<std::size_t>(random_() % bound);
}

void Mutations::flip(Octets& frame) {
    const std::size_t reach = std::min(frame.size(), kHeaders);
    for (std::size_t count = 1 + below(3); count > 0; --count)
        frame[below(reach)] ^= static_cast<std::uint8_t>(1u << below(8));
}

void Mutations::damage(Octets& frame) {
    switch (below(6)) {
        case 0:
            frame = sized(frame, kShortest + below(frame.size() - kShortest + 1));
            break;
        case 1:
            frame = sized(frame, frame.size() + 1 + below(40));
            break;
        case 2:
            frame[below(std::min(frame.size(), kHeaders))] = static_cast<std::uint8_t>(random_());
            break;
        case 3: {
            const Octets& other = any();
            const std::size_t at = kShortest + below(std::min(frame.size(), kHeaders) - 13);
            frame = sized(frame, std::min(at, frame.size()));
            frame.insert(frame.end(), other.begin() + kShortest, other.end());
            break;
        }
        default:
            flip(frame);
    }
}

namespace {

/// The IP length of an untagged frame made to fit, so that damage shows in the headers behind.
void mend_length(Octets& frame) {
    const unsigned type = frame[12] << 8 | frame[13];
    const bool v4 = type == 0x0800 && frame.size() >= 34;
    if (!v4 && (type != 0x86dd || frame.size() < 54)) return;
    const std::size_t at = v4 ? 16 : 18, value = frame.size() - (v4 ? 14 : 54);
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

}  // namespace

Octets Mutations::next() {
    if (done_ < corpus_.size()) return corpus_[done_++];
    Octets frame = any();
    for (std::size_t count = 1 + below(2); count > 0; --count)
        damage(frame);
    frame = sized(frame, std::min(frame.size(), kLongest));
    if (below(2)) mend_length(frame);
    return frame;
}

}  // namespace yett::corpus
