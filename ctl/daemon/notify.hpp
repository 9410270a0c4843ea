// SPDX-License-Identifier: GPL-2.0-or-later
// What systemd is told (sd_notify). Without systemd nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace yett::notify {

void ready(const std::string& status);
void reloading();
void stopping();
void watchdog();
/// How often watchdog() must be called at least, if at all.
std::optional<std::chrono::milliseconds> watchdog_period();

}  // namespace yett::notify
