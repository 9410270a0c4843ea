// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of sets.
#include "cli/set_edit.hpp"

#include <fmt/format.h>

#include "cli/output.hpp"

namespace yett::cli {
namespace {

int exit_code_of(const Json& value) {
    if (const int code = exit_code_of_saving(value); code != 0) return code;
    return number_at(value, "missing") == 0 ? 0 : static_cast<int>(ErrorKind::no);
}

}  // namespace

int ask_and_show_edit(const Context& context, const std::string& method, const std::string& target,
                      const std::string& body, const std::function<void(const Json&)>& show) {
    const auto answer = ask(context, method, target, body);
    if (!answer) return fail(context, answer.error());
    if (answer->value.is_null()) return fail(context, error_of(*answer));
    if (context.json) print_json(context, *answer);
    if (!answer->ok()) {
        const Error error = error_of(*answer);
        return context.json ? static_cast<int>(error.kind) : fail(context, error);
    }
    if (!context.json) show(answer->value);
    return exit_code_of(answer->value);
}

}  // namespace yett::cli
