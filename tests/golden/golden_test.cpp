// SPDX-License-Identifier: GPL-2.0-or-later
// Rule files that are good, with their canonical form, and bad ones, with what is said of them.
// YETT_GOLDEN=write in the environment writes the expectations anew: read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "check/check.hpp"
#include "json/printer.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path(YETT_SOURCE_DIR) / "tests" / "golden";

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<fs::path> rule_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".json") && !name.ends_with(".schema.json")) files.push_back(entry);
    }
    std::sort(files.begin(), files.end());
    EXPECT_FALSE(files.empty()) << folder;
    return files;
}

Document judged(const fs::path& path) {
    Document document = read_ruleset(read(path));
    if (document.ok()) document.diagnostics = check(document.ruleset);
    if (document.ok()) {
        for (Diagnostic& failed : run_tests(document.ruleset)) {
            document.diagnostics.push_back(std::move(failed));
        }
    }
    document.source.locate(document.diagnostics);
    return document;
}

/// One line each: place, severity and code, message, and the hint behind a bar.
std::string words(const std::vector<Diagnostic>& diagnostics) {
    std::ostringstream out;
    for (const Diagnostic& d : diagnostics) {
        out << d.location.line << ':' << d.location.column << '+' << d.location.length << ' '
            << (d.severity == Severity::error ? "error[" : "warning[") << d.code << "] "
            << d.message;
        if (!d.hint.empty()) out << " | " << d.hint;
        out << '\n';
    }
    return out.str();
}

void expect_file(const fs::path& path, const std::string& text) {
    const char* mode = std::getenv("YETT_GOLDEN");
    if (mode && std::string_view(mode) == "write") std::ofstream(path, std::ios::binary) << text;
    EXPECT_TRUE(fs::exists(path));
    EXPECT_EQ(read(path), text);
}

class Golden : public testing::TestWithParam<fs::path> {};

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
    std::string name = info.param.parent_path().filename() / info.param.stem();
    std::replace_if(
        name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
    return name;
}

class Accept : public Golden {};
class Rules : public Golden {};
class Reject : public Golden {};

void expect_round_trip(const Document& document) {
    const std::string text = print(document.ruleset);
    const Document again = read_ruleset(text);
    ASSERT_TRUE(again.ok()) << words(again.diagnostics);
    EXPECT_TRUE(again.ruleset == document.ruleset);
    EXPECT_EQ(print(again.ruleset), text);
    const std::string formatted = format(document);
    EXPECT_EQ(format(read_ruleset(formatted)), formatted);
    EXPECT_TRUE(read_ruleset(formatted).ruleset == document.ruleset);
}

TEST_P(Accept, reads_checks_and_prints) {
    const Document document = judged(GetParam());
    ASSERT_TRUE(document.ok()) << words(document.diagnostics);
    expect_file(fs::path(GetParam()).replace_extension(".out"), format(document));
    expect_round_trip(document);
}

TEST_P(Rules, are_good_without_a_warning_and_tested) {
    const Document document = judged(GetParam());
    EXPECT_EQ(words(document.diagnostics), "");
    expect_round_trip(document);
    const auto& tests = document.ruleset.tests;
    EXPECT_GE(tests.size(), 10u);
    for (const char* family : {":", "."}) {
        EXPECT_TRUE(std::any_of(tests.begin(), tests.end(),
                                [&](const PacketTest& test) {
                                    return (test.packet.find("::") != std::string::npos) ==
                                           (*family == ':');
                                }))
            << "no test of the family that is written with " << family;
    }
}

/// A rule that no test reaches may be wrong unseen. Rules that only look at empty sets cannot be.
TEST_P(Rules, have_a_test_for_each_rule) {
    const Document document = judged(GetParam());
    for (const Rule& rule : document.ruleset.rules) {
        bool reachable = true;
        for (const AddressTest& test : rule.match.src) {
            const auto* set = std::get_if<SetReference>(&test);
            if (set) reachable = !find_set(document.ruleset, set->name)->prefixes.empty();
        }
        for (const PortTest& test : rule.match.dport) {
            const auto* set = std::get_if<SetReference>(&test);
            if (set) reachable = !find_set(document.ruleset, set->name)->ports.empty();
        }
        const auto& tests = document.ruleset.tests;
        const bool tested = std::any_of(tests.begin(), tests.end(), [&](const PacketTest& test) {
            return test.rule == rule.name;
        });
        EXPECT_EQ(tested, reachable) << rule.name;
    }
}

TEST_P(Reject, says_what_is_wrong_and_where) {
    const Document document = judged(GetParam());
    EXPECT_FALSE(document.ok());
    expect_file(fs::path(GetParam()).replace_extension(".out"), words(document.diagnostics));
}

auto files(const char* folder) {
    return testing::ValuesIn(rule_files(kGolden / folder));
}

INSTANTIATE_TEST_SUITE_P(Corpus, Accept, files("accept"), name_of);
INSTANTIATE_TEST_SUITE_P(Shipped, Rules,
                         testing::ValuesIn(rule_files(fs::path(YETT_SOURCE_DIR) / "rules")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Text, Reject, files("reject/text"), name_of);
INSTANTIATE_TEST_SUITE_P(Structure, Reject, files("reject/structure"), name_of);
INSTANTIATE_TEST_SUITE_P(Meaning, Reject, files("reject/meaning"), name_of);

}  // namespace
}  // namespace yett
