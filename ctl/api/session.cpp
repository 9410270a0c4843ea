// SPDX-License-Identifier: GPL-2.0-or-later
// One connection: head, body, answer, and again.
#include "api/session.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <exception>
#include <memory>
#include <new>
#include <optional>

#include "api/head.hpp"
#include "api/problem.hpp"

namespace yett {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kChunk = 16 * 1024;
constexpr std::chrono::milliseconds kLinger{1000};

ApiResponse too_long(const Head& head, const Route& route) {
    return problem(413,
                   {ErrorKind::usage,
                    "the body has " + std::to_string(head.content_length) + " octets, at most " +
                        std::to_string(route.longest_body) + " are taken here",
                    ""});
}

Error busy() {
    return {ErrorKind::timeout, "too much is being sent and answered at once",
            "try again in a moment"};
}

using LocalStream = boost::beast::basic_stream<boost::asio::local::stream_protocol>;

/// Reads requests and writes answers until one side closes. Router and options must outlive it.
class Session {
  public:
    Session(LocalStream stream, const Router& router, const ServerOptions& options, Budget& memory,
            Peer peer)
        : stream_(std::move(stream)),
          router_(router),
          options_(options),
          memory_(memory),
          peer_(peer) {}

    asio::awaitable<void> run();

  private:
    asio::awaitable<std::optional<HeadResult>> read_head();
    asio::awaitable<bool> read_body(const Head& head, std::string& body);
    /// false: the connection is done.
    asio::awaitable<bool> serve_one();
    asio::awaitable<bool> serve_route(const Head& head, Resolution resolution);
    asio::awaitable<ApiResponse> answer(const Route& route, const ApiRequest& request);
    asio::awaitable<bool> write(const ApiResponse& response, const Head& head, bool keep);
    /// Lets the peer read the answer before the close throws away what it still sends.
    asio::awaitable<void> linger();
    asio::awaitable<bool> receive();

    LocalStream stream_;
    const Router& router_;
    const ServerOptions& options_;
    Budget& memory_;
    Peer peer_;
    std::string buffer_;  ///< received, not yet used
};

}  // namespace

std::string to_octets(const ApiResponse& response, bool keep_alive, bool with_body) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                      reason_phrase(response.status) + "\r\n";
    out += "Content-Type: " + response.content_type + "\r\n";
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    out += "Cache-Control: no-store\r\n";
    for (const auto& [name, value] : response.headers)
        out += name + ": " + value + "\r\n";
    if (!keep_alive) out += "Connection: close\r\n";
    out += "\r\n";
    if (with_body) out += response.body;
    return out;
}

asio::awaitable<bool> Session::receive() {
    std::array<char, kChunk> chunk;
    error_code error;
    const auto size = co_await stream_.async_read_some(
        asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    buffer_.append(chunk.data(), size);
    co_return true;
}

asio::awaitable<std::optional<HeadResult>> Session::read_head() {
    if (buffer_.empty()) {
        stream_.expires_after(options_.idle_time);
        const bool received = co_await receive();
        if (!received) co_return std::nullopt;
    }
    stream_.expires_after(options_.head_time);
    std::size_t looked_at = 0;
    for (;;) {
        auto scan = scan_head(buffer_, looked_at);
        if (scan.fault) {
            HeadResult wrong;
            wrong.fault = std::move(scan.fault);
            co_return wrong;
        }
        if (scan.length > 0) {
            auto result = parse_head(std::string_view(buffer_).substr(0, scan.length));
            buffer_.erase(0, scan.length);
            co_return result;
        }
        looked_at = buffer_.size();
        const bool received = co_await receive();
        if (!received) co_return std::nullopt;
    }
}

asio::awaitable<bool> Session::read_body(const Head& head, std::string& body) {
    stream_.expires_after(options_.body_time);
    if (head.expects_continue && buffer_.empty()) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        error_code error;
        co_await asio::async_write(stream_, asio::buffer(go_on.data(), go_on.size()),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return false;
    }
    buffer_.reserve(head.content_length);
    while (buffer_.size() < head.content_length) {
        const bool received = co_await receive();
        if (!received) co_return false;
    }
    if (buffer_.size() == head.content_length) {
        body = std::move(buffer_);
        buffer_ = {};
        co_return true;
    }
    body = buffer_.substr(0, head.content_length);
    buffer_.erase(0, head.content_length);
    co_return true;
}

asio::awaitable<bool> Session::write(const ApiResponse& response, const Head& head, bool keep) {
    stream_.expires_after(options_.body_time);
    const auto octets = to_octets(response, keep, head.method != "HEAD");
    error_code error;
    co_await asio::async_write(stream_, asio::buffer(octets),
                               asio::redirect_error(asio::use_awaitable, error));
    if (options_.on_answer) options_.on_answer(peer_, head.method, head.target, response.status);
    co_return !error && keep;
}

asio::awaitable<bool> Session::serve_one() {
    const auto result = co_await read_head();
    if (!result) co_return false;
    const Head& head = result->head;
    if (result->fault) {
        const auto refusal =
            problem(result->fault->status, {ErrorKind::usage, result->fault->message, ""});
        co_await write(refusal, head, false);
        co_return false;
    }
    auto resolution = router_.resolve(head.method, head.target, peer_);
    if (resolution.route == nullptr) {
        // Its body is not read: nobody who may not write makes us take it.
        const bool keep = head.keep_alive && head.content_length == 0;
        const bool goes_on = co_await write(resolution.refusal, head, keep);
        co_return goes_on;
    }
    const bool goes_on = co_await serve_route(head, std::move(resolution));
    co_return goes_on;
}

asio::awaitable<bool> Session::serve_route(const Head& head, Resolution resolution) {
    if (head.content_length > resolution.route->longest_body) {
        co_await write(too_long(head, *resolution.route), head, false);
        co_return false;
    }
    const auto held = memory_.take(peer_.uid, head.content_length);
    if (!held) {
        co_await write(problem(503, busy()), head, false);
        co_return false;
    }
    bool complete = false, lacks_memory = false;
    try {
        complete = co_await read_body(head, resolution.request.body);
    } catch (const std::bad_alloc&) {
        lacks_memory = true;
    }
    if (lacks_memory) co_await write(no_memory(), head, false);
    if (!complete) co_return false;
    resolution.request.if_match = head.if_match;
    auto response = co_await answer(*resolution.route, resolution.request);
    const auto held_too = memory_.take(peer_.uid, response.body.size());
    if (!held_too) response = problem(503, busy());
    const bool goes_on = co_await write(response, head, head.keep_alive);
    co_return goes_on;
}

asio::awaitable<ApiResponse> Session::answer(const Route& route, const ApiRequest& request) {
    if (!route.start) co_return answer_of([&] { return route.run(request); });
    struct Waiting {
        explicit Waiting(asio::steady_timer timer) : done(std::move(timer)) {}
        asio::steady_timer done;
        ApiResponse response;
    };
    using Never = asio::steady_timer::time_point;
    const auto executor = co_await asio::this_coro::executor;
    auto waiting = std::make_shared<Waiting>(asio::steady_timer(executor, Never::max()));
    try {
        route.start(request, [waiting](ApiResponse response) {
            waiting->response = std::move(response);
            waiting->done.expires_at(Never::min());  // ends a wait that has begun, and one to come
        });
    } catch (const std::bad_alloc&) {
        co_return no_memory();
    }
    error_code ignored;
    co_await waiting->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    co_return std::move(waiting->response);
}

asio::awaitable<void> Session::linger() {
    error_code error;
    stream_.socket().shutdown(asio::local::stream_protocol::socket::shutdown_send, error);
    if (error) co_return;
    stream_.expires_after(kLinger);
    for (;;) {
        buffer_.clear();
        const bool received = co_await receive();
        if (!received) co_return;
    }
}

asio::awaitable<void> Session::run() {
    for (;;) {
        const bool goes_on = co_await serve_one();
        if (!goes_on) break;
    }
    co_await linger();
}

namespace {

asio::awaitable<void> run_session(Session session, std::function<void()> done) {
    try {
        co_await session.run();
    } catch (const std::exception&) {
        // Without memory even for the words: the connection ends.
    }
    done();
}

}  // namespace

void start_session(Loop& loop, Fd socket, const Router& router, const ServerOptions& options,
                   Budget& memory, const Peer& peer, std::function<void()> done) {
    LocalStream stream(loop.io());
    error_code error;
    stream.socket().assign(asio::local::stream_protocol(), socket.get(), error);
    if (error) return done();
    (void)socket.release();
    Session session(std::move(stream), router, options, memory, peer);
    asio::co_spawn(loop.io(), run_session(std::move(session), std::move(done)), asio::detached);
}

}  // namespace yett
