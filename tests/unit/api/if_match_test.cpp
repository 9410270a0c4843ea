// SPDX-License-Identifier: GPL-2.0-or-later
// RFC 9110 13.1.1 and 8.8.3.2, row by row.
#include "api/if_match.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

TEST(IfMatch, is_read_as_the_rfc_says) {
    enum class Says { go_on, fails, malformed };
    const struct {
        const char* field;
        Says says;
    } rows[] = {
        {"*", Says::go_on},
        {" * ", Says::go_on},
        {R"("7")", Says::go_on},
        {R"("8")", Says::fails},
        {R"("6", "7")", Says::go_on},
        {R"("6","7" ,"8")", Says::go_on},
        {R"("6", "8")", Says::fails},
        {R"(, "7")", Says::go_on},  // empty elements are passed over (5.6.1.2)
        {R"("7",)", Says::go_on},
        {R"(,,)", Says::fails},
        {"", Says::fails},  // none of none
        {"  ", Says::fails},
        {R"(W/"7")", Says::fails},  // strong comparison: a weak tag is never it
        {R"(W/"7", "7")", Says::go_on},
        {R"("7", W/"7")", Says::go_on},
        {R"("a,b", "7")", Says::go_on},  // a comma inside of a tag parts nothing
        {R"("7,")", Says::fails},
        {"7", Says::malformed},
        {R"("7)", Says::malformed},
        {R"("7" "8")", Says::malformed},
        {R"(w/"7")", Says::malformed},
        {R"(W/7)", Says::malformed},
        {R"(*, "7")", Says::malformed},
        {R"("7", *)", Says::malformed},
        {R"("7 8")", Says::malformed},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.field);
        const auto holds = if_match_holds(row.field, "\"7\"");
        ASSERT_EQ(holds.ok(), row.says != Says::malformed);
        if (holds) {
            EXPECT_EQ(*holds, row.says == Says::go_on);
        } else {
            EXPECT_EQ(holds.error().kind, ErrorKind::usage);
        }
    }
}

}  // namespace
}  // namespace yett
