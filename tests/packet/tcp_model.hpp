// SPDX-License-Identifier: GPL-2.0-or-later
// Two TCP endpoints as RFC 9293 and RFC 5961 have them, without timers and congestion: what they
// send, in which order it comes, and what is lost, is the caller's.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "abi/fields.h"

namespace yett::corpus {

struct Segment {
    unsigned flags = 0;  ///< YETT_TCP_*
    std::uint32_t seq = 0, ack = 0, len = 0;

    [[nodiscard]] bool has(unsigned flag) const { return (flags & flag) != 0; }
    /// Behind what it takes of sequence space.
    [[nodiscard]] std::uint32_t end() const {
        return seq + len + (has(YETT_TCP_SYN) ? 1 : 0) + (has(YETT_TCP_FIN) ? 1 : 0);
    }
};

class Endpoint {
  public:
    enum class State { closed, syn_sent, syn_received, open, time_wait };

    /// One that serves answers a SYN where it has no connection.
    Endpoint(std::mt19937_64& random, bool serves) : random_(random), serves_(serves) {}

    void connect();
    void send(std::uint32_t len);
    void close();
    void abort();
    /// Forgets everything and says nothing.
    void crash();
    void retransmit();
    void receive(const Segment& segment);
    /// What it has sent since the last call.
    std::vector<Segment> take_sent();

    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool all_acknowledged() const { return una_ == next_; }

  private:
    void emit(unsigned flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t len = 0);
    void acknowledge();
    void reset_for(const Segment& segment);
    void accept(const Segment& syn);
    void receive_closed(const Segment& segment);
    void receive_syn_sent(const Segment& segment);
    void receive_known(const Segment& segment);
    void receive_syn(const Segment& segment);
    void receive_reset(const Segment& segment);
    bool receive_ack(const Segment& segment);
    void receive_data(const Segment& segment);
    void end_where_both_closed();

    std::mt19937_64& random_;
    bool serves_;
    State state_ = State::closed;
    bool fin_sent_ = false, fin_received_ = false, closed_first_ = false;
    std::uint32_t iss_ = 0, una_ = 0, next_ = 0, received_ = 0;
    std::vector<Segment> sent_;
};

}  // namespace yett::corpus
