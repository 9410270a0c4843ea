// SPDX-License-Identifier: GPL-2.0-or-later
// A cut frame never passes where the whole one would not, and no frame moves what it should not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "packet/row.hpp"
#include "packet/shared_plane.hpp"
#include "packet/templates.hpp"

namespace yett::corpus {
namespace {

constexpr std::size_t kEthernet = 14;

/// Everything that can be excepted is: the rules see all that the parsers can let through.
constexpr const char* kExcepted = R"("exceptions": {"vlan_depth": "pass", "frag_later": "pass",
 "ext_too_long": "pass", "llc": "pass", "routing_header": "pass", "martian": "pass",
 "mapped_address": "pass", "tcp_flags": "pass", "zero_port": "pass", "echo_multicast": "pass",
 "tunnel": "pass", "own_address": "pass", "arp_sender": "drop"})";

/// The cut frame with an IP length that fits it, so that the cut shows in the headers behind.
Octets mended(Octets frame) {
    const unsigned type = frame[12] << 8 | frame[13];
    const std::size_t size = frame.size() - kEthernet;
    std::size_t at = 0, value = 0;
    if (type == 0x0800 && size >= 20) {
        at = kEthernet + 2;
        value = size;
    }
    if (type == 0x86dd && size >= 40) {
        at = kEthernet + 4;
        value = size - 40;
    }
    if (at == 0) return frame;
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
    return frame;
}

class Truncation : public SharedPlane {
  protected:
    bool passes(const Octets& frame, Direction direction) {
        const auto judged = plane().trace(frame, direction, "eth0");
        EXPECT_TRUE(judged.ok()) << judged.error().message;
        ++verdicts_;
        return judged.ok() && judged->verdict == Verdict::pass;
    }

    void cut(const Octets& whole, Direction direction) {
        const bool allowed = passes(whole, direction);
        for (std::size_t size = kEthernet; size < whole.size(); ++size) {
            const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
            for (const Octets& frame : {part, mended(part)}) {
                if (direction == Direction::egress && hooks_that_run(frame).size() == 1) continue;
                if (passes(frame, direction) && !allowed)
                    ADD_FAILURE() << "passes when cut after " << size << " octets";
            }
        }
    }

    std::size_t verdicts_ = 0;
};

TEST_F(Truncation, never_passes_what_the_whole_frame_would_not) {
    ASSERT_GE(templates().size(), 40u);
    for (const Verdict policy : {Verdict::drop, Verdict::pass})
        for (const char* more : {"", kExcepted}) {
            const auto loaded = plane().load(corpus_ruleset(policy, more));
            ASSERT_TRUE(loaded.ok()) << loaded.error().message;
            for (const Template& one : templates())
                for (const Direction direction : {Direction::ingress, Direction::egress}) {
                    SCOPED_TRACE(fmt::format("{}, policy {}, {}{}", one.name,
                                             static_cast<int>(policy), static_cast<int>(direction),
                                             more));
                    cut(one.frame, direction);
                }
        }
    std::printf("%zu verdicts\n", verdicts_);
}

}  // namespace
}  // namespace yett::corpus
