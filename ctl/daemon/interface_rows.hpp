// SPDX-License-Identifier: GPL-2.0-or-later
// The list of /v1/interfaces, which /v1/counters carries too.
#pragma once

#include "api/json_text.hpp"
#include "base/result.hpp"
#include "daemon/gate.hpp"

namespace yett {

Result<Json> interface_rows(Gate& gate);

}  // namespace yett
