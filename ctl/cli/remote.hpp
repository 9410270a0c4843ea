// SPDX-License-Identifier: GPL-2.0-or-later
// The command line's side of the REST socket: one call, and safe ways into the JSON that came back.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "api/client.hpp"
#include "base/result.hpp"
#include "cli/verb.hpp"

namespace yett::cli {

using Json = nlohmann::ordered_json;

/// What the daemon said. An answer with an error status is an Answer too: see error_of().
struct Answer {
    int status = 0;
    std::string text;  ///< the body as it came
    Json value;        ///< the body read; null when it is no JSON

    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// Fails only when no answer came: no daemon, no permission, too late. Within 3 seconds the
/// operator knows that it does not answer, and where packets are filtered meanwhile.
Result<Answer> ask(const Context& context, const std::string& method, const std::string& target,
                   const std::string& body = {}, const Headers& headers = {});

/// The same, for a caller who can do without: silent, and gives up after `time`.
Result<Answer> ask_for(std::chrono::milliseconds time, const Context& context,
                       const std::string& method, const std::string& target);

/// The problem+json of an answer that is not ok.
Error error_of(const Answer& answer);

/// For verbs that print what the daemon says: asks, deals with every failure and with -j, and else
/// lets `show` print the value. Gives the exit code.
int ask_and_show(const Context& context, const std::string& method, const std::string& target,
                 const std::string& body, const std::function<int(const Json&)>& show);

/// Prints the answer's own JSON, as -j and -p ask for it.
void print_json(const Context& context, const Answer& answer);

/// Member of an object; a null when there is none, whatever `value` is.
const Json& at(const Json& value, const char* key);
/// Text of a string member, cleaned for a terminal; "-" for null or absent.
std::string text_at(const Json& value, const char* key);
/// 0 when the member is no non-negative integer.
std::uint64_t number_at(const Json& value, const char* key);
bool true_at(const Json& value, const char* key);

}  // namespace yett::cli
