// SPDX-License-Identifier: GPL-2.0-or-later
// Escapes of JSON pointers.
#include "base/pointer.hpp"

namespace yett {

std::string pointer_token(std::string_view text) {
    std::string token;
    for (const char c : text) {
        if (c == '~') {
            token += "~0";
        } else if (c == '/') {
            token += "~1";
        } else {
            token += c;
        }
    }
    return token;
}

}  // namespace yett
