// SPDX-License-Identifier: GPL-2.0-or-later
// The head of an HTTP request: bounded before it is parsed, and strict where lenience lets requests
// be smuggled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yett {

inline constexpr std::size_t kMaxRequestLine = 8 * 1024;
inline constexpr std::size_t kMaxHead = 32 * 1024;
/// What any route may take; most take less (Route::longest_body).
inline constexpr std::uint64_t kMaxBody = 64 * 1024 * 1024;

/// What is wrong with a head: an HTTP status, and words. The connection is closed after such an
/// answer.
struct HeadFault {
    int status = 400;
    std::string message;
};

struct Head {
    std::string method;
    std::string target;
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
    std::string if_match;
};

/// Looks for the end of the head in what was received so far: how many octets it takes, the empty
/// line included. 0: not there yet. A fault as soon as no continuation can make it right (too long,
/// a bare LF or CR, a NUL).
struct HeadScan {
    std::size_t length = 0;
    std::optional<HeadFault> fault;
};
/// `from`: octets that an earlier call has looked at already.
HeadScan scan_head(std::string_view received, std::size_t from = 0);

/// Parses a complete head (RFC 9112). A fault for whatever could be read in two ways:
/// Transfer-Encoding (501), several Content-Length or Host, folded lines, a target that is not a
/// path, an unknown Expect (417), a body over the bound (413).
struct HeadResult {
    Head head;
    std::optional<HeadFault> fault;
};
HeadResult parse_head(std::string_view text);

}  // namespace yett
