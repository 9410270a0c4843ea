// SPDX-License-Identifier: GPL-2.0-or-later
// /v1/ruleset and /v1/generations.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "api/if_match.hpp"
#include "daemon/routes.hpp"
#include "daemon/views.hpp"
#include "json/printer.hpp"

namespace yett {
namespace {

std::string etag(std::uint64_t generation) {
    return fmt::format("\"{}\"", generation);
}

ApiResponse with_etag(ApiResponse response, std::uint64_t generation) {
    response.headers.emplace_back("ETag", etag(generation));
    return response;
}

ApiResponse text_response(const std::string& text) {
    ApiResponse response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = text;
    return response;
}

ApiResponse invalid(const Submission& submission) {
    const auto errors = static_cast<std::size_t>(
        std::count_if(submission.diagnostics.begin(), submission.diagnostics.end(),
                      [](const auto& one) { return one.severity == Severity::error; }));
    const auto count = fmt::format("{} {}", errors, errors == 1 ? "error" : "errors");
    if (!submission.report.failed_tests.empty()) {
        return problem(
            {ErrorKind::invalid, "the ruleset does not do what its tests expect: " + count,
             "nothing has changed; mend the rules or the tests"},
            submission.diagnostics);
    }
    return problem({ErrorKind::invalid, "the ruleset is invalid: " + count, "nothing has changed"},
                   submission.diagnostics);
}

/// Microseconds by stage, in the order in which they pass.
Json times(const Submission& submission) {
    const auto& times = submission.report.times;
    return {{"parse", submission.parse}, {"check", submission.check}, {"compile", times.compile},
            {"stage", times.stage},      {"tests", times.tests},      {"save", times.save},
            {"settle", times.settle}};
}

ApiResponse answer(const Gate& gate, const Submission& submission, bool dry_run) {
    const auto& report = submission.report;
    std::vector<std::string> warnings = report.warnings;
    warnings.insert(warnings.end(), submission.hooks.warnings.begin(),
                    submission.hooks.warnings.end());
    const auto unsaved = dry_run ? std::vector<std::string>() : gate.unsaved();
    auto response = json_response({
        {"changed", report.changed},
        {"patched", report.patched},
        {"dry_run", dry_run},
        {"generation", gate.active().generation},
        {"previous", submission.previous},
        {"ruleset", gate.active().ruleset.name},
        {"rules", report.rules},
        {"sets", report.sets},
        {"boxes", report.boxes},
        {"tests", report.tests},
        {"microseconds", submission.microseconds},
        {"times", times(submission)},
        {"attached", to_json(submission.hooks.attached)},
        {"detached", to_json(submission.hooks.detached)},
        {"saved", unsaved.empty()},
        {"unsaved",
         unsaved.empty() ? Json(nullptr) : Json(fmt::format("{}", fmt::join(unsaved, "; ")))},
        {"warnings", warnings},
        {"diagnostics", to_json(submission.diagnostics)},
    });
    return with_etag(std::move(response), gate.active().generation);
}

/// A table that is full, or a kernel that refuses: the operator must make room either way.
ApiResponse refusal(const Error& error) {
    return error.kind == ErrorKind::kernel ? problem(507, error) : problem(error);
}

/// Empty: the request may go on.
std::optional<ApiResponse> check_if_match(const Gate& gate, const ApiRequest& request) {
    if (request.if_match.empty()) return std::nullopt;
    const auto now = etag(gate.active().generation);
    const auto holds = if_match_holds(request.if_match, now);
    if (!holds) return problem(holds.error());
    if (*holds) return std::nullopt;
    const std::string named = request.if_match == "," ? "nothing" : request.if_match;
    return with_etag(problem(412, {ErrorKind::conflict,
                                   "the ruleset has changed meanwhile: its generation is " + now +
                                       " now, not " + named,
                                   "read it again, and repeat your change"}),
                     gate.active().generation);
}

ApiResponse submit(Gate& gate, const std::string& text, bool dry_run, bool force) {
    const auto submission = gate.submit(text, dry_run, force);
    if (!submission) return refusal(submission.error());
    if (!submission->valid) return invalid(*submission);
    return answer(gate, *submission, dry_run);
}

ApiResponse put_ruleset(Gate& gate, const ApiRequest& request) {
    const auto dry_run = query_flag(request, "dry_run", false);
    if (!dry_run) return problem(dry_run.error());
    const auto force = query_flag(request, "force", false);
    if (!force) return problem(force.error());
    if (auto refused = check_if_match(gate, request)) return *refused;
    return submit(gate, request.body, *dry_run, *force);
}

ApiResponse get_ruleset(const Gate& gate, const ApiRequest& request) {
    const auto form = request.query.count("form") != 0 ? request.query.at("form") : "canonical";
    if (form == "source") return with_etag(text_response(gate.text()), gate.active().generation);
    if (form != "canonical") {
        return problem({ErrorKind::usage, "form is canonical or source", ""});
    }
    ApiResponse response;
    response.body = print(gate.active().ruleset);
    return with_etag(std::move(response), gate.active().generation);
}

ApiResponse list_generations(const Gate& gate) {
    auto list = Json::array();
    for (const auto& file : gate.store().generations()) {
        list.push_back({{"generation", file.generation},
                        {"saved", time_json(file.saved)},
                        {"active", file.generation == gate.active().generation},
                        {"bytes", file.bytes}});
    }
    return json_response({{"generations", list}});
}

Result<std::string> text_of(const Gate& gate, std::uint64_t generation) {
    auto text = gate.store().load_ruleset(generation);
    if (!text) return text.error();
    if (!*text) {
        return Error{ErrorKind::no, fmt::format("there is no generation {}", generation),
                     "the last 20 are kept"};
    }
    return **text;
}

ApiResponse get_generation(const Gate& gate, const ApiRequest& request) {
    const auto& name = request.arguments[0];
    std::uint64_t generation = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), generation);
    if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) {
        return problem({ErrorKind::usage, "a generation is a number", ""});
    }
    const auto text = text_of(gate, generation);
    return text ? text_response(*text) : problem(text.error());
}

std::uint64_t generation_before(const Gate& gate) {
    for (const auto& file : gate.store().generations()) {
        if (file.generation < gate.active().generation) return file.generation;
    }
    return 0;
}

ApiResponse rollback(Gate& gate, const ApiRequest& request) {
    const auto body = parse_object(request.body, {"generation"});
    if (!body) return problem(body.error());
    const auto force = query_flag(request, "force", false);
    if (!force) return problem(force.error());
    auto generation = generation_before(gate);
    if (body->contains("generation")) {
        const auto& wanted = (*body)["generation"];
        if (!wanted.is_number_unsigned()) {
            return problem({ErrorKind::usage, "a generation is a number", ""});
        }
        generation = wanted.get<std::uint64_t>();
    }
    if (auto refused = check_if_match(gate, request)) return *refused;
    const auto text = text_of(gate, generation);
    return text ? submit(gate, *text, false, *force) : problem(text.error());
}

}  // namespace

ApiResponse check_ruleset(const std::string& text) {
    const auto result = Gate::check_text(text);
    if (!result) return refusal(result.error());
    const auto& submission = *result;
    if (!submission.valid) return invalid(submission);
    return json_response({{"valid", true},
                          {"ruleset", submission.name},
                          {"rules", submission.report.rules},
                          {"sets", submission.report.sets},
                          {"boxes", submission.report.boxes},
                          {"tests", submission.report.tests},
                          {"diagnostics", to_json(submission.diagnostics)}});
}

void add_ruleset_routes(std::vector<Route>& routes, Gate& gate, CheckWorkers& workers) {
    routes.push_back({"GET", "/v1/ruleset", Role::reader, {"form"}, [&gate](const ApiRequest& r) {
                          return get_ruleset(gate, r);
                      }});
    routes.push_back({"PUT",
                      "/v1/ruleset",
                      Role::writer,
                      {"dry_run", "force"},
                      [&gate](const ApiRequest& r) { return put_ruleset(gate, r); },
                      Store::kMaxRuleset});
    routes.push_back(
        {"POST",
         "/v1/ruleset/check",
         Role::reader,
         {},
         {},
         Store::kMaxRuleset,
         [&workers](const ApiRequest& r, Reply reply) { workers.start(r, std::move(reply)); }});
    routes.push_back(
        {"POST", "/v1/ruleset/rollback", Role::writer, {"force"}, [&gate](const ApiRequest& r) {
             return rollback(gate, r);
         }});
    routes.push_back({"GET", "/v1/generations", Role::reader, {}, [&gate](const ApiRequest&) {
                          return list_generations(gate);
                      }});
    routes.push_back({"GET", "/v1/generations/{n}", Role::reader, {}, [&gate](const ApiRequest& r) {
                          return get_generation(gate, r);
                      }});
}

}  // namespace yett
