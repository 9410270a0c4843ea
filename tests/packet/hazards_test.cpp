// SPDX-License-Identifier: GPL-2.0-or-later
// hazards.md is complete and names tests that exist.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "packet/row.hpp"

namespace yett::corpus {
namespace {

namespace fs = std::filesystem;

constexpr int kHazards = 45;
constexpr const char* kStruck = "struck: ";

struct Line {
    int number = 0;
    std::string hazard, answer, tests;
};

std::string trimmed(std::string text) {
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// A line of the table, or nothing.
std::vector<Line> lines_of(const std::string& text) {
    std::vector<Line> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        std::istringstream cells(line);
        std::vector<std::string> parts;
        for (std::string cell; std::getline(cells, cell, '|');)
            parts.push_back(trimmed(cell));
        if (parts.size() < 5 || parts[1].find_first_not_of("0123456789") != parts[1].npos) continue;
        lines.push_back({std::stoi(parts[1]), parts[2], parts[3], parts[4]});
    }
    return lines;
}

/// What stands between backticks.
std::vector<std::string> names_in(const std::string& cell) {
    std::vector<std::string> names;
    std::istringstream in(cell);
    std::string part;
    for (bool name = false; std::getline(in, part, '`'); name = !name)
        if (name) names.push_back(part);
    return names;
}

std::string content(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

const fs::path kTests = fs::path(YETT_SOURCE_DIR) / "tests";

/// Suite.name in any C++ file of the tests, this program's or another's.
bool is_gtest(const std::string& name) {
    static const std::string all = [] {
        std::string text;
        for (const auto& entry : fs::recursive_directory_iterator(kTests))
            if (entry.path().extension() == ".cpp") text += content(entry.path());
        return text;
    }();
    const std::size_t dot = name.find('.');
    const std::string pair = "(" + name.substr(0, dot) + ", " + name.substr(dot + 1) + ")";
    return dot != name.npos && all.find(pair) != all.npos;
}

/// A file, or "file:case".
bool is_system_test(const std::string& name) {
    const std::size_t colon = name.find(':');
    const fs::path file = kTests / name.substr(0, colon);
    if (!name.starts_with("system/") || !fs::is_regular_file(file)) return false;
    return colon == name.npos ||
           content(file).find("def " + name.substr(colon + 1) + "(") != std::string::npos;
}

std::set<std::string> subjects() {
    std::set<std::string> names;
    for (const Row& row : all_rows())
        names.insert(row.subject);
    return names;
}

/// Empty: the line is good.
std::string complaint(const Line& line, const std::set<std::string>& rows) {
    const std::vector<std::string> names = names_in(line.tests);
    if (line.hazard.empty() || line.answer.empty()) return "a cell is empty";
    if (names.empty())
        return line.tests.starts_with(kStruck) && line.tests.size() > 20 ? "" : "it has no test";
    for (const std::string& name : names)
        if (!rows.contains(name) && !is_gtest(name) && !is_system_test(name))
            return "there is no test " + name;
    return {};
}

TEST(Hazards, have_tests_that_exist) {
    const std::vector<Line> lines = lines_of(content(kTests / "packet" / "hazards.md"));
    const std::set<std::string> rows = subjects();
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(kHazards));
    for (int i = 0; i < kHazards; ++i) {
        EXPECT_EQ(lines[i].number, i + 1);
        EXPECT_EQ(complaint(lines[i], rows), "") << "hazard " << i + 1 << ", " << lines[i].hazard;
    }
}

TEST(Hazards, without_a_test_are_seen) {
    const std::set<std::string> rows = {"vlan depth"};
    EXPECT_EQ(complaint({1, "h", "a", "`vlan depth`"}, rows), "");
    EXPECT_EQ(complaint({1, "h", "a", "`Hazards.have_tests_that_exist`"}, rows), "");
    EXPECT_EQ(complaint({1, "h", "a", "`vlan death`"}, rows), "there is no test vlan death");
    EXPECT_EQ(complaint({1, "h", "a", "`Hazards.are_few`"}, rows),
              "there is no test Hazards.are_few");
    EXPECT_NE(complaint({1, "h", "a", "`system/test_nothing.py`"}, rows), "");
    EXPECT_NE(complaint({1, "h", "a", "`system/test_attach.py:nothing`"}, rows), "");
    EXPECT_EQ(complaint({1, "h", "a", ""}, rows), "it has no test");
    EXPECT_EQ(complaint({1, "h", "", "`vlan depth`"}, rows), "a cell is empty");
}

/// A new subject of rows belongs to a hazard, or is one of those that are none.
TEST(Hazards, hold_every_subject_of_the_rows) {
    const std::string map = content(kTests / "packet" / "hazards.md");
    const std::set<std::string> others = {"actions", "bans", "match", "ipv4 honest",
                                          "blocked source"};
    for (const std::string& subject : subjects())
        EXPECT_TRUE(others.contains(subject) || map.find("`" + subject + "`") != map.npos)
            << subject;
}

}  // namespace
}  // namespace yett::corpus
