// SPDX-License-Identifier: GPL-2.0-or-later
// The log.
#include "daemon/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

namespace yett {
namespace {

/// "<4>" before the text: how journald reads a level from stderr (sd-daemon(3)).
class SyslogLevel : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& out) override {
        const char* prefix = "<6>";
        if (message.level >= spdlog::level::err) {
            prefix = "<3>";
        } else if (message.level == spdlog::level::warn) {
            prefix = "<4>";
        } else if (message.level <= spdlog::level::debug) {
            prefix = "<7>";
        }
        out.append(prefix, prefix + 3);
    }

    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<SyslogLevel>();
    }
};

}  // namespace

Result<void> start_log(const std::string& level) {
    const auto parsed = spdlog::level::from_str(level);
    if (parsed == spdlog::level::off && level != "off") {
        return Error{ErrorKind::usage, "\"" + level + "\" is not a log level",
                     "debug, info, warn, error or off"};
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    if (std::getenv("JOURNAL_STREAM") != nullptr) {
        formatter->add_flag<SyslogLevel>('*').set_pattern("%*%v");
    } else {
        formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l: %v");
    }
    auto logger = spdlog::stderr_logger_mt("yettd");
    logger->set_formatter(std::move(formatter));
    logger->set_level(parsed);
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
    return {};
}

}  // namespace yett
