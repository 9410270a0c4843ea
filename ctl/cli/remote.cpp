// SPDX-License-Identifier: GPL-2.0-or-later
// Calls of the daemon, and safe ways into its answers.
#include "cli/remote.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"
#include "cli/silence.hpp"

namespace yett::cli {

namespace {

Result<Answer> send(const Context& context, const std::string& method, const std::string& target,
                    const std::string& body, const Headers& headers, const Patience& patience) {
    auto response = request(context.socket_path, method, target, body, headers, patience);
    if (!response) return response.error();
    Answer answer;
    answer.status = response->status;
    answer.value = Json::parse(response->body, nullptr, false);
    if (answer.value.is_discarded()) answer.value = nullptr;
    answer.text = std::move(response->body);
    return answer;
}

}  // namespace

Result<Answer> ask(const Context& context, const std::string& method, const std::string& target,
                   const std::string& body, const Headers& headers) {
    Silence silence(context);
    Patience patience;
    patience.on_silence = [&](pid_t listener) { return silence.go_on(listener); };
    patience.on_connected = [&](pid_t listener) { silence.connected(listener); };
    auto answer = send(context, method, target, body, headers, patience);
    if (!answer) return silence.explain(answer.error());
    return answer;
}

Result<Answer> ask_for(std::chrono::milliseconds time, const Context& context,
                       const std::string& method, const std::string& target) {
    Patience patience;
    patience.total = time;
    return send(context, method, target, {}, {}, patience);
}

Error error_of(const Answer& answer) {
    const std::uint64_t code = number_at(answer.value, "code");
    if (code < 1 || code > 9) {
        return {ErrorKind::internal,
                fmt::format("the daemon answered {} without saying why", answer.status),
                "is it of the same version? see yett version"};
    }
    const Json& hint = at(answer.value, "hint");
    return {static_cast<ErrorKind>(code), text_at(answer.value, "detail"),
            hint.is_string() ? hint.get<std::string>() : std::string()};
}

int ask_and_show(const Context& context, const std::string& method, const std::string& target,
                 const std::string& body, const std::function<int(const Json&)>& show) {
    const auto answer = ask(context, method, target, body);
    if (!answer) return fail(context, answer.error());
    if (answer->value.is_null()) return fail(context, error_of(*answer));
    if (context.json) print_json(context, *answer);
    if (!answer->ok()) {
        const Error error = error_of(*answer);
        return context.json ? static_cast<int>(error.kind) : fail(context, error);
    }
    const int shown = context.json ? 0 : show(answer->value);
    return shown != 0 ? shown : exit_code_of_saving(answer->value);
}

void print_json(const Context& context, const Answer& answer) {
    constexpr auto replace = Json::error_handler_t::replace;
    print(context.pretty ? answer.value.dump(2, ' ', false, replace) : answer.text);
}

const Json& at(const Json& value, const char* key) {
    static const Json null;
    if (!value.is_object()) return null;
    const auto found = value.find(key);
    return found == value.end() ? null : *found;
}

std::string text_at(const Json& value, const char* key) {
    const Json& member = at(value, key);
    return member.is_string() ? printable(member.get_ref<const std::string&>()) : "-";
}

std::uint64_t number_at(const Json& value, const char* key) {
    const Json& member = at(value, key);
    return member.is_number_unsigned() ? member.get<std::uint64_t>() : 0;
}

bool true_at(const Json& value, const char* key) {
    const Json& member = at(value, key);
    return member.is_boolean() && member.get<bool>();
}

}  // namespace yett::cli
