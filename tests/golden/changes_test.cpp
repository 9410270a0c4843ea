// SPDX-License-Identifier: GPL-2.0-or-later
// What is said of a change, for each key that the schema knows: changes/rows.json sets one value of
// changes/base.json a row, changes/rows.out holds the lines. YETT_GOLDEN=write writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "json/changes.hpp"
#include "json/reader.hpp"

namespace yett {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const fs::path kSource = YETT_SOURCE_DIR;
const fs::path kFolder = kSource / "tests" / "golden" / "changes";

std::string text_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Json json_of(const fs::path& path) {
    return Json::parse(text_of(path), nullptr, true, true);
}

Ruleset ruleset_of(const Json& json) {
    Document document = read_ruleset(json.dump());
    EXPECT_TRUE(document.ok()) << document.diagnostics.front().message << ' ' << json.dump();
    return std::move(document.ruleset);
}

/// The base with one value set, or with null taken out.
Json changed(const Json& base, const std::string& pointer, const Json& value) {
    Json after = base;
    const Json::json_pointer place(pointer);
    if (value.is_null()) {
        after.at(place.parent_pointer()).erase(place.back());
        // What belongs to a limit goes with it.
        if (place.back() == "limit")
            for (const char* key : {"over", "for", "spoofable"})
                after.at(place.parent_pointer()).erase(key);
        return after;
    }
    after[place] = value;
    if (pointer == "/rules/0/limit/per")
        for (const char* key : {"prefix4", "prefix6"})
            after["rules"][0]["limit"].erase(key);
    if (pointer == "/rules/0/over")
        for (const char* key : {"for", "spoofable"})
            after["rules"][0].erase(key);
    if (pointer == "/rules/0/action")
        for (const char* key : {"limit", "over", "for", "spoofable", "beats_bans"})
            after["rules"][0].erase(key);
    return after;
}

std::string lines_of(const Ruleset& before, const Ruleset& after) {
    std::string text;
    for (const std::string& line : changes(before, after))
        (text += line) += '\n';
    return text;
}

TEST(Changes, says_what_each_key_was_and_is) {
    const Json base = json_of(kFolder / "base.json"), rows = json_of(kFolder / "rows.json");
    const Ruleset before = ruleset_of(base);
    std::string said;
    for (const auto& [pointer, value] : rows.items()) {
        const Ruleset after = ruleset_of(changed(base, pointer, value));
        const std::string lines = lines_of(before, after);
        const bool same = before == after;
        EXPECT_EQ(lines.empty(), same) << pointer;
        EXPECT_EQ(lines_of(after, before).empty(), same) << pointer;
        said += pointer + '\n' + lines + '\n';
    }
    const char* mode = std::getenv("YETT_GOLDEN");
    if (mode && std::string_view(mode) == "write") std::ofstream(kFolder / "rows.out") << said;
    EXPECT_EQ(text_of(kFolder / "rows.out"), said);
}

TEST(Changes, says_nothing_of_equal_rulesets) {
    const Ruleset ruleset = ruleset_of(json_of(kFolder / "base.json"));
    EXPECT_EQ(lines_of(ruleset, ruleset), "");
}

TEST(Changes, says_that_the_order_is_another) {
    const Json base = json_of(kFolder / "base.json");
    Json after = base;
    std::swap(after["rules"][0], after["rules"][1]);
    EXPECT_EQ(lines_of(ruleset_of(base), ruleset_of(after)), "~ the order of the rules\n");
    Ruleset one, other;
    one.attach = {{"eth*", HookChoice::tc}, {"*0", HookChoice::native}};
    other.attach = {one.attach[1], one.attach[0]};
    EXPECT_EQ(lines_of(one, other), "~ the order of the patterns in attach\n");
    after = base;
    std::swap(after["interfaces"][0], after["interfaces"][1]);
    EXPECT_EQ(lines_of(ruleset_of(base), ruleset_of(after)), "~ the order of elements of a list\n");
}

/// Members of the maps of switches: each name that the schema offers is told by its name.
TEST(Changes, says_each_switch_by_its_name) {
    const Json base = json_of(kFolder / "base.json");
    const Json schema = json_of(kSource / "rules" / "ruleset.schema.json");
    const std::pair<const char*, Json> sections[] = {
        {"builtins", false}, {"exceptions", "drop"}, {"timeouts", "17s"}};
    for (const auto& [section, value] : sections) {
        for (const auto& [key, words] : schema["properties"][section]["properties"].items()) {
            Json after = base;
            after[section][key] = value;
            const std::string said = lines_of(ruleset_of(base), ruleset_of(after));
            EXPECT_NE(said.find(' ' + key), said.npos) << section << ' ' << key << ": " << said;
        }
    }
}

// ---- the schema ----

/// Follows the keys of one change through the schema, and notes every property that it came by.
class Cover {
  public:
    explicit Cover(const Json& schema) : schema_(schema) {}

    void follow(const std::string& pointer, const Json& value) {
        std::vector<const Json*> at = resolved({&schema_});
        Json::json_pointer rest(pointer);
        std::vector<std::string> tokens;
        for (; !rest.empty(); rest.pop_back())
            tokens.insert(tokens.begin(), rest.back());
        for (const std::string& token : tokens)
            at = below(at, token);
        if (value.is_object())
            for (const auto& [key, inner] : value.items())
                below(at, key);
    }

    /// Properties without a row, by their place in the schema.
    void missing(const Json& node, const std::string& path, std::set<std::string>& out) const {
        if (!node.is_object()) return;
        for (const auto& [key, value] : node.items()) {
            const bool of_names = path.ends_with("/builtins") || path.ends_with("/exceptions") ||
                                  path.ends_with("/timeouts");
            if (key != "properties") {
                missing(value, path + '/' + key, out);
                continue;
            }
            for (const auto& [name, property] : value.items()) {
                if (!of_names && seen_.count(&property) == 0) out.insert(path + '/' + name);
                missing(property, path + '/' + name, out);
            }
        }
    }

  private:
    std::vector<const Json*> resolved(std::vector<const Json*> nodes) const {
        std::vector<const Json*> out;
        while (!nodes.empty()) {
            const Json* const node = nodes.back();
            nodes.pop_back();
            out.push_back(node);
            if (node->contains("$ref"))
                nodes.push_back(
                    &schema_.at(Json::json_pointer((*node)["$ref"].get<std::string>().substr(1))));
            for (const char* key : {"anyOf", "allOf"})
                if (node->contains(key))
                    for (const Json& one : (*node)[key])
                        nodes.push_back(&one);
        }
        return out;
    }

    std::vector<const Json*> below(const std::vector<const Json*>& nodes,
                                   const std::string& token) {
        std::vector<const Json*> next;
        for (const Json* node : nodes) {
            if (node->contains("properties") && (*node)["properties"].contains(token)) {
                next.push_back(&(*node)["properties"][token]);
                seen_.insert(next.back());
            } else if (node->contains("items")) {
                next.push_back(&(*node)["items"]);
            } else if (node->contains("additionalProperties")) {
                next.push_back(&(*node)["additionalProperties"]);
            }
        }
        return resolved(std::move(next));
    }

    const Json& schema_;
    std::set<const Json*> seen_;
};

TEST(Changes, have_a_row_for_each_key_of_the_schema) {
    const Json schema = json_of(kSource / "rules" / "ruleset.schema.json");
    Cover cover(schema);
    const Json rows = json_of(kFolder / "rows.json");
    for (const auto& [pointer, value] : rows.items())
        cover.follow(pointer, value);
    std::set<std::string> missing;
    cover.missing(schema, "", missing);
    missing.erase("/version");  // has one value
    EXPECT_EQ(missing, std::set<std::string>());
}

}  // namespace
}  // namespace yett
