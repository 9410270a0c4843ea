// SPDX-License-Identifier: GPL-2.0-or-later
// Errors as application/problem+json (RFC 9457).
#pragma once

#include <functional>
#include <vector>

#include "api/router.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace yett {

/// The HTTP status that goes with an error of this kind when nothing more is known.
int http_status(ErrorKind kind);
/// The reason phrase of RFC 9110; "Unknown" for others.
const char* reason_phrase(int status);

/// "code" is the error's kind: the exit code of the CLI.
ApiResponse problem(int status, const Error& error);
ApiResponse problem(const Error& error);
/// 422, with what is wrong and where.
ApiResponse problem(const Error& error, const std::vector<Diagnostic>& diagnostics);

/// 507: there is no memory for a request.
ApiResponse no_memory();
/// What `run` gives, or a problem for what it throws.
ApiResponse answer_of(const std::function<ApiResponse()>& run);

}  // namespace yett
