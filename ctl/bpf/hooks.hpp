// SPDX-License-Identifier: GPL-2.0-or-later
// What is attached from one pin directory: what the daemon and, where there is none, the command
// line look at and take off. Loads nothing.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "bpf/changed.hpp"
#include "bpf/data_plane.hpp"
#include "bpf/interface.hpp"
#include "bpf/owner.hpp"

namespace yett {

/// Of every version of yett that has pins there; never what another pin directory attached.
class PinnedHooks {
  public:
    /// Empty directory: nothing is attached, nothing can be.
    explicit PinnedHooks(std::string pin_directory);

    [[nodiscard]] const Owner& owner() const { return owner_; }
    /// What the kernel says now.
    [[nodiscard]] Result<std::vector<Attachment>> attachments() const;
    /// Gives back what attaching changed. False: was not attached.
    [[nodiscard]] Result<bool> detach(const Interface& interface, std::uint32_t direction) const;
    /// Removes all pins but the marks (bpf/marks.hpp). Conflict while anything is attached: its
    /// programs would be left without their tables, and drop everything.
    [[nodiscard]] Result<void> remove_pins() const;

  private:
    [[nodiscard]] Result<bool> release_links(const Interface& interface) const;
    [[nodiscard]] Result<void> give_back(const Interface& interface, std::uint32_t direction) const;

    std::string directory_;
    Owner owner_;
};

/// Why an attachment to ingress is what it is, as far as the kernel can tell afterwards.
std::string note_of(AttachMode mode, const Interface& interface);

}  // namespace yett
