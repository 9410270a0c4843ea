// SPDX-License-Identifier: GPL-2.0-or-later
// Result<T>: a value or an Error. The only way that a function of yett reports failure.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace yett {

/// Exit codes of the CLI and the "code" of every problem+json answer.
enum class ErrorKind {
    no = 1,           ///< the answer is no, or two things differ
    usage = 2,        ///< the request itself is malformed
    invalid = 3,      ///< the ruleset is invalid
    unreachable = 4,  ///< the daemon does not answer
    permission = 5,   ///< the caller may not
    kernel = 6,       ///< the kernel or a driver refused, or a table is full
    conflict = 7,     ///< a guard or another writer is in the way
    timeout = 8,      ///< rolled back or timed out
    internal = 9,     ///< a bug, or a state that must not be
};

/// What went wrong, for an operator: lower case, no function names, and what to do next.
struct Error {
    ErrorKind kind = ErrorKind::internal;
    std::string message;  ///< one line: what is wrong, and where
    std::string hint;     ///< what to do, may be empty
};

template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

  private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
  public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    const Error& error() const { return error_; }

  private:
    bool failed_ = false;
    Error error_;
};

}  // namespace yett
