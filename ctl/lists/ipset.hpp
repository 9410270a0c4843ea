// SPDX-License-Identifier: GPL-2.0-or-later
// What `ipset save` writes and `ipset restore` takes, done in order on sets of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lists/items.hpp"
#include "lists/words.hpp"

namespace yett {

/// A line that begins with a command of ipset (add, -A, create, -N, flush, swap ...), perhaps
/// behind "-exist" or "ipset".
bool is_ipset_line(std::string_view line);

/// The sets that a restore file builds. Known: create, add, del, flush, swap, rename, destroy,
/// COMMIT; of options all that do not change which packets match, and timeout. Everything else is
/// refused by its name: nomatch, netmask, types with more than an address.
class IpsetFile {
  public:
    explicit IpsetFile(const ListOptions& options) : options_(options) {}

    Result<void> line(std::string_view text, std::size_t number);
    [[nodiscard]] bool used() const { return used_; }
    [[nodiscard]] std::size_t values() const { return values_; }
    /// The entries of the set that was asked for, or of the one there is.
    Result<ListItems> take();

  private:
    struct Change {
        EntryValue value;
        std::size_t order;
        std::size_t line;
        bool quiet;  ///< -exist
    };
    struct Sim {
        explicit Sim(SetType type) : items(type) {}
        ListItems items;
        std::vector<Change> removals;
        std::int64_t timeout = kNoEnd;  ///< of entries that say nothing
        bool foreign = false;           ///< holds what is not in the file
        bool typed = false;             ///< was created here
        bool ipv6 = false;
    };
    using Words = std::vector<Word>;

    Result<void> run(const std::string& command, Words& words, bool quiet, std::size_t number);
    Result<void> create(const Words& words, bool quiet);
    Result<void> create_option(const Words& words, std::size_t& at, Sim& sim);
    Result<void> add(const Words& words);
    Result<void> remove(const Words& words, bool quiet, std::size_t number);
    Result<ItemNotes> add_notes(const Words& words, const Sim& sim) const;
    Result<void> check_family(const Sim& sim, const std::string& value) const;
    Sim& open(const std::string& name);
    Result<ListItems> without_removed(Sim& sim) const;

    ListOptions options_;
    std::map<std::string, Sim> sets_;
    bool used_ = false;
    std::size_t values_ = 0;
};

}  // namespace yett
