// SPDX-License-Identifier: GPL-2.0-or-later
// An edit whose entries have ends and reasons of their own.
#include <gtest/gtest.h>

#include <map>

#include "apply/set_content.hpp"

namespace yett {
namespace {

TEST(SetReasons, each_entry_has_its_own_and_the_last_of_equal_ones_holds) {
    const auto at = [](const char* text) { return *parse_entry(SetType::prefix, text); };
    SetEdit edit;
    edit.add = {at("192.0.2.2"), at("192.0.2.1"), at("192.0.2.2"), at("192.0.2.3")};
    edit.reasons = {"", "a", "b"};
    edit.why = {1, 1, 2, 0};
    edit.reason = "of all";
    edit.expires = 9'000'000'000;
    edit.normalize();
    SetContent content(SetType::prefix);
    std::map<EntryValue, std::string> foreseen;
    content.foresee(edit, [&](const EntryValue& value, const Entry&, std::string_view why) {
        foreseen[value] = why;
    });
    content.edit(edit);
    const auto reason = [&](const char* text) {
        return content.reason(content.find(at(text)).reason);
    };
    EXPECT_EQ(content.size(), 3u);
    EXPECT_EQ(reason("192.0.2.1"), "a");
    EXPECT_EQ(reason("192.0.2.2"), "b");
    EXPECT_EQ(reason("192.0.2.3"), "of all");
    for (const auto& [value, why] : foreseen)
        EXPECT_EQ(why, content.reason(content.find(value).reason)) << to_text(value);
    EXPECT_EQ(foreseen.size(), 3u);
    EXPECT_GE(content.find(at("192.0.2.2")).expires, edit.expires);
}

}  // namespace
}  // namespace yett
