// SPDX-License-Identifier: GPL-2.0-or-later
// One table of the keys of a limit.
#include "json/read_limit.hpp"

#include <algorithm>
#include <optional>

#include "base/suggest.hpp"
#include "json/rate.hpp"

namespace yett {
namespace {

/// What depends on other keys waits until they are read.
struct LimitDraft {
    Limit& limit;
    std::optional<std::uint32_t> prefix4, prefix6;
    NodeId prefix_id = 0;  ///< of the last prefix length, 0: none
    NodeId burst_id = 0;
    bool per_prefix = false;  ///< "src_prefix"
};

constexpr std::string_view kPer[] = {"global", "src", "dst", "tuple", "src_prefix"};

void read_per(Decoder& in, NodeId id, LimitDraft& draft) {
    const auto text = in.string(id);
    if (!text) return;
    const auto found = std::find(std::begin(kPer), std::end(kPer), *text);
    if (found == std::end(kPer)) {
        std::string hint = did_you_mean(*text, kPer);
        if (hint.empty()) hint = "write one of \"src\" \"src_prefix\" \"dst\" \"tuple\" \"global\"";
        return in.error(id, "bad-value", quote(*text) + " is not known here", hint);
    }
    draft.per_prefix = *text == "src_prefix";
    draft.limit.per =
        draft.per_prefix ? LimitPer::src : static_cast<LimitPer>(found - std::begin(kPer));
}

/// An example of a limit with what stands in its place. One bucket for all is the least that can be
/// meant.
std::string limit_hint(std::string_view text) {
    const std::string rate = usual_rate(text).value_or("10/min");
    return "write { \"per\": \"global\", \"rate\": " + quote(rate) +
           " }, or \"per\": \"src\" for so much of each source";
}

void read_rate(Decoder& in, NodeId id, LimitDraft& draft) {
    const auto text = in.string(id);
    if (!text) return;
    const auto rate = parse_rate(*text);
    if (rate) draft.limit.rate = *rate;
    if (!rate) in.error(id, "bad-rate", rate.error().message, rate.error().hint);
}

std::optional<std::uint32_t> read_prefix(Decoder& in, NodeId id, std::uint32_t most) {
    const auto length = in.integer(id);
    if (!length || (*length >= 1 && *length <= most)) return length;
    in.error(id, "out-of-range",
             "a prefix length of " + std::to_string(*length) + " is out of range",
             "it goes from 1 to " + std::to_string(most));
    return std::nullopt;
}

void read_burst(Decoder& in, NodeId id, Limit& limit) {
    if (in.kind(id) == NodeKind::number) {
        const auto number = in.integer(id);
        limit.burst = number.value_or(0);
        if (number == 0u) in.error(id, "out-of-range", "a burst of 0 lets nothing pass");
    } else if (const auto text = in.string(id)) {
        const auto octets = parse_octets(*text);
        if (octets) limit.burst = *octets;
        if (!octets) in.error(id, "bad-value", octets.error().message, octets.error().hint);
        if (octets && !limit.rate.octets)
            in.error(id, "burst-unit", "the rate counts packets, the burst octets",
                     "write the burst as a number of packets");
    }
    if (limit.rate.octets && limit.burst != 0 && limit.burst < kLeastBurstOctets)
        in.error(id, "out-of-range",
                 "a burst of " + std::to_string(limit.burst) + " octets never passes a full frame",
                 "write at least 1514");
}

constexpr Member<LimitDraft> kMembers[] = {
    {"per", read_per},
    {"rate", read_rate},
    {"burst", [](Decoder&, NodeId id, LimitDraft& draft) { draft.burst_id = id; }},
    {"prefix4",
     [](Decoder& in, NodeId id, LimitDraft& draft) {
         draft.prefix4 = read_prefix(in, id, 32);
         draft.prefix_id = id;
     }},
    {"prefix6",
     [](Decoder& in, NodeId id, LimitDraft& draft) {
         draft.prefix6 = read_prefix(in, id, 128);
         draft.prefix_id = id;
     }},
};

void settle_prefixes(Decoder& in, const LimitDraft& draft) {
    Limit& limit = draft.limit;
    const Limit defaults = limit_with_defaults(limit.per);
    limit.prefix4 = draft.prefix4.value_or(draft.per_prefix ? 24 : defaults.prefix4);
    limit.prefix6 = draft.prefix6.value_or(draft.per_prefix ? 48 : defaults.prefix6);
    if (limit.per == LimitPer::global && draft.prefix_id)
        in.error(draft.prefix_id - 1, "prefix-of-global", "a global limit looks at no address",
                 "remove the prefix length, or write \"per\": \"src\"");
}

}  // namespace

void read_limit(Decoder& in, NodeId id, Limit& limit) {
    if (in.kind(id) != NodeKind::object) {
        const bool text = in.kind(id) == NodeKind::string;
        return in.wrong_type(id, "an object", limit_hint(text ? in.source().string(id) : ""));
    }
    LimitDraft draft{limit, {}, {}};
    const auto seen = read_object(in, id, draft, kMembers, "a limit");
    for (const std::uint32_t i : {0u, 1u})
        if (!(seen >> i & 1))
            in.error(id, "missing-key", "a limit needs the key " + quote(kMembers[i].key));
    settle_prefixes(in, draft);
    if (draft.burst_id) read_burst(in, draft.burst_id, limit);
}

}  // namespace yett
