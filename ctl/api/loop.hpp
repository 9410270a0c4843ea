// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that answers: timers, signals and the socket take turns on it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace yett {

/// Everything runs on the thread that calls run(); callbacks never overlap. The destructor drops
/// what waits.
class Loop {
  public:
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Calls `run` every `period` from now on, never twice for a period that was missed.
    void every(std::chrono::milliseconds period, std::function<void()> run);
    /// Calls `run` once, in `delay`.
    void after(std::chrono::milliseconds delay, std::function<void()> run);
    /// Calls `run` with the number of each of these signals that arrives. They no longer end the
    /// process.
    void on_signals(const std::vector<int>& numbers, std::function<void(int)> run);
    /// Calls `run` as soon as the descriptor has something to read, again and again. The caller
    /// keeps it open, and `run` must read it.
    void on_readable(int fd, std::function<void()> run);
    /// The same, once. The caller keeps the descriptor open until then.
    void once_readable(int fd, std::function<void()> run);

    /// Calls `run` soon. The only function that any thread may call.
    void post(std::function<void()> run);

    /// Returns after stop().
    void run();
    void stop();

    /// For the server in this folder.
    [[nodiscard]] boost::asio::io_context& io();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace yett
