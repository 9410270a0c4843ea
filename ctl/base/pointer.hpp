// SPDX-License-Identifier: GPL-2.0-or-later
// JSON pointers (RFC 6901): how a diagnostic says where.
#pragma once

#include <string>
#include <string_view>

namespace yett {

/// Escapes one token ("~" and "/").
std::string pointer_token(std::string_view text);

}  // namespace yett
