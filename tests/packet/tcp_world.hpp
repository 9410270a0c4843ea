// SPDX-License-Identifier: GPL-2.0-or-later
// A client and a server, the network between them, and a gate in its middle: packets are lost,
// doubled, and overtake each other on both sides of the gate; hosts crash.
#pragma once

#include <functional>
#include <string>

#include "packet/tcp_model.hpp"

namespace yett::corpus {

class World {
  public:
    /// What the gate says of a segment, sent from the inner side or the outer: a state's name. What
    /// is "invalid" does not get through.
    using Gate = std::function<std::string(const Segment&, bool from_inside)>;

    World(std::uint64_t seed, bool strays, Gate gate);

    /// Something happens, at random.
    void step();
    /// Afterwards nothing is lost any more, and the client connects with the same ports. Seconds
    /// until it is connected and data has gone both ways, by Linux' clock for SYNs that get no
    /// answer (1, 2, 4 ... s); -1: never within half a minute.
    int connect();

    [[nodiscard]] const std::string& history() const { return history_; }

  private:
    /// Before the gate, and behind it.
    struct Way {
        std::vector<Segment> leg[2];
    };

    [[nodiscard]] std::uint64_t any(std::uint64_t count) { return random_() % count; }
    Endpoint& end_of(bool inside) { return inside == client_inside_ ? client_ : server_; }
    void app(Endpoint& end, bool client);
    void collect();
    void move(bool from_inside, int leg);
    void stray();
    bool drain();
    void note(const std::string& words);

    std::mt19937_64 random_;
    Gate gate_;
    bool strays_, client_inside_;
    Endpoint client_, server_;
    Way way_[2];  ///< by whether from inside
    Segment last_[2];
    std::string history_;
};

/// "syn,ack seq 5 ack 7 len 0".
std::string words_of(const Segment& segment);

}  // namespace yett::corpus
