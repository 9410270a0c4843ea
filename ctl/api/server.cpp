// SPDX-License-Identifier: GPL-2.0-or-later
// Accepts connections, within bounds.
#include "api/server.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "api/problem.hpp"
#include "api/session.hpp"

namespace yett {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using boost::system::error_code;

struct Server::State {
    State(Loop& owner, Router table, ServerOptions wanted)
        : loop(owner),
          router(std::move(table)),
          options(std::move(wanted)),
          memory(options.memory),
          acceptor(loop.io()) {}

    [[nodiscard]] bool has_room(const Peer& peer) const {
        if (peer.uid == 0) return total < options.connections;
        const auto of_uid = by_uid.find(peer.uid);
        return total + options.reserved_for_root < options.connections &&
               (of_uid == by_uid.end() || of_uid->second < options.connections_of_uid);
    }

    void enter(const Peer& peer) {
        ++total;
        ++by_uid[peer.uid];
    }

    void leave(const Peer& peer) {
        --total;
        if (--by_uid[peer.uid] == 0) by_uid.erase(peer.uid);
    }

    Loop& loop;
    Router router;
    ServerOptions options;
    Budget memory;
    Fd listener;  ///< a second descriptor of the acceptor's socket
    Protocol::acceptor acceptor;
    std::size_t total = 0;
    std::map<uid_t, std::size_t> by_uid;
};

namespace {

/// One attempt without waiting: whoever is refused for want of room gets no coroutine.
void turn_away(Protocol::socket& socket) {
    const auto octets = to_octets(
        problem(503, {ErrorKind::timeout, "too many connections", "try again in a moment"}), false,
        true);
    (void)!::send(socket.native_handle(), octets.data(), octets.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL);
}

asio::awaitable<void> accept_all(std::shared_ptr<Server::State> state) {
    for (;;) {
        error_code error;
        auto socket =
            co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::operation_aborted || !state->acceptor.is_open()) co_return;
        if (error) {
            // Out of descriptors, most likely: give the others time to close theirs.
            asio::steady_timer pause(state->loop.io(), std::chrono::milliseconds(100));
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        const auto peer = peer_of(socket.native_handle(), state->options.access);
        if (!peer) continue;
        if (!state->has_room(*peer)) {
            turn_away(socket);
            continue;
        }
        state->enter(*peer);
        Fd fd(socket.release(error));
        start_session(state->loop, std::move(fd), state->router, state->options, state->memory,
                      *peer, [state, peer = *peer] { state->leave(peer); });
    }
}

}  // namespace

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;

Server::~Server() {
    if (!state_) return;
    remove_socket(state_->options.socket_path, state_->listener);
    error_code ignored;
    state_->acceptor.close(ignored);
}

Result<Server> Server::open(Loop& loop, Router router, ServerOptions options) {
    auto listener = listen_unix(options.socket_path, options.access);
    if (!listener) return listener.error();
    auto state = std::make_shared<State>(loop, std::move(router), std::move(options));
    state->listener = std::move(*listener);
    error_code error;
    const int second = ::dup(state->listener.get());
    state->acceptor.assign(Protocol(), second, error);
    if (error) return Error{ErrorKind::internal, "cannot watch the socket: " + error.message(), ""};
    asio::co_spawn(state->loop.io(), accept_all(state), asio::detached);
    return Server(std::move(state));
}

}  // namespace yett
