// SPDX-License-Identifier: GPL-2.0-or-later
// A real, unpinned data plane, and an applier over it that can be started anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "apply/applier.hpp"

namespace yett::testing {

class PlaneFixture : public ::testing::Test {
  protected:
    void SetUp() override {
        auto plane = DataPlane::open({""});
        ASSERT_TRUE(plane.ok()) << plane.error().message;
        plane_.emplace(std::move(*plane));
        restart();
    }

    /// A new record over the same maps, as after a restart of the daemon.
    void restart() {
        auto applier = Applier::open(*plane_);
        ASSERT_TRUE(applier.ok()) << applier.error().message;
        applier_.emplace(std::move(*applier));
    }

    std::optional<DataPlane> plane_;
    std::optional<Applier> applier_;
    std::uint64_t generation_ = 0;  ///< of the last ruleset that was tried
};

}  // namespace yett::testing
