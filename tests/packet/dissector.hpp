// SPDX-License-Identifier: GPL-2.0-or-later
// libpcap's compiled filters, run in user space: a reading of frames that we did not write.
#pragma once

#include <memory>
#include <string>

#include "packet/frames.hpp"

namespace yett::corpus {

/// Compiles each expression (pcap-filter(7)) once. libpcap's headers stay out of here: they and the
/// kernel's define the same structs.
class Dissector {
  public:
    Dissector();
    ~Dissector();

    /// Does the filter take the frame? Throws std::invalid_argument for what is no expression.
    bool says(const std::string& expression, const Octets& frame);
    [[nodiscard]] std::size_t compiled() const;

  private:
    struct Filters;
    std::unique_ptr<Filters> filters_;
};

}  // namespace yett::corpus
