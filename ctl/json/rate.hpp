// SPDX-License-Identifier: GPL-2.0-or-later
// Rates and amounts of octets as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/limit.hpp"

namespace yett {

/// "50/s", "600/min", "10/h"; octets: "800B/s", "500kB/s", "10MB/s", "1GB/s" (powers of 1000),
/// "100Mbit/s". Errors are of kind invalid.
Result<Rate> parse_rate(std::string_view text);
/// What `text` would be here, in the words of other filters: "10/minute" is "10/min". Nothing when
/// that is no rate either.
std::optional<std::string> usual_rate(std::string_view text);
/// In the greatest unit that divides it.
std::string print_rate(const Rate& rate);
/// "64kB", "1MB": octets.
Result<std::uint64_t> parse_octets(std::string_view text);

}  // namespace yett
