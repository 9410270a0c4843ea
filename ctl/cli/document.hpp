// SPDX-License-Identifier: GPL-2.0-or-later
// A rule file with everything that can be said of it without a kernel.
#pragma once

#include <string>

#include "json/reader.hpp"

namespace yett::cli {

/// Reads the text, judges it as a whole, and runs its tests on the reference. Each stage only when
/// the one before found no error; every diagnostic has its place.
Document judged(std::string text, const JsonLimits& limits);

}  // namespace yett::cli
