// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs said of a frame, as questions to libpcap that must be answered with yes or no.
#pragma once

#include <map>
#include <string>

#include "packet/dissector.hpp"
#include "packet/plane.hpp"

namespace yett::corpus {

/// Compares one reading of a frame with libpcap's, and keeps count of what was asked and of where
/// libpcap has no opinion.
class Opinions {
  public:
    /// Empty: they agree. Else the question that libpcap answers otherwise.
    std::string difference(const Octets& frame, const Judged& judged);

    /// Frames by what libpcap does not read; each class stands in README.md with its explanation.
    [[nodiscard]] const std::map<std::string, std::size_t>& classes() const { return classes_; }
    [[nodiscard]] std::size_t asked() const { return asked_; }
    [[nodiscard]] std::size_t compiled() const { return dissector_.compiled(); }

  private:
    void find_tags();
    void say(const std::string& question, bool answer);
    void no_opinion(const std::string& name) { ++classes_[name]; }
    bool has_vid(unsigned vid, const char* skipped);
    void link();
    void ipv4();
    void ipv6();
    bool may_lose_its_way();
    void transport(const std::string& octet);
    void objections();
    bool ask_of_refused(const std::map<std::string, std::string>& questions,
                        const std::string& reason);
    void refusal(const std::string& reason);
    [[nodiscard]] bool knows(std::uint32_t bits) const { return (it_->known & bits) == bits; }

    Dissector dissector_;
    const Octets* frame_ = nullptr;
    const yett_trace_result* it_ = nullptr;
    std::size_t tags_ = 0;
    std::string behind_tags_;  ///< "vlan and vlan and "
    std::string difference_;
    std::map<std::string, std::size_t> classes_;
    std::size_t asked_ = 0;
};

}  // namespace yett::corpus
