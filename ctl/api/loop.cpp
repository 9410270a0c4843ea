// SPDX-License-Identifier: GPL-2.0-or-later
// Timers, signals and readable descriptors on one thread.
#include "api/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace yett {
namespace {

namespace asio = boost::asio;

struct Ticker : std::enable_shared_from_this<Ticker> {
    Ticker(asio::io_context& io, std::chrono::milliseconds every, std::function<void()> what)
        : timer(io), period(every), run(std::move(what)) {}

    void arm() {
        timer.expires_after(period);
        timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (error) return;
            self->run();
            self->arm();
        });
    }

    asio::steady_timer timer;
    std::chrono::milliseconds period;
    std::function<void()> run;
};

struct Signals : std::enable_shared_from_this<Signals> {
    Signals(asio::io_context& io, std::function<void(int)> what) : set(io), run(std::move(what)) {}

    void arm() {
        set.async_wait([self = shared_from_this()](boost::system::error_code error, int number) {
            if (error) return;
            self->run(number);
            self->arm();
        });
    }

    asio::signal_set set;
    std::function<void(int)> run;
};

struct Watcher : std::enable_shared_from_this<Watcher> {
    Watcher(asio::io_context& io, int fd, std::function<void()> what)
        : descriptor(io, fd), run(std::move(what)) {}
    ~Watcher() {
        if (descriptor.is_open()) descriptor.release();
    }

    void arm(bool again) {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this(), again](boost::system::error_code error) {
                                  if (error) return;
                                  if (!again) self->descriptor.release();
                                  self->run();
                                  if (again) self->arm(true);
                              });
    }

    asio::posix::stream_descriptor descriptor;
    std::function<void()> run;
};

}  // namespace

struct Loop::State {
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> until_stopped{io.get_executor()};
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::every(std::chrono::milliseconds period, std::function<void()> run) {
    std::make_shared<Ticker>(state_->io, period, std::move(run))->arm();
}

void Loop::on_signals(const std::vector<int>& numbers, std::function<void(int)> run) {
    auto signals = std::make_shared<Signals>(state_->io, std::move(run));
    for (const int number : numbers)
        signals->set.add(number);
    signals->arm();
}

void Loop::on_readable(int fd, std::function<void()> run) {
    std::make_shared<Watcher>(state_->io, fd, std::move(run))->arm(true);
}

void Loop::once_readable(int fd, std::function<void()> run) {
    std::make_shared<Watcher>(state_->io, fd, std::move(run))->arm(false);
}

void Loop::after(std::chrono::milliseconds delay, std::function<void()> run) {
    auto timer = std::make_shared<asio::steady_timer>(state_->io, delay);
    timer->async_wait([timer, what = std::move(run)](boost::system::error_code error) {
        if (!error) what();
    });
}

void Loop::post(std::function<void()> run) {
    asio::post(state_->io, std::move(run));
}

asio::io_context& Loop::io() {
    return state_->io;
}
void Loop::run() {
    state_->io.run();
}
void Loop::stop() {
    state_->io.stop();
}

}  // namespace yett
