// SPDX-License-Identifier: GPL-2.0-or-later
// The precondition of a write: RFC 9110 13.1.1.
#pragma once

#include <string_view>

#include "base/result.hpp"

namespace yett {

/// Whether a request with `If-Match: field` may go on where `tag` (`"7"`, with its quotes) is the
/// entity tag of now. "*" holds always; of a list one must be it, compared strongly: a weak tag
/// (W/"7") is none. An empty list names none, so nothing holds. Fails with kind usage for what is
/// neither.
Result<bool> if_match_holds(std::string_view field, std::string_view tag);

}  // namespace yett
