// SPDX-License-Identifier: GPL-2.0-or-later
// Targets and peers, and the route or the refusal that they get.
#include "api/router.hpp"

#include <gtest/gtest.h>

#include "api/json_text.hpp"
#include "api/problem.hpp"

namespace yett {
namespace {

Router make_router() {
    const auto run = [](const ApiRequest&) { return ApiResponse{}; };
    return Router({{"GET", "/v1/status", Role::reader, {}, run},
                   {"GET", "/v1/sets/{name}/entries", Role::reader, {"limit"}, run},
                   {"PUT", "/v1/sets/{name}/entries/{value}", Role::writer, {}, run},
                   {"DELETE", "/v1/sets/{name}/entries/{value}", Role::writer, {}, run}});
}

struct Row {
    const char* method;
    const char* target;
    Role role;
    int status;  ///< 0: a route was found
};

constexpr Row kRows[] = {
    {"GET", "/v1/status", Role::writer, 0},
    {"GET", "/v1/status", Role::reader, 0},
    {"GET", "/v1/status", Role::none, 403},
    {"GET", "/v1/nothing", Role::none, 403},
    {"GET", "/v1/nothing", Role::reader, 404},
    {"GET", "/", Role::reader, 404},
    {"GET", "/v1/status/", Role::reader, 404},
    {"GET", "//v1/status", Role::reader, 404},
    {"GET", "/v1/../v1/status", Role::reader, 404},
    {"GET", "/v1/status#a", Role::reader, 400},
    {"GET", "/v1/stat%75s", Role::reader, 0},
    {"GET", "/v1/status%", Role::reader, 400},
    {"GET", "/v1/status%2", Role::reader, 400},
    {"GET", "/v1/status%zz", Role::reader, 400},
    {"GET", "/v1/status%00", Role::reader, 400},
    {"GET", "/v1/status%0a", Role::reader, 400},
    {"HEAD", "/v1/status", Role::reader, 405},
    {"get", "/v1/status", Role::reader, 405},
    {"PUT", "/v1/status", Role::reader, 405},
    {"GET", "/v1/status?", Role::reader, 0},
    {"GET", "/v1/status?a=1", Role::reader, 400},
    {"GET", "/v1/sets/a/entries?limit=5", Role::reader, 0},
    {"GET", "/v1/sets/a/entries?limit=5&limit=6", Role::reader, 400},
    {"GET", "/v1/sets/a/entries?=5", Role::reader, 400},
    {"GET", "/v1/sets//entries", Role::reader, 404},
    {"PUT", "/v1/sets/a/entries/192.0.2.0%2F24", Role::reader, 403},
    {"PUT", "/v1/sets/a/entries/192.0.2.0%2F24", Role::writer, 0},
    {"PUT", "/v1/sets/a/entries/192.0.2.0/24", Role::writer, 404},
};

TEST(Router, table) {
    const auto router = make_router();
    for (const auto& row : kRows) {
        SCOPED_TRACE(std::string(row.method) + " " + row.target);
        Peer peer;
        peer.role = row.role;
        const auto resolution = router.resolve(row.method, row.target, peer);
        EXPECT_EQ(resolution.route == nullptr ? resolution.refusal.status : 0, row.status);
    }
}

TEST(Router, decodes_placeholders) {
    const auto router = make_router();
    Peer peer;
    peer.role = Role::writer;
    const auto resolution =
        router.resolve("DELETE", "/v1/sets/a.b/entries/2001%3adb8%3A%3A%2F32", peer);
    ASSERT_NE(resolution.route, nullptr);
    EXPECT_EQ(resolution.request.arguments, (std::vector<std::string>{"a.b", "2001:db8::/32"}));
}

TEST(Router, says_what_is_allowed) {
    const auto router = make_router();
    Peer peer;
    peer.role = Role::reader;
    const auto refusal = router.resolve("GET", "/v1/sets/a/entries/b", peer).refusal;
    EXPECT_EQ(refusal.status, 405);
    ASSERT_EQ(refusal.headers.size(), 1u);
    EXPECT_EQ(refusal.headers[0].second, "PUT, DELETE");
}

TEST(Problem, carries_the_exit_code_and_the_places) {
    Diagnostic diagnostic;
    diagnostic.code = "port-range";
    diagnostic.message = "port range is reversed\xff";
    diagnostic.location = {14, 44, 8};
    const auto response = problem({ErrorKind::invalid, "1 error", "mend it"}, {diagnostic});
    const auto json = parse_json(response.body);
    ASSERT_TRUE(json.ok());
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ((*json)["status"], 422);
    EXPECT_EQ((*json)["code"], 3);
    EXPECT_EQ((*json)["diagnostics"][0]["line"], 14);
    EXPECT_EQ((*json)["diagnostics"][0]["length"], 8);
}

TEST(JsonText, refuses) {
    const std::string cases[] = {"",
                                 "{",
                                 "nonsense",
                                 "{\"a\":1,\"a\":2}",
                                 "[1,]",
                                 "\x80\xff",
                                 "{\"a\":{\"b\":1,\"b\":1}}",
                                 "{} {}",
                                 std::string(1'000'000, '['),
                                 "\"\\ud800\"",
                                 "{\"a\": NaN}"};
    for (const auto& text : cases) {
        SCOPED_TRACE(text.substr(0, 40));
        const auto result = parse_json(text);
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().kind, ErrorKind::usage);
    }
    EXPECT_TRUE(parse_json("{\"a\":[1,{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[\"}]}").ok());
}

}  // namespace
}  // namespace yett
