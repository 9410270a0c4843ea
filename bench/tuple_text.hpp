// SPDX-License-Identifier: GPL-2.0-or-later
// The text forms of ClassBench: rules as "@src/len dst/len slo : shi dlo : dhi proto/mask", headers
// as "src dst sport dport proto" in decimal numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tuple.hpp"

namespace yett::bench {

std::string to_classbench(const std::vector<Tuple>& rules);
std::string to_classbench(const std::vector<Header>& headers);

/// Flags behind the protocol are not tested: the line is read without them. The error names the
/// line. Rules of IPv6 write their addresses with colons; all are of one family.
Result<std::vector<Tuple>> read_classbench_rules(std::string_view text);
/// Columns behind the fifth (the rule that the maker of the trace had in mind) are not read.
Result<std::vector<Header>> read_classbench_headers(std::string_view text);

/// The same from a file, of one line at least. The error names the file, too.
Result<std::vector<Tuple>> load_classbench_rules(const std::string& path);
Result<std::vector<Header>> load_classbench_headers(const std::string& path);

}  // namespace yett::bench
