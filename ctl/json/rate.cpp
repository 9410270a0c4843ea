// SPDX-License-Identifier: GPL-2.0-or-later
// Rates: a number, a unit of octets or none, and a time.
#include "json/rate.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

#include "base/quote.hpp"

namespace yett {
namespace {

struct OctetUnit {
    std::string_view text;
    std::uint64_t times;
    std::uint64_t divisor;
};
/// The first four are printed, the greatest first.
constexpr OctetUnit kOctetUnits[] = {
    {"GB", 1'000'000'000, 1},   {"MB", 1'000'000, 1},   {"kB", 1000, 1},   {"B", 1, 1},
    {"Gbit", 1'000'000'000, 8}, {"Mbit", 1'000'000, 8}, {"kbit", 1000, 8},
};

struct TimeUnit {
    std::string_view text;
    std::uint32_t seconds;
};
constexpr TimeUnit kTimeUnits[] = {{"s", 1}, {"min", 60}, {"h", 3600}};

constexpr const char* kRateHint =
    "write packets \"50/s\", \"600/min\", \"10/h\", or octets \"500kB/s\", \"10MB/s\", "
    "\"100Mbit/s\"";

Error invalid(std::string message, std::string hint) {
    return {ErrorKind::invalid, std::move(message), std::move(hint)};
}

/// Digits without sign or leading zero; takes them off `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || (text[0] == '0' && end != text.data() + 1)) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(' ')) text.remove_prefix(1);
    return value;
}

/// Octets of `number` units; nothing: no such unit, or too many.
std::optional<std::uint64_t> octets_of(std::uint64_t number, std::string_view unit) {
    for (const OctetUnit& known : kOctetUnits) {
        if (known.text != unit) continue;
        if (number > kMostBurst / known.times * known.divisor) return std::nullopt;
        return number * known.times / known.divisor;
    }
    return std::nullopt;
}

/// How others call the times above.
constexpr std::pair<std::string_view, std::string_view> kTimeWords[] = {
    {"sec", "s"}, {"second", "s"}, {"m", "min"}, {"minute", "min"}, {"hour", "h"},
};

std::optional<std::uint32_t> seconds_of(std::string_view unit) {
    for (const TimeUnit& known : kTimeUnits)
        if (known.text == unit) return known.seconds;
    return std::nullopt;
}

Result<Rate> bounded(const Rate& rate, std::string_view text) {
    const std::uint64_t most = rate.octets ? kMostOctetsPerSecond : kMostPacketsPerSecond;
    const std::uint64_t least = rate.octets ? kLeastOctetsPerSecond * rate.seconds : 1;
    if (rate.amount >= least && rate.amount / rate.seconds <= most) return rate;
    return invalid(quote(text) + " is out of range", rate.octets
                                                         ? "octets go from 100B/s to 100GB/s"
                                                         : "packets go from 1/h to 1000000000/s");
}

Result<Rate> parse_usual(std::string_view text) {
    const Error wrong = invalid(quote(text) + " is no rate", kRateHint);
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return wrong;
    const auto seconds = seconds_of(text.substr(slash + 1));
    std::string_view amount = text.substr(0, slash);
    const auto number = take_number(amount);
    if (!seconds || !number) return wrong;
    Rate rate{*number, *seconds, !amount.empty()};
    if (rate.octets) {
        const auto octets = octets_of(*number, amount);
        if (!octets) return wrong;
        rate.amount = *octets;
    }
    return bounded(rate, text);
}

}  // namespace

std::optional<std::string> usual_rate(std::string_view text) {
    if (parse_usual(text)) return std::string(text);
    const std::size_t slash = std::min(text.find('/'), text.size());
    for (const auto& [elsewhere, here] : kTimeWords) {
        std::string rate(text.substr(0, slash));
        (rate += '/') += here;
        if (text.substr(slash) == '/' + std::string(elsewhere) && parse_usual(rate)) return rate;
    }
    return std::nullopt;
}

Result<Rate> parse_rate(std::string_view text) {
    const auto rate = parse_usual(text);
    if (rate) return *rate;
    Error wrong = rate.error();
    if (const auto usual = usual_rate(text)) wrong.hint = "write " + quote(*usual);
    return wrong;
}

std::string print_rate(const Rate& rate) {
    std::string_view time = "s";
    for (const TimeUnit& unit : kTimeUnits)
        if (unit.seconds == rate.seconds) time = unit.text;
    std::string amount = std::to_string(rate.amount);
    if (rate.octets) {
        const OctetUnit* unit = kOctetUnits;
        while (rate.amount % unit->times != 0)
            ++unit;
        amount = std::to_string(rate.amount / unit->times) + std::string(unit->text);
    }
    return amount + '/' + std::string(time);
}

Result<std::uint64_t> parse_octets(std::string_view text) {
    std::string_view rest = text;
    const auto number = take_number(rest);
    const auto octets = number ? octets_of(*number, rest) : std::nullopt;
    if (octets) return *octets;
    return invalid(quote(text) + " is no amount of octets", "write such as \"64kB\" or \"1MB\"");
}

}  // namespace yett
