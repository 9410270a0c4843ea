// SPDX-License-Identifier: GPL-2.0-or-later
// For how long a hook was open: from when it was last seen filtered.
#include "daemon/coverage.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

using std::chrono::milliseconds;

const Hook kIn{"eth0", Direction::ingress};
const Hook kOut{"eth0", Direction::egress};

struct Look {
    int at;  ///< ms
    std::set<Hook> filtered, open;
};

Coverage seen(const std::vector<Look>& looks) {
    Coverage coverage;
    for (const Look& look : looks)
        coverage.look(look.filtered, look.open, Coverage::Time(milliseconds(look.at)));
    return coverage;
}

struct Row {
    const char* what;
    std::vector<Look> looks;
    std::uint64_t times;
    int open;
};

const std::vector<Row> kRows = {
    {"never looked at", {}, 0, 0},
    {"always filtered", {{0, {kIn}, {}}, {500, {kIn}, {}}}, 0, 0},
    {"open since it was last filtered", {{0, {kIn}, {}}, {500, {}, {kIn}}}, 1, 500},
    {"until it is filtered again",
     {{0, {kIn}, {}}, {500, {}, {kIn}}, {520, {kIn}, {}}, {900, {kIn}, {}}},
     1,
     520},
    {"twice", {{0, {kIn}, {}}, {5, {}, {kIn}}, {6, {kIn}, {}}, {9, {}, {kIn}}}, 2, 9},
    {"a new interface counts from when it is seen", {{0, {}, {kIn}}, {40, {kIn}, {}}}, 1, 40},
    {"nobody wanted it meanwhile", {{0, {kIn}, {}}, {500, {}, {}}, {900, {}, {kIn}}}, 1, 0},
    {"another hook of the interface", {{0, {kOut}, {}}, {500, {}, {kOut}}}, 0, 0},
};

TEST(Coverage, adds_up) {
    for (const Row& row : kRows) {
        const auto figures = seen(row.looks).of(kIn);
        EXPECT_EQ(figures.times, row.times) << row.what;
        EXPECT_EQ(figures.open.count(), row.open) << row.what;
    }
}

}  // namespace
}  // namespace yett
