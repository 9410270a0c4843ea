// SPDX-License-Identifier: GPL-2.0-or-later
// One thread, two queues.
#include "daemon/work_thread.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <system_error>
#include <utility>

#include "api/problem.hpp"

namespace yett {

WorkThread::WorkThread(Loop& loop) : loop_(loop) {
    try {
        thread_ = std::thread([this] { go_on(); });
    } catch (const std::system_error& failure) {
        spdlog::warn("no thread can be made ({}): long work will keep others waiting",
                     failure.what());
    }
}

WorkThread::~WorkThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void WorkThread::post(Urgency urgency, std::string what, std::function<void()> work,
                      std::function<void()> then) {
    Work one{std::move(what), std::move(work), std::move(then)};
    if (!thread_.joinable()) {
        run(one);
        return tell(one);
    }
    {
        const std::lock_guard lock(mutex_);
        waiting_[static_cast<std::size_t>(urgency)].push_back(std::move(one));
    }
    wake_.notify_one();
}

void WorkThread::post_once(std::string what, std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        const auto& queue = waiting_[static_cast<std::size_t>(Urgency::change)];
        const bool waits = std::any_of(queue.begin(), queue.end(),
                                       [&](const Work& one) { return one.what == what; });
        if (waits) return;
    }
    post(Urgency::change, std::move(what), std::move(work));
}

void WorkThread::answer(Urgency urgency, std::string what, std::function<ApiResponse()> run,
                        Reply reply) {
    const auto response = std::make_shared<ApiResponse>();
    post(
        urgency, std::move(what), [response, run = std::move(run)] { *response = answer_of(run); },
        [response, reply = std::move(reply)] { reply(std::move(*response)); });
}

std::optional<WorkThread::Busy> WorkThread::busy() const {
    const std::lock_guard lock(mutex_);
    if (doing_.empty()) return std::nullopt;
    return Busy{doing_,
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since_)};
}

/// What goes wrong in one piece of work does not end the daemon: the next one may go well.
void WorkThread::run(Work& work) {
    try {
        work.run();
    } catch (const std::exception& failure) {
        spdlog::error("{}: {}", work.what, failure.what());
    }
}

/// Also what it holds belongs to the loop: it is given back there, not here.
void WorkThread::tell(Work& work) {
    if (!work.then) return;
    if (!thread_.joinable()) return work.then();
    loop_.post(std::move(work.then));
}

void WorkThread::go_on() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock,
                   [this] { return ending_ || !waiting_[0].empty() || !waiting_[1].empty(); });
        if (ending_) return;
        auto& queue = waiting_[0].empty() ? waiting_[1] : waiting_[0];
        Work work = std::move(queue.front());
        queue.pop_front();
        doing_ = work.what;
        since_ = Clock::now();
        lock.unlock();
        run(work);
        lock.lock();
        doing_.clear();  // before it is told: who asks then finds the gate at rest
        lock.unlock();
        tell(work);
        work = {};
        lock.lock();
    }
}

}  // namespace yett
