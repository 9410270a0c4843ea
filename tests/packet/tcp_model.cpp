// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/tcp_model.hpp"

#include <utility>

namespace yett::corpus {
namespace {

constexpr std::uint32_t kWindow = 65535;

bool before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
}

}  // namespace

void Endpoint::emit(unsigned flags, std::uint32_t seq, std::uint32_t ack, std::uint32_t len) {
    sent_.push_back({flags, seq, flags & YETT_TCP_ACK ? ack : 0, len});
}

std::vector<Segment> Endpoint::take_sent() {
    return std::exchange(sent_, {});
}

void Endpoint::acknowledge() {
    emit(YETT_TCP_ACK, next_, received_);
}

/// RFC 9293 3.10.7.1: it must look right to whoever sent the segment.
void Endpoint::reset_for(const Segment& segment) {
    if (segment.has(YETT_TCP_ACK))
        emit(YETT_TCP_RST, segment.ack, 0);
    else
        emit(YETT_TCP_RST | YETT_TCP_ACK, 0, segment.end());
}

void Endpoint::connect() {
    if (state_ != State::closed) return;
    iss_ = una_ = static_cast<std::uint32_t>(random_());
    next_ = iss_ + 1;
    received_ = 0;
    fin_sent_ = fin_received_ = closed_first_ = false;
    state_ = State::syn_sent;
    emit(YETT_TCP_SYN, iss_, 0);
}

void Endpoint::send(std::uint32_t len) {
    if (state_ != State::open || fin_sent_ || next_ - una_ + len > kWindow) return;
    emit(YETT_TCP_ACK | YETT_TCP_PSH, next_, received_, len);
    next_ += len;
}

void Endpoint::close() {
    if (state_ == State::syn_sent) state_ = State::closed;
    if (state_ != State::open || fin_sent_) return;
    emit(YETT_TCP_FIN | YETT_TCP_ACK, next_, received_);
    ++next_;
    fin_sent_ = true;
    closed_first_ = !fin_received_;
}

void Endpoint::abort() {
    if (state_ == State::open) emit(YETT_TCP_RST | YETT_TCP_ACK, next_, received_);
    state_ = State::closed;
}

void Endpoint::crash() {
    state_ = State::closed;
}

/// The oldest that is not acknowledged, as far as it goes.
void Endpoint::retransmit() {
    if (state_ == State::syn_sent) emit(YETT_TCP_SYN, iss_, 0);
    if (state_ == State::syn_received) emit(YETT_TCP_SYN | YETT_TCP_ACK, iss_, received_);
    if (state_ != State::open || una_ == next_) return;
    const std::uint32_t data = next_ - una_ - (fin_sent_ ? 1 : 0);
    const unsigned fin = fin_sent_ && data <= 1000 ? YETT_TCP_FIN : 0;
    emit(YETT_TCP_ACK | fin, una_, received_, data > 1000 ? 1000 : data);
}

void Endpoint::accept(const Segment& syn) {
    iss_ = una_ = static_cast<std::uint32_t>(random_());
    next_ = iss_ + 1;
    received_ = syn.seq + 1;
    fin_sent_ = fin_received_ = closed_first_ = false;
    state_ = State::syn_received;
    emit(YETT_TCP_SYN | YETT_TCP_ACK, iss_, received_);
}

void Endpoint::receive(const Segment& segment) {
    if (state_ == State::closed)
        receive_closed(segment);
    else if (state_ == State::syn_sent)
        receive_syn_sent(segment);
    else
        receive_known(segment);
}

void Endpoint::receive_closed(const Segment& segment) {
    if (segment.has(YETT_TCP_RST)) return;
    if (serves_ && segment.has(YETT_TCP_SYN) && !segment.has(YETT_TCP_ACK))
        accept(segment);
    else
        reset_for(segment);
}

void Endpoint::receive_syn_sent(const Segment& segment) {
    const bool acks = segment.has(YETT_TCP_ACK) && segment.ack == next_;
    if (segment.has(YETT_TCP_ACK) && !acks) {
        if (!segment.has(YETT_TCP_RST)) reset_for(segment);
        return;
    }
    if (segment.has(YETT_TCP_RST)) {
        if (acks) state_ = State::closed;
        return;
    }
    if (!segment.has(YETT_TCP_SYN)) return;
    received_ = segment.seq + 1;
    if (!acks) {
        state_ = State::syn_received;
        return emit(YETT_TCP_SYN | YETT_TCP_ACK, iss_, received_);
    }
    una_ = segment.ack;
    state_ = State::open;
    acknowledge();
}

/// RFC 5961 4.2; RFC 9293 3.10.7.4 lets who waits in TIME_WAIT begin anew.
void Endpoint::receive_syn(const Segment& segment) {
    const bool anew = state_ == State::time_wait && serves_ && !segment.has(YETT_TCP_ACK) &&
                      before(received_, segment.seq);
    if (anew) return accept(segment);
    if (state_ == State::syn_received && segment.seq + 1 == received_ && !segment.has(YETT_TCP_ACK))
        return retransmit();
    if (state_ == State::syn_received && segment.has(YETT_TCP_ACK) && segment.ack == next_ &&
        segment.seq + 1 == received_) {
        una_ = segment.ack;
        state_ = State::open;
    }
    acknowledge();
}

/// RFC 5961 3.2.
void Endpoint::receive_reset(const Segment& segment) {
    if (segment.seq == received_)
        state_ = State::closed;
    else
        acknowledge();
}

/// False: nothing more of the segment counts.
bool Endpoint::receive_ack(const Segment& segment) {
    if (!segment.has(YETT_TCP_ACK)) return false;
    if (state_ == State::syn_received) {
        if (segment.ack != next_) {
            reset_for(segment);
            return false;
        }
        state_ = State::open;
    }
    if (before(next_, segment.ack)) {
        acknowledge();
        return false;
    }
    if (before(una_, segment.ack)) una_ = segment.ack;
    return true;
}

void Endpoint::receive_data(const Segment& segment) {
    const bool in_order = !before(received_, segment.seq) && before(received_, segment.end());
    if (in_order) {
        received_ = segment.end();
        fin_received_ = fin_received_ || segment.has(YETT_TCP_FIN);
    }
    if (segment.end() != segment.seq) acknowledge();
}

void Endpoint::end_where_both_closed() {
    if (!fin_sent_ || !fin_received_ || una_ != next_ || state_ != State::open) return;
    state_ = closed_first_ ? State::time_wait : State::closed;
}

void Endpoint::receive_known(const Segment& segment) {
    const bool near = segment.seq - received_ + kWindow < 2 * kWindow &&
                      (segment.end() == segment.seq || !before(segment.end(), received_));
    const bool outside = !near || before(segment.end(), received_);
    if (segment.has(YETT_TCP_SYN)) return receive_syn(segment);
    if (outside) {
        if (!segment.has(YETT_TCP_RST)) acknowledge();
        return;
    }
    if (segment.has(YETT_TCP_RST)) return receive_reset(segment);
    if (!receive_ack(segment)) return;
    receive_data(segment);
    end_where_both_closed();
}

}  // namespace yett::corpus
