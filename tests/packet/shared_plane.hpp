// SPDX-License-Identifier: GPL-2.0-or-later
// One loaded data plane for all tests of the program: loading costs more than a thousand rows.
#pragma once

#include <gtest/gtest.h>

#include "packet/plane.hpp"

namespace yett::corpus {

class SharedPlane : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        static Result<std::unique_ptr<Plane>> opened = Plane::open();
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        plane_ = opened->get();
    }
    static Plane& plane() { return *plane_; }

  private:
    static inline Plane* plane_ = nullptr;
};

}  // namespace yett::corpus
