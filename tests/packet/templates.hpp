// SPDX-License-Identifier: GPL-2.0-or-later
// Forty frames of every shape that the parsers know: to be cut, flipped, and fed to a fuzzer.
#pragma once

#include <string>
#include <vector>

#include "packet/frames.hpp"

namespace yett::corpus {

struct Template {
    std::string name;
    Octets frame;
};

std::vector<Template> templates();

}  // namespace yett::corpus
