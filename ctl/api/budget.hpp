// SPDX-License-Identifier: GPL-2.0-or-later
// How much may be held at once, by all and by each user, so that one user cannot take it all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace yett {

struct BudgetOptions {
    std::uint64_t all = std::uint64_t{256} << 20;
    std::uint64_t of_uid = std::uint64_t{80} << 20;  ///< root is bound by `all` only
    std::uint64_t reserved_for_root = std::uint64_t{80} << 20;
};

class Budget {
  public:
    /// Gives back what it holds. Its budget must outlive it.
    class Held {
      public:
        Held(Budget& budget, uid_t uid, std::uint64_t amount)
            : budget_(&budget), uid_(uid), amount_(amount) {}
        Held(Held&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)),
              uid_(other.uid_),
              amount_(other.amount_) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (budget_ != nullptr) budget_->give_back(uid_, amount_);
        }

      private:
        Budget* budget_;
        uid_t uid_;
        std::uint64_t amount_;
    };

    explicit Budget(const BudgetOptions& options) : options_(options) {}
    Budget(const Budget&) = delete;
    Budget& operator=(const Budget&) = delete;

    /// Nothing: there is no room for that much now.
    std::optional<Held> take(uid_t uid, std::uint64_t amount);

  private:
    void give_back(uid_t uid, std::uint64_t amount);

    BudgetOptions options_;
    std::uint64_t held_ = 0;
    std::map<uid_t, std::uint64_t> by_uid_;
};

}  // namespace yett
