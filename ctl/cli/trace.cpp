// SPDX-License-Identifier: GPL-2.0-or-later
// yett trace: the loaded programs judge one packet, which is neither counted nor sent.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/output.hpp"
#include "cli/remote.hpp"

namespace yett::cli {
namespace {

struct TraceArguments {
    std::string packet;
    std::string frame;
    std::string interface;
    std::string direction;
    std::string expect;
};

std::string request_body(const TraceArguments& arguments) {
    Json body = Json::object();
    if (!arguments.packet.empty()) body["packet"] = arguments.packet;
    if (!arguments.frame.empty()) body["frame_hex"] = arguments.frame;
    if (!arguments.interface.empty()) body["iface"] = arguments.interface;
    if (!arguments.direction.empty()) body["direction"] = arguments.direction;
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string fields_of(const Json& value) {
    std::string text;
    const Json& fields = at(value, "fields");
    if (!fields.is_object()) return text;
    for (const auto& [key, field] : fields.items()) {
        const std::string shown = field.is_string() ? text_at(fields, key.c_str()) : field.dump();
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(key), shown);
    }
    return text;
}

void show_verdict(const Context& context, const Json& value) {
    const std::string verdict = text_at(value, "verdict");
    const bool by_rule = at(value, "rule").is_string();
    if (context.terse) {
        print(fmt::format("{}\t{}\t{}", verdict, text_at(value, "rule"), text_at(value, "reason")));
        return;
    }
    if (by_rule) {
        print(
            fmt::format("{} by {} ({})", verdict, text_at(value, "rule"), text_at(value, "text")));
    } else {
        print(fmt::format("{} before any rule: {} ({})", verdict, text_at(value, "reason"),
                          text_at(value, "text")));
    }
    if (at(value, "would_pass").is_string())
        print(fmt::format("{} would have passed it: \"exceptions\": {{\"{}\": \"pass\"}}",
                          text_at(value, "would_pass"), text_at(value, "reason")));
    print(fmt::format("on {} {}, generation {}", text_at(value, "iface"),
                      text_at(value, "direction"), number_at(value, "generation")));
    print("read: " + fields_of(value));
    const Json& unknown = at(value, "unknown");
    if (!unknown.empty()) print("could not be read: " + printable(unknown.dump()));
}

int run_trace(const Context& context, const TraceArguments& arguments) {
    const auto answer = ask(context, "POST", "/v1/trace", request_body(arguments));
    if (!answer) return fail(context, answer.error());
    if (!answer->ok()) {
        if (!context.json) return fail(context, error_of(*answer));
        print_json(context, *answer);
        return static_cast<int>(error_of(*answer).kind);
    }
    if (context.json) {
        print_json(context, *answer);
    } else {
        show_verdict(context, answer->value);
    }
    if (arguments.expect.empty() || text_at(answer->value, "verdict") == arguments.expect) return 0;
    if (!context.json) print("expected " + arguments.expect);
    return static_cast<int>(ErrorKind::no);
}

}  // namespace

Run add_trace(CLI::App& command) {
    auto arguments = std::make_shared<TraceArguments>();
    auto* packet = command.add_option("packet", arguments->packet,
                                      "such as \"tcp 203.0.113.9:4444 > 198.51.100.7:22 syn\"");
    auto* frame = command.add_option("--frame", arguments->frame, "a whole frame, in hex");
    packet->excludes(frame);
    command.add_option("--in", arguments->interface, "interface; the ruleset's first when absent");
    command.add_option("--direction", arguments->direction, "ingress (default) or egress")
        ->check(CLI::IsMember({"ingress", "egress"}));
    command.add_option("--expect", arguments->expect, "exit 1 unless this is the verdict")
        ->check(CLI::IsMember({"pass", "drop"}));
    return [arguments, packet, frame](const Context& context) {
        if (packet->count() + frame->count() == 0) {
            return fail(context,
                        {ErrorKind::usage, "no packet to trace",
                         "give it in words, or as hex after --frame; see yett trace --help"});
        }
        return run_trace(context, *arguments);
    };
}

}  // namespace yett::cli
