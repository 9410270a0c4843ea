// SPDX-License-Identifier: GPL-2.0-or-later
// Tables in the native engine, and lookups there against a scan over all boxes by the law.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "differential/engine_cases.hpp"
#include "differential/generator.hpp"
#include "differential/native_engine.h"

namespace yett::testing {

inline std::string words(const yett_packet& p) {
    return "src " + std::to_string(p.src.hi) + ":" + std::to_string(p.src.lo) + " dst " +
           std::to_string(p.dst.hi) + ":" + std::to_string(p.dst.lo) + " proto " +
           std::to_string(p.proto) + " ports " + std::to_string(p.sport) + ", " +
           std::to_string(p.dport) + " known " + std::to_string(p.known) + " unknown " +
           std::to_string(p.unknown) + " direction " + std::to_string(p.direction);
}

class EngineDifferential : public ::testing::Test {
  protected:
    void SetUp() override {
        seed_ = seed_of_run();
        std::cout << "seed: YETT_SEED=" << seed_ << "\n";
    }

    void load(const Tables& tables) {
        native_engine_load(&tables.ruleset, reinterpret_cast<const __u64*>(tables.engine.data()),
                           tables.engine.size(), tables.actions.data(),
                           static_cast<__u32>(tables.actions.size()));
        actions_ = tables.actions;
        counted_.assign(tables.actions.size(), 0);
        dearest_ = 0;
    }

    /// Whether what the engine says of a rule that only drops is the rule's counter.
    static bool counter_is_right(const Tables& tables, const yett_packet& packet) {
        if (packet.drop_counter == YETT_NO_COUNTER) return true;
        const yett_action& action = tables.actions.at(packet.rule);
        return action.kind == YETT_ACTION_DROP && action.counter == packet.drop_counter;
    }

    /// Empty: the engine and the scan agree.
    std::string difference(const EngineCase& shape, const Tables& tables, yett_packet packet) {
        const BoxRun& run = tables.lists[packet.direction][shape.family];
        const __u32 expected = native_linear(tables.boxes.data() + run.first, run.count,
                                             tables.actions.data(), &packet, counted_.data());
        const bool asked = native_engine_classify(&packet);
        dearest_ = std::max(dearest_, packet.compared);
        recalled_ += packet.compared == 0 && packet.rule != YETT_NO_RULE;
        if (asked && packet.rule == expected && counter_is_right(tables, packet)) return {};
        return words(packet) + "\n  scan: " + std::to_string(expected) +
               ", engine: " + std::to_string(packet.rule) + ", counter " +
               std::to_string(packet.drop_counter);
    }

    /// Lookups on which the engine and the scan differ. Every fourth packet comes four times: from
    /// the third on, its flow is remembered. Meanwhile its addresses may go in and out of sets.
    int differences(EngineCases& cases, const EngineCase& shape, const Tables& tables, int lookups,
                    std::string& report) {
        int wrong = 0;
        for (int i = 0; i < lookups; i += 4) {
            yett_packet packet{};
            for (int j = 0; j < 4; ++j) {
                if (j == 0 || i % 16 != 0) packet = cases.packet(shape, tables);
                if (j % 2 != 0) cases.put_into_sets(packet);
                const std::string seen = difference(shape, tables, packet);
                if (!seen.empty() && wrong++ == 0) report = seen;
            }
        }
        return wrong;
    }

    /// Rules whose counts differ after all lookups.
    int wrong_counts() const {
        int wrong = 0;
        for (std::uint32_t rule = 0; rule < counted_.size(); ++rule)
            wrong += native_engine_counted(actions_[rule].counter) != counted_[rule];
        return wrong;
    }

    void hold(EngineCases& cases, const EngineCase& shape, int lookups) {
        Tables tables = cases.tables(shape);
        ASSERT_TRUE(build_engine(tables).ok());
        load(tables);
        std::string report;
        ASSERT_EQ(differences(cases, shape, tables, lookups, report), 0)
            << "seed " << seed_ << ": " << shape.words() << "\n"
            << report;
        ASSERT_EQ(wrong_counts(), 0) << "seed " << seed_ << ": " << shape.words();
        unsigned most = 0;
        for (const EngineClass& one : tables.report.classes)
            most = std::max(most, one.worst().records);
        ASSERT_LE(dearest_, most) << "seed " << seed_ << ": " << shape.words();
    }

    std::uint64_t seed_ = 0;
    std::vector<yett_action> actions_;
    std::vector<__u64> counted_;
    __u32 dearest_ = 0;           ///< records compared for one packet, at most
    std::uint64_t recalled_ = 0;  ///< packets whose rule was found without comparing any
};

}  // namespace yett::testing
