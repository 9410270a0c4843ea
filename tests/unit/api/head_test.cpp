// SPDX-License-Identifier: GPL-2.0-or-later
// Heads that must be taken, and heads that must be refused, each with the status it gets.
#include "api/head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace yett {
namespace {

using namespace std::string_literals;

struct Row {
    std::string name;
    std::string text;
    int status;  ///< 0: taken
};

const std::string kHost = "Host: yett\r\n";

std::vector<Row> rows() {
    const auto put = [](const std::string& headers) {
        return "PUT /v1/ruleset HTTP/1.1\r\n" + kHost + headers + "\r\n";
    };
    return {
        {"plain", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0},
        {"length", put("Content-Length: 5\r\n"), 0},
        {"length zero", put("Content-Length: 0\r\n"), 0},
        {"longest body", put("Content-Length: 67108864\r\n"), 0},
        {"body one too long", put("Content-Length: 67108865\r\n"), 413},
        {"body of 100 MB", put("Content-Length: 100000000\r\n"), 413},
        {"length beyond 64 bits", put("Content-Length: 99999999999999999999999\r\n"), 400},
        {"length twice", put("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        {"same length twice", put("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        {"length list", put("Content-Length: 5, 5\r\n"), 400},
        {"length signed", put("Content-Length: +5\r\n"), 400},
        {"length negative", put("Content-Length: -5\r\n"), 400},
        {"length hexadecimal", put("Content-Length: 0x5\r\n"), 400},
        {"length empty", put("Content-Length: \r\n"), 400},
        {"length in words", put("Content-Length: five\r\n"), 400},
        {"chunked", put("Transfer-Encoding: chunked\r\n"), 501},
        {"identity", put("Transfer-Encoding: identity\r\n"), 501},
        {"chunked in capitals", put("TRANSFER-ENCODING: CHUNKED\r\n"), 501},
        {"length and chunked", put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        {"chunked and length", put("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        {"chunked, space before colon", put("Transfer-Encoding : chunked\r\n"), 400},
        {"chunked, vertical tab", put("Transfer-Encoding: \vchunked\r\n"), 400},
        {"folded line", put("A: b\r\n Transfer-Encoding: chunked\r\n"), 400},
        {"folded line by tab", put("A: b\r\n\tc\r\n"), 400},
        {"line feed alone", "GET / HTTP/1.1\nHost: x\n\n", 400},
        {"line feed alone once", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", 400},
        {"carriage return alone", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400},
        {"NUL", "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n"s, 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        {"HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 505},
        {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"absolute target", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"star target", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"authority target", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"no colon", put("nonsense\r\n"), 400},
        {"control octet in a name", put("A\x01: b\r\n"), 400},
        {"control octet in the method", "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"TLS hello", "\x16\x03\x01\x02\x00\x01\r\n\r\n"s, 400},
        {"continue", put("Expect: 100-continue\r\nContent-Length: 5\r\n"), 0},
        {"other expectation", put("Expect: 200-maybe\r\n"), 417},
        {"gzip", put("Content-Encoding: gzip\r\nContent-Length: 5\r\n"), 415},
        {"range is ignored", "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n", 0},
        {"longest line", "GET /" + std::string(8176, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 0},
        {"line too long", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        {"line without end", std::string(8193, 'a'), 414},
        {"head too long", put("A: " + std::string(32768, 'b') + "\r\n"), 431},
        {"head without end", "GET / HTTP/1.1\r\n" + std::string(32768, 'b'), 431},
    };
}

/// What the server does: scan, and parse once the head is complete. -1: it would wait for more.
int status_of(const std::string& text) {
    const auto scan = scan_head(text);
    if (scan.fault) return scan.fault->status;
    if (scan.length == 0) return -1;
    const auto result = parse_head(std::string_view(text).substr(0, scan.length));
    return result.fault ? result.fault->status : 0;
}

TEST(Head, table) {
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(status_of(row.text), row.status);
    }
}

TEST(Head, one_octet_at_a_time_gives_the_same) {
    for (const auto& row : rows()) {
        SCOPED_TRACE(row.name);
        int status = -1;
        std::size_t looked_at = 0;
        for (std::size_t size = 1; size <= row.text.size() && status == -1; ++size) {
            const auto part = std::string_view(row.text).substr(0, size);
            const auto scan = scan_head(part, looked_at);
            looked_at = size;
            if (scan.fault) status = scan.fault->status;
            if (scan.length > 0) {
                const auto result = parse_head(part.substr(0, scan.length));
                status = result.fault ? result.fault->status : 0;
            }
        }
        EXPECT_EQ(status, row.status);
    }
}

TEST(Head, reads_what_it_takes) {
    const auto head = parse_head(
                          "PUT /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n"
                          "If-Match: \"12\"\r\nExpect: 100-Continue\r\nConnection: close\r\n\r\n")
                          .head;
    EXPECT_EQ(head.method, "PUT");
    EXPECT_EQ(head.target, "/a?b=c");
    EXPECT_EQ(head.content_length, 7u);
    EXPECT_EQ(head.if_match, "\"12\"");
    EXPECT_TRUE(head.expects_continue);
    EXPECT_FALSE(head.keep_alive);
}

TEST(Head, joins_the_lines_of_a_list) {
    const auto if_match = [](const std::string& lines) {
        return parse_head("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n" + lines + "\r\n")
            .head.if_match;
    };
    EXPECT_EQ(if_match(""), "");
    EXPECT_EQ(if_match("If-Match:\r\n"), ",");  // there, and names nothing
    EXPECT_EQ(if_match("If-Match: \"1\"\r\nIf-Match: \"2\"\r\n"), "\"1\",\"2\"");
}

}  // namespace
}  // namespace yett
