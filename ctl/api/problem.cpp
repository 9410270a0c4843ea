// SPDX-License-Identifier: GPL-2.0-or-later
// Errors as application/problem+json.
#include "api/problem.hpp"

#include <exception>
#include <new>

#include "api/json_text.hpp"

namespace yett {
namespace {

Json problem_json(int status, const Error& error) {
    return {{"type", "about:blank"},   {"title", reason_phrase(status)},
            {"status", status},        {"code", static_cast<int>(error.kind)},
            {"detail", error.message}, {"hint", error.hint}};
}

ApiResponse to_response(int status, const Json& body) {
    ApiResponse response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = to_text(body);
    return response;
}

}  // namespace

int http_status(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::no:
            return 404;
        case ErrorKind::usage:
            return 400;
        case ErrorKind::invalid:
            return 422;
        case ErrorKind::permission:
            return 403;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::unreachable:
        case ErrorKind::timeout:
            return 503;
        case ErrorKind::kernel:
        case ErrorKind::internal:
            break;
    }
    return 500;
}

const char* reason_phrase(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "Unknown";
    }
}

ApiResponse problem(int status, const Error& error) {
    return to_response(status, problem_json(status, error));
}

ApiResponse problem(const Error& error) {
    return problem(http_status(error.kind), error);
}

ApiResponse problem(const Error& error, const std::vector<Diagnostic>& diagnostics) {
    auto body = problem_json(422, error);
    body["diagnostics"] = to_json(diagnostics);
    return to_response(422, body);
}

ApiResponse no_memory() {
    return problem(507, {ErrorKind::kernel, "there is not enough memory for this request",
                         "ask for less at once, or give yettd more memory"});
}

ApiResponse answer_of(const std::function<ApiResponse()>& run) {
    try {
        return run();
    } catch (const std::bad_alloc&) {
        return no_memory();
    } catch (const std::exception& failure) {
        return problem(500, {ErrorKind::internal, std::string("unexpected: ") + failure.what(),
                             "please report this"});
    }
}

}  // namespace yett
