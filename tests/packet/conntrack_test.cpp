// SPDX-License-Identifier: GPL-2.0-or-later
// Random TCP through the programs and through the kernel's connection tracking: where they differ
// is written in conntrack.md, and whoever connects through the programs gets through.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "model/names.hpp"
#include "observe/connections.hpp"
#include "packet/shared_plane.hpp"
#include "packet/tcp_world.hpp"
#include "packet/twin.hpp"
#include "state/machine.h"

namespace yett::corpus {
namespace {

constexpr const char* kStates = R"({"version": 1, "name": "states", "interfaces": ["eth0"],
 "policy": {"ingress": "drop", "egress": "drop"}, "rules": [
  {"name": "new", "match": {"state": "new"}, "action": "pass"},
  {"name": "established", "match": {"state": "established"}, "action": "pass"},
  {"name": "invalid", "match": {"state": "invalid"}, "action": "drop"}]})";

constexpr int kSteps = 200;

bool is_long() {
    const char* mode = std::getenv("YETT_MODE");
    return mode && std::string(mode) == "long";
}

std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* said = std::getenv("YETT_SEED");
        const std::uint64_t seed = said ? std::strtoull(said, nullptr, 10) : std::random_device{}();
        fmt::print("[   NOTE   ] YETT_SEED={}\n", seed);
        return seed;
    }();
    return value;
}

/// Its cells in conntrack.md: phase that yett knows, who sends, what, yett, conntrack.
using Class = std::vector<std::string>;

std::string kind_of(const Segment& segment) {
    const bool ack = segment.has(YETT_TCP_ACK);
    if (segment.has(YETT_TCP_SYN)) return ack ? "syn+ack" : "syn";
    if (segment.has(YETT_TCP_RST)) return "rst";
    return "ack";
}

/// The rows of its first table whose cells match, `any` and lists with commas among them.
class Listed {
  public:
    Listed() {
        std::ifstream file(YETT_SOURCE_DIR "/tests/packet/conntrack.md");
        for (std::string line; std::getline(file, line);) {
            std::vector<std::string> cells;
            std::istringstream text(line);
            for (std::string cell; std::getline(text, cell, '|');)
                cells.push_back(trimmed(cell));
            if (cells.size() == 7 && cells[1] != "known" && cells[1].find("--") != 0)
                rows_.push_back({cells.begin() + 1, cells.begin() + 6});
        }
    }
    /// False: no row says why.
    bool take(const Class& one) {
        bool found = false;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            bool fits = true;
            for (std::size_t cell = 0; cell < one.size(); ++cell)
                fits = fits && holds(rows_[i][cell], one[cell]);
            if (fits) met_.insert(i);
            found = found || fits;
        }
        return found;
    }
    [[nodiscard]] std::string never_met() const {
        std::string words;
        for (std::size_t i = 0; i < rows_.size(); ++i)
            if (!met_.contains(i)) words += fmt::format("{}\n", fmt::join(rows_[i], " | "));
        return words;
    }
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

  private:
    static std::string trimmed(const std::string& text) {
        const auto from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
        return from == std::string::npos ? "" : text.substr(from, to - from + 1);
    }
    static bool holds(const std::string& cell, const std::string& word) {
        std::istringstream text(cell);
        for (std::string one; std::getline(text, one, ',');)
            if (trimmed(one) == word || trimmed(one) == "any") return true;
        return false;
    }

    std::vector<Class> rows_;
    std::set<std::size_t> met_;
};

/// One connection's worth of packets through both.
class Conntrack : public SharedPlane {
  protected:
    static void SetUpTestSuite() {
        SharedPlane::SetUpTestSuite();
        static Result<std::unique_ptr<Twin>> opened = Twin::open();
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        twin_ = opened->get();
    }
    void SetUp() override {
        const auto loaded = plane().load(kStates);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    }

    static Octets packet(const Segment& segment, bool from_inside, std::uint16_t port) {
        return ipv4(
            {.src = from_inside ? kHost4 : kSource4, .dst = from_inside ? kSource4 : kHost4},
            tcp({.sport = from_inside ? port : std::uint16_t{443},
                 .dport = from_inside ? std::uint16_t{443} : port,
                 .flags = segment.flags,
                 .payload = zeros(segment.len),
                 .seq = segment.seq,
                 .ack = segment.ack}));
    }

    /// Judged at one gate, or at both of a router, where it must be the same.
    static std::string judged(const Octets& inside, bool from_inside, bool router) {
        const Octets frame = ethernet({.type = 0x0800}, inside);
        std::string first;
        for (int view = router ? 0 : 1; view < 2; ++view) {
            const bool enters = router ? view == 0 : !from_inside;
            const Hook hook = enters ? Hook::xdp_ingress : Hook::tc_egress;
            const char* iface = enters == from_inside ? "eth1" : "eth0";
            const auto said = plane().trace(frame, direction_of(hook), iface);
            const auto done = plane().run(frame, hook, iface);
            EXPECT_TRUE(said.ok() && done.ok());
            const std::string state = said.ok() ? said->rule : "error";
            if (!first.empty()) EXPECT_EQ(state, first) << "at the second gate";
            first = state;
            if (state == "invalid") break;
        }
        return first;
    }

    /// What yett knows before the packet.
    static Class class_of(const Segment& segment, const Octets& inside) {
        const auto known = read_connections(plane().data_plane(), {});
        EXPECT_TRUE(known.ok());
        if (!known.ok() || known->connections.empty()) return {"none", "-", kind_of(segment)};
        const Connection& one = known->connections.front();
        const auto port = static_cast<std::uint16_t>(inside[20] << 8 | inside[21]);
        return {std::string(kPhaseNames[one.phase]), one.source_port == port ? "beginner" : "other",
                kind_of(segment)};
    }

    static Twin& twin() { return *twin_; }

  private:
    static inline Twin* twin_ = nullptr;
};

TEST_F(Conntrack, differs_only_as_listed_and_every_connection_comes_through) {
    const int conversations = is_long() ? 20'000 : 300;
    Listed listed;
    ASSERT_GT(listed.rows(), 5u);
    std::set<std::string> unlisted;
    for (int i = 0; i < conversations; ++i) {
        ASSERT_TRUE(plane().forget_connections().ok());
        const auto port = static_cast<std::uint16_t>(1024 + i);
        World* here = nullptr;
        World world(seed() + i, i % 2 == 1, [&](const Segment& segment, bool from_inside) {
            const Octets inside = packet(segment, from_inside, port);
            Class now = class_of(segment, inside);
            const std::string yett = judged(inside, from_inside, i % 4 > 1);
            const auto kernel = twin().say(inside, from_inside);
            EXPECT_TRUE(kernel.ok()) << kernel.error().message;
            now.push_back(yett);
            now.push_back(kernel.ok() ? *kernel : "error");
            if (yett != now.back() && !listed.take(now) &&
                unlisted.insert(fmt::format("{}", fmt::join(now, " | "))).second)
                ADD_FAILURE() << "not in conntrack.md: " << fmt::format("{}", fmt::join(now, " | "))
                              << "\nseed " << seed() + i << "\n"
                              << here->history() << words_of(segment);
            return yett;
        });
        here = &world;
        for (int step = 0; step < kSteps; ++step)
            world.step();
        const int seconds = world.connect();
        ASSERT_TRUE(seconds >= 0 && seconds < 4)
            << "connected after " << seconds << " s, seed " << seed() + i << "\n"
            << world.history();
        ASSERT_FALSE(HasFailure() && unlisted.size() > 40);
    }
    if (is_long()) EXPECT_EQ(listed.never_met(), "") << "rows of conntrack.md that nothing meets";
}

/// The machine alone: many more, some of which it forgets or has never known.
TEST(Machine, lets_every_connection_come_through) {
    static constexpr const char* kNames[] = {"new", "established", "related", "invalid"};
    const int conversations = is_long() ? 1'000'000 : 10'000;
    for (int i = 0; i < conversations; ++i) {
        connection known{};
        const bool router = i % 4 > 1;
        const auto view = [&](const Segment& segment, bool from_inside, bool leaves, bool own) {
            connection_event event{};
            event.seq = segment.seq;
            event.ack = segment.ack;
            event.end = segment.end();
            event.tcp_flags = static_cast<__u8>(segment.flags);
            event.from = from_inside ? 0 : 1;
            event.leaves = leaves;
            event.own = own;
            const connection_step step = tcp_step(&known, &event);
            if (step.learn != CONNECTION_STAYS) known = step.after;
            return step.state;
        };
        World world(seed() + i, i % 2 == 1, [&](const Segment& segment, bool from_inside) {
            auto state = view(segment, from_inside, from_inside && !router, from_inside && !router);
            if (router && state != YETT_STATE_INVALID) {
                const auto second = view(segment, from_inside, true, false);
                EXPECT_EQ(second, state) << "at the second gate: " << words_of(segment);
            }
            return std::string(kNames[state]);
        });
        for (int step = 0; step < kSteps; ++step) {
            world.step();
            if (i % 8 > 4 && step % 50 == 49) known = {};
        }
        const int seconds = world.connect();
        ASSERT_TRUE(seconds >= 0 && seconds < 4 && !testing::Test::HasFailure())
            << "connected after " << seconds << " s, seed " << seed() + i << "\n"
            << world.history();
    }
}

}  // namespace
}  // namespace yett::corpus
