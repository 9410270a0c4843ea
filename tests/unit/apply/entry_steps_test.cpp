// SPDX-License-Identifier: GPL-2.0-or-later
// What a set costs grows with its entries, not with their square: counted in places looked at, not
// in seconds. The order that hurts is that of another table, which files and listings come in.
#include <gtest/gtest.h>

#include <functional>

#include "apply/set_content.hpp"

namespace yett {
namespace {

constexpr std::size_t kFew = 30'000, kMany = 240'000;

EntryValue address(std::size_t number) {
    return EntryValue::from_words(EntryKind::prefix4, 0, 0xcb000000u + number * 7, 32);
}

EntryValue wide_address(std::size_t number) {
    return EntryValue::from_words(EntryKind::prefix6, 0x20010db800000000ull + number * 5, 0, 64);
}

SetContent added(std::size_t count, EntryValue (*value)(std::size_t)) {
    SetEdit edit;
    for (std::size_t i = 0; i < count; ++i)
        edit.add.push_back(value(i));
    edit.normalize();
    SetContent content(SetType::prefix);
    content.edit(edit);
    return content;
}

/// Each gives steps that one way of filling a set of `count` entries from another one takes.
struct Way {
    const char* name;
    std::uint64_t (*steps)(const SetContent& from);
};

constexpr Way kWays[] = {
    {"one by one, in the order of the other table, growing",
     [](const SetContent& from) {
         SetContent to(SetType::prefix);
         from.for_each(
             [&](const EntryValue& value, const Entry& entry) { to.restore(value, entry); });
         return to.steps();
     }},
    {"carried over to the next ruleset's",
     [](const SetContent& from) {
         SetContent to(SetType::prefix);
         to.carry_over(from);
         return to.steps();
     }},
    {"compared",
     [](const SetContent& from) {
         SetContent to(SetType::prefix);
         to.carry_over(from);
         const auto before = to.steps();
         EXPECT_TRUE(from.same_members(to));
         return to.steps() - before;
     }},
    {"as the list of a file",
     [](const SetContent& from) {
         SetContent to(SetType::prefix);
         to.set_file(from.in_order());
         return to.steps();
     }},
    {"taken out again",
     [](const SetContent& from) {
         SetContent to = from;
         const auto before = to.steps();
         SetEdit edit;
         edit.remove = from.in_order();
         to.edit(edit);
         EXPECT_EQ(to.size(), 0u);
         return to.steps() - before;
     }},
};

struct Kind {
    const char* name;
    EntryValue (*value)(std::size_t);
};
constexpr Kind kKinds[] = {{"IPv4", address}, {"IPv6", wide_address}};

TEST(EntrySteps, grow_with_the_entries_and_not_with_their_square) {
    for (const auto& kind : kKinds) {
        const auto few = added(kFew, kind.value);
        const auto many = added(kMany, kind.value);
        for (const auto& way : kWays) {
            SCOPED_TRACE(std::string(kind.name) + ", " + way.name);
            const auto of_few = static_cast<double>(way.steps(few)) / kFew;
            const auto of_many = static_cast<double>(way.steps(many)) / kMany;
            EXPECT_LT(of_few, 60) << "steps an entry";
            EXPECT_LT(of_many, of_few * 1.5) << "steps an entry, of eight times as many";
        }
    }
}

TEST(SetContent, has_one_identity_through_rulesets_and_another_when_made_anew) {
    const SetContent content = added(3, address);
    SetContent carried(SetType::prefix), anew(SetType::prefix);
    carried.carry_over(content);
    EXPECT_EQ(carried.identity(), content.identity());
    EXPECT_NE(anew.identity(), content.identity());
}

TEST(SetContent, has_another_revision_after_each_change) {
    SetContent content = added(3, address);
    const SetContent copy = content;
    EXPECT_EQ(copy.revision(), content.revision());
    SetEdit edit;
    edit.remove = {address(1)};
    content.edit(edit);
    EXPECT_NE(copy.revision(), content.revision());
}

/// What foresee() and differences() say of a change is what it comes to.
TEST(SetContent, foresees_what_an_edit_will_make_of_each_entry) {
    Set set;
    for (const std::size_t number : {1, 2, 3})
        set.prefixes.push_back(address(number).prefix());
    SetContent content(set);
    SetEdit first;
    first.add = {address(3), address(4), address(5)};
    first.now = 1000;
    first.reason = "first";
    content.edit(first);
    SetEdit edit;
    edit.add = {address(2), address(3), address(5), address(6)};
    edit.ends = {1ull << 40, 0, 1ull << 41, 0};
    edit.remove = {address(1), address(4), address(7)};
    edit.now = 2000;
    using Lines = std::map<EntryValue, std::pair<Entry, std::string>>;
    const auto collect = [](Lines& into) {
        return [&into](const EntryValue& value, Entry entry, std::string_view reason) {
            entry.reason = 0;
            into[value] = {entry, std::string(reason)};
        };
    };
    Lines foreseen, different;
    content.foresee(edit, collect(foreseen));
    SetContent after = content;
    after.edit(edit);
    after.differences(content, collect(different));
    EXPECT_EQ(foreseen, different);
    EXPECT_EQ(foreseen.count(address(3)), 0u) << "added again as it was: nothing changes";
    EXPECT_EQ(foreseen.count(address(7)), 0u) << "not there: nothing changes";
    EXPECT_EQ(foreseen.size(), 5u);
}

}  // namespace
}  // namespace yett
