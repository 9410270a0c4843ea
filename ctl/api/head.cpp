// SPDX-License-Identifier: GPL-2.0-or-later
// The head of an HTTP request.
#include "api/head.hpp"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace yett {
namespace {

namespace http = boost::beast::http;
using Fields = http::request<http::empty_body>;

HeadFault fault(int status, std::string message) {
    return {status, std::move(message)};
}

HeadScan bad(int status, std::string message) {
    HeadScan scan;
    scan.fault = fault(status, std::move(message));
    return scan;
}

bool has_folded_line(std::string_view text) {
    return text.find("\r\n ") != std::string_view::npos ||
           text.find("\r\n\t") != std::string_view::npos;
}

/// Digits only: "+5", "5, 5" and "0x5" are what smuggling is made of.
std::optional<std::uint64_t> parse_length(std::string_view text) {
    if (text.empty() || text.size() > 18) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

std::optional<HeadFault> read_length(const Fields& fields, Head& head) {
    const auto count = fields.count(http::field::content_length);
    if (count > 1) return fault(400, "several content-length headers");
    if (count == 0) return std::nullopt;
    const auto text = fields[http::field::content_length];
    const auto length = parse_length({text.data(), text.size()});
    if (!length) return fault(400, "the content-length is not a number");
    if (*length > kMaxBody) {
        return fault(413, "the body has " + std::to_string(*length) + " octets, at most " +
                              std::to_string(kMaxBody) + " are taken");
    }
    head.content_length = *length;
    return std::nullopt;
}

std::optional<HeadFault> read_expect(const Fields& fields, Head& head) {
    if (fields.count(http::field::expect) == 0) return std::nullopt;
    if (fields.count(http::field::expect) > 1 ||
        !boost::beast::iequals(fields[http::field::expect], "100-continue")) {
        return fault(417, "only 100-continue can be expected");
    }
    head.expects_continue = head.content_length > 0;
    return std::nullopt;
}

/// Several lines of a list are one list (RFC 9110 5.3). An empty list is written as a comma:
/// without the header there is none.
void read_if_match(const Fields& fields, Head& head) {
    const auto [first, last] = fields.equal_range(http::field::if_match);
    for (auto line = first; line != last; ++line) {
        if (line != first) head.if_match += ',';
        head.if_match.append(line->value().data(), line->value().size());
    }
    if (first != last && head.if_match.empty()) head.if_match = ",";
}

std::optional<HeadFault> read_fields(const Fields& fields, Head& head) {
    if (fields.version() != 11) return fault(505, "speak version 1.1 of http");
    if (fields.count(http::field::transfer_encoding) > 0) {
        return fault(501, "transfer-encoding is not taken, send a content-length");
    }
    if (fields.count(http::field::host) != 1) return fault(400, "there must be one host header");
    if (fields.count(http::field::content_encoding) > 0) {
        return fault(415, "compressed bodies are not taken");
    }
    if (auto wrong = read_length(fields, head)) return wrong;
    if (auto wrong = read_expect(fields, head)) return wrong;
    read_if_match(fields, head);
    head.keep_alive = fields.keep_alive();
    return std::nullopt;
}

}  // namespace

HeadScan scan_head(std::string_view received, std::size_t from) {
    const auto line_end = received.find("\r\n");
    if (std::min(line_end, received.size()) > kMaxRequestLine) {
        return bad(414, "the request line is longer than " + std::to_string(kMaxRequestLine));
    }
    for (std::size_t i = from > 3 ? from - 3 : 0; i < received.size(); ++i) {
        const char c = received[i];
        if (i >= kMaxHead) return bad(431, "the head is longer than " + std::to_string(kMaxHead));
        if (c == '\0') return bad(400, "a NUL in the head");
        if (c == '\r' && i + 1 < received.size() && received[i + 1] != '\n') {
            return bad(400, "a carriage return without its line feed");
        }
        if (c != '\n') continue;
        if (i == 0 || received[i - 1] != '\r') return bad(400, "a line feed alone ends a line");
        if (i >= 3 && received[i - 2] == '\n') {
            HeadScan scan;
            scan.length = i + 1;
            return scan;
        }
    }
    return {};
}

HeadResult parse_head(std::string_view text) {
    HeadResult out;
    if (has_folded_line(text)) {
        out.fault = fault(400, "a folded header line");
        return out;
    }
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kMaxHead);
    parser.body_limit(boost::none);
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error && error != http::error::need_more && error != http::error::unexpected_body) {
        out.fault = fault(400, "the head is not HTTP: " + error.message());
        return out;
    }
    if (!parser.is_header_done()) {
        out.fault = fault(400, "the head is not HTTP");
        return out;
    }
    const auto& fields = parser.get();
    const auto method = fields.method_string();
    const auto target = fields.target();
    out.head.method.assign(method.data(), method.size());
    out.head.target.assign(target.data(), target.size());
    if (target.empty() || target.front() != '/') {
        out.fault = fault(400, "the request target is not a path");
        return out;
    }
    out.fault = read_fields(fields, out.head);
    return out;
}

}  // namespace yett
