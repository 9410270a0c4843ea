// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/tcp_world.hpp"

#include <fmt/format.h>

#include <utility>

namespace yett::corpus {

std::string words_of(const Segment& segment) {
    std::string flags;
#define YETT_SAY_FLAG(name, word, bit) \
    if (segment.has(bit)) flags += flags.empty() ? word : "," word;
    YETT_TCP_FLAGS(YETT_SAY_FLAG)
#undef YETT_SAY_FLAG
    return fmt::format("{} seq {} ack {} len {}", flags.empty() ? "none" : flags, segment.seq,
                       segment.ack, segment.len);
}

World::World(std::uint64_t seed, bool strays, Gate gate)
    : random_(seed),
      gate_(std::move(gate)),
      strays_(strays),
      client_inside_(any(2) == 0),
      client_(random_, false),
      server_(random_, true) {}

void World::note(const std::string& words) {
    history_ += words + "\n";
}

void World::collect() {
    for (const bool inside : {false, true})
        for (const Segment& segment : end_of(inside).take_sent()) {
            last_[inside] = segment;
            way_[inside].leg[0].push_back(segment);
        }
}

/// One segment goes on by one leg; one in seven has overtaken others.
void World::move(bool from_inside, int leg) {
    auto& queue = way_[from_inside].leg[leg];
    const std::size_t at = any(7) == 0 ? any(queue.size()) : 0;
    const Segment segment = queue[at];
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
    if (leg == 1) {
        end_of(!from_inside).receive(segment);
        return collect();
    }
    const std::string state = gate_(segment, from_inside);
    note(fmt::format("{} {}: {}", from_inside ? "out" : "in", words_of(segment), state));
    if (state != "invalid") way_[from_inside].leg[1].push_back(segment);
}

void World::app(Endpoint& end, bool client) {
    switch (any(8)) {
        case 0:
        case 1:
            if (client) end.connect();
            break;
        case 2:
            end.send(static_cast<std::uint32_t>(1 + any(1000)));
            break;
        case 3:
            end.close();
            break;
        case 4:
            if (any(4) == 0) end.abort();
            break;
        case 5:
            if (any(4) == 0) {
                note(client ? "the client crashes" : "the server crashes");
                end.crash();
            }
            break;
        default:
            end.retransmit();
    }
    collect();
}

/// Somebody who knows addresses and ports, and perhaps numbers that were on the wire.
void World::stray() {
    constexpr unsigned kFlags[] = {YETT_TCP_SYN,
                                   YETT_TCP_ACK,
                                   YETT_TCP_SYN | YETT_TCP_ACK,
                                   YETT_TCP_FIN | YETT_TCP_ACK,
                                   YETT_TCP_RST,
                                   YETT_TCP_RST | YETT_TCP_ACK};
    const bool from_inside = any(2) != 0;
    const auto near = [&](std::uint32_t number) {
        return any(2) != 0 ? number + static_cast<std::uint32_t>(any(3)) - 1
                           : static_cast<std::uint32_t>(random_());
    };
    Segment forged{kFlags[any(6)], near(last_[from_inside].seq), near(last_[!from_inside].end()),
                   static_cast<std::uint32_t>(any(3) * 100)};
    if (!forged.has(YETT_TCP_ACK)) forged.ack = 0;
    if (forged.has(YETT_TCP_SYN | YETT_TCP_RST)) forged.len = 0;
    way_[from_inside].leg[0].push_back(forged);
}

void World::step() {
    const std::uint64_t what = any(100);
    const bool from_inside = any(2) != 0;
    const int leg = static_cast<int>(any(2));
    auto& queue = way_[from_inside].leg[leg];
    if (what < 12) return app(client_, true);
    if (what < 22) return app(server_, false);
    if (what < 24 && strays_) return stray();
    if (queue.empty()) return;
    if (what < 28)
        queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(any(queue.size())));
    else if (what < 31)
        queue.push_back(queue[any(queue.size())]);
    else
        move(from_inside, leg);
}

/// All that is on its way arrives, in order. False: they never fall silent.
bool World::drain() {
    for (int i = 0; i < 1000; ++i) {
        bool moved = false;
        for (const bool from_inside : {false, true})
            for (const int leg : {1, 0}) {
                auto& queue = way_[from_inside].leg[leg];
                if (queue.empty()) continue;
                move(from_inside, leg);
                moved = true;
            }
        if (!moved) return true;
    }
    return false;
}

int World::connect() {
    note("everything arrives from here on");
    drain();
    if (client_.state() != Endpoint::State::closed) client_.crash();
    note("the client connects");
    client_.connect();
    collect();
    int seconds = 0;
    for (int wait = 1; seconds < 30; seconds += wait, wait *= 2) {
        if (!drain()) return -1;
        if (client_.state() == Endpoint::State::closed) client_.connect();
        const bool open = client_.state() == Endpoint::State::open;
        if (open && server_.state() == Endpoint::State::open) break;
        client_.retransmit();
        server_.retransmit();
        collect();
    }
    client_.send(100);
    server_.send(100);
    collect();
    drain();
    const bool done = client_.state() == Endpoint::State::open && client_.all_acknowledged() &&
                      server_.state() == Endpoint::State::open && server_.all_acknowledged();
    return done ? seconds : -1;
}

}  // namespace yett::corpus
