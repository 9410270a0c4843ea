// SPDX-License-Identifier: GPL-2.0-or-later
// One connection. Only the .cpp files of this folder include it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <optional>
#include <string>

#include "api/head.hpp"
#include "api/router.hpp"
#include "api/server.hpp"

namespace yett {

using LocalStream = boost::beast::basic_stream<boost::asio::local::stream_protocol>;

/// Reads requests and writes answers until one side closes. Router and options must outlive it.
class Session {
  public:
    Session(LocalStream stream, const Router& router, const ServerOptions& options, Peer peer)
        : stream_(std::move(stream)), router_(router), options_(options), peer_(peer) {}

    boost::asio::awaitable<void> run();

  private:
    boost::asio::awaitable<std::optional<HeadResult>> read_head();
    boost::asio::awaitable<bool> read_body(const Head& head, std::string& body);
    /// false: the connection is done.
    boost::asio::awaitable<bool> serve_one();
    boost::asio::awaitable<bool> write(const ApiResponse& response, const Head& head, bool keep);
    /// Lets the peer read the answer before the close throws away what it still sends.
    boost::asio::awaitable<void> linger();
    boost::asio::awaitable<bool> receive();

    LocalStream stream_;
    const Router& router_;
    const ServerOptions& options_;
    Peer peer_;
    std::string buffer_;  ///< received, not yet used
};

/// The octets of an answer. `with_body` false for HEAD.
std::string to_octets(const ApiResponse& response, bool keep_alive, bool with_body);

}  // namespace yett
