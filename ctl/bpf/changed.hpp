// SPDX-License-Identifier: GPL-2.0-or-later
// What attaching changed at an interface, so that detaching can give it back: VLAN offloads that
// were on, a clsact that was not there.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace yett {

/// Notes below PIN_DIRECTORY/changed: symbolic links on bpffs, which live over restarts of the
/// daemon and as long as the settings themselves (until a reboot). Without a directory, nothing is
/// noted and nothing given back.
class ChangedSettings {
  public:
    explicit ChangedSettings(std::string pin_directory) : directory_(std::move(pin_directory)) {}

    /// XDP sees no tag that the driver takes out: it is told not to. Fails when it cannot be.
    Result<void> see_tags(const std::string& interface, std::uint32_t ifindex) const;
    /// It was told.
    [[nodiscard]] bool switched_off(std::uint32_t ifindex) const;
    /// There is a clsact from now on.
    Result<void> want_clsact(std::uint32_t ifindex) const;

    /// XDP let go of the interface.
    Result<void> give_back_offload(const std::string& interface, std::uint32_t ifindex) const;
    /// Nothing of ours is left at TC. What others use stays.
    Result<void> give_back_clsact(std::uint32_t ifindex) const;
    /// Notes of interfaces that are gone: their numbers may be another's next.
    void forget_gone() const;

  private:
    [[nodiscard]] std::string path_of(std::uint32_t ifindex, const char* what) const;
    void write_down(std::uint32_t ifindex, const char* what, const std::string& value) const;

    std::string directory_;
};

}  // namespace yett
