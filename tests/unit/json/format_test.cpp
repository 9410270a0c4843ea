// SPDX-License-Identifier: GPL-2.0-or-later
// Formatting: comments go with what they are about, and doing it twice changes nothing.
#include <gtest/gtest.h>

#include "json/printer.hpp"

namespace yett {
namespace {

const char* kBefore = R"json(// head
/* block
   of two lines */
{ "rules": [ // which
    // the first
    { "match": { /* none */ }, "name": "a", // why a
      "action": "drop" }, // end of a


    // the second, after empty lines
    { "name": "b", "match": { "proto": ["tcp" /* only */] }, "action": "pass" }
    // nothing more
  ], // rules end
  "tests": [ /* no tests yet */ ],
  "version": /* the only one */ 1
  // last
}
// foot)json";

const char* kAfter = R"json(// head
/* block
   of two lines */
{
    /* the only one */
    "version": 1,
    "policy": { "ingress": "pass", "egress": "pass" },
    "rules": [
        // which
        // the first
        {
            "name": "a",  // why a
            "match": {
                /* none */
            },
            "action": "drop"
        },  // end of a

        // the second, after empty lines
        {
            "name": "b",
            "match": {
                "proto": "tcp"  /* only */
            },
            "action": "pass"
        }
        // nothing more
    ]  // rules end
    /* no tests yet */
    // last
}
// foot
)json";

TEST(Format, keeps_every_comment_at_its_place) {
    const Document document = read_ruleset(kBefore);
    ASSERT_TRUE(document.ok());
    EXPECT_EQ(format(document), kAfter);
}

TEST(Format, twice_is_once) {
    const Document once = read_ruleset(kBefore);
    const Document twice = read_ruleset(format(once));
    ASSERT_TRUE(twice.ok());
    EXPECT_TRUE(twice.ruleset == once.ruleset);
    EXPECT_EQ(format(twice), format(once));
}

}  // namespace
}  // namespace yett
