// SPDX-License-Identifier: GPL-2.0-or-later
// The words of other filters, and near misses.
#include "json/hints.hpp"

#include <algorithm>
#include <vector>

#include "base/quote.hpp"
#include "base/suggest.hpp"

namespace yett {
namespace {

/// What other filters call it; `here` holds for places that know that word. A `hint` says what no
/// single word can.
struct Habit {
    std::string_view elsewhere, here, hint;
};

constexpr std::string_view kBothFamilies =
    "write \"ipv4\" or \"ipv6\"; without the key a rule holds for both";
constexpr std::string_view kIn = "write \"iface\", and \"direction\": \"ingress\" beside it";
constexpr std::string_view kOut = "write \"iface\", and \"direction\": \"egress\" beside it";
constexpr std::string_view kHook = "write \"direction\": \"ingress\" or \"egress\"";

constexpr Habit kWords[] = {
    {"allow", "pass", {}},
    {"accept", "pass", {}},
    {"permit", "pass", {}},
    {"deny", "drop", {}},
    {"block", "drop", {}},
    {"reject", "drop", {}},
    {"log", "count", {}},
    {"limit", "count", "write \"action\": \"pass\", and \"limit\": { ... } beside it"},
    {"in", "ingress", {}},
    {"input", "ingress", {}},
    {"inbound", "ingress", {}},
    {"out", "egress", {}},
    {"output", "egress", {}},
    {"outbound", "egress", {}},
    {"v4", "ipv4", {}},
    {"ip4", "ipv4", {}},
    {"inet4", "ipv4", {}},
    {"v6", "ipv6", {}},
    {"ip6", "ipv6", {}},
    {"inet6", "ipv6", {}},
    // Both families in nft and ss, one in ipset.
    {"inet", "ipv4", kBothFamilies},
    {"ip", "ipv4", kBothFamilies},
    {"dual", "ipv4", kBothFamilies},
    {"ip", "prefix", {}},
    {"address", "prefix", {}},
    {"net", "prefix", {}},
    {"inet_service", "port", {}},
    {"xdp", "native", {}},
    {"xdpdrv", "native", {}},
    {"driver", "native", {}},
    {"xdpgeneric", "generic", {}},
    {"skb", "generic", {}},
    {"clsact", "tc", {}},
    {"tcx", "tc", {}},
    {"untracked", "established", "write \"invalid\" for what belongs to nobody, or leave it out"},
};

constexpr Habit kKeys[] = {
    // Never "sport" for a port without a word: whoever sends a packet chooses that one.
    {"port", "dport", "write \"dport\", the port that a packet goes to"},
    {"ports", "dport", "write \"dport\", the port that a packet goes to"},
    {"dst_port", "dport", {}},
    {"dest_port", "dport", {}},
    {"dstport", "dport", {}},
    {"destination_port", "dport", {}},
    {"src_port", "sport", {}},
    {"srcport", "sport", {}},
    {"source_port", "sport", {}},
    {"source", "src", {}},
    {"saddr", "src", {}},
    {"from", "src", {}},
    {"src_ip", "src", {}},
    {"destination", "dst", {}},
    {"dest", "dst", {}},
    {"daddr", "dst", {}},
    {"to", "dst", {}},
    {"dst_ip", "dst", {}},
    {"ip", "src", "write \"src\" for where a packet comes from, or \"dst\" for where it goes"},
    {"addr", "src", "write \"src\" for where a packet comes from, or \"dst\" for where it goes"},
    {"address", "src", "write \"src\" for where a packet comes from, or \"dst\" for where it goes"},
    {"mac", "smac", "write \"smac\" for the sender's card, or \"dmac\" for the receiver's"},
    {"protocol", "proto", {}},
    {"l4proto", "proto", {}},
    {"interface", "iface", {}},
    {"ifname", "iface", {}},
    {"dev", "iface", {}},
    {"device", "iface", {}},
    {"iif", "iface", kIn},
    {"iifname", "iface", kIn},
    {"in_interface", "iface", kIn},
    {"oif", "iface", kOut},
    {"oifname", "iface", kOut},
    {"out_interface", "iface", kOut},
    {"hook", "direction", kHook},
    {"chain", "direction", kHook},
    {"flags", "tcp_flags", {}},
    {"ctstate", "state", {}},
    {"length", "len", {}},
    {"hop_limit", "ttl", {}},
    {"hoplimit", "ttl", {}},
    {"frag", "fragment", {}},
    {"vid", "vlan", {}},
    {"vlan_id", "vlan", {}},
    {"ip_version", "family", {}},
    {"target", "action", {}},
    {"verdict", "action", {}},
    {"ratelimit", "limit", {}},
    {"rate", "limit", "write \"limit\": { \"per\": \"global\", \"rate\": ... }"},
    {"ban_time", "for", {}},
    {"duration", "for", {}},
    {"description", "comment", {}},
    {"default", "policy", {}},
    {"default_policy", "policy", {}},
    {"in", "ingress", {}},
    {"input", "ingress", {}},
    {"out", "egress", {}},
    {"output", "egress", {}},
    {"elements", "entries", {}},
    {"members", "entries", {}},
    {"maxelem", "max_entries", {}},
    {"size", "max_entries", {}},
    {"by", "per", {}},
};

bool holds(std::span<const std::string_view> known, std::string_view word) {
    return std::find(known.begin(), known.end(), word) != known.end();
}

std::string hint_of_habit(std::span<const Habit> habits, std::string_view word,
                          std::span<const std::string_view> known) {
    for (const Habit& habit : habits) {
        if (habit.elsewhere != word || !holds(known, habit.here)) continue;
        return habit.hint.empty() ? "write " + quote(habit.here) : std::string(habit.hint);
    }
    return {};
}

std::string list_of(std::string_view lead, std::span<const std::string_view> words, bool quotes) {
    std::string text(lead);
    for (const std::string_view word : words)
        (text += ' ') += quotes ? quote(word) : std::string(word);
    return text;
}

/// `did you mean "dport"? "sport" is what the sender chooses`: where both are as near.
std::string hint_of_pair(std::string_view name, std::span<const KnownKey> known) {
    std::string ours, theirs;
    std::vector<std::string_view> words;
    for (const KnownKey& candidate : known)
        words.push_back(candidate.word);
    const auto near = nearest(name, words);
    if (near.size() != 2) return {};
    for (const KnownKey& candidate : known)
        if (holds(near, candidate.word))
            (candidate.chooser == Chooser::sender ? theirs : ours) = quote(candidate.word);
    if (ours.empty() || theirs.empty()) return {};
    return "did you mean " + ours + "? " + theirs + " is what the sender of a packet chooses";
}

}  // namespace

std::string hint_for_key(std::string_view name, std::span<const KnownKey> known) {
    std::vector<std::string_view> words;
    for (const KnownKey& candidate : known)
        words.push_back(candidate.word);
    std::string hint = hint_of_habit(kKeys, name, words);
    if (hint.empty()) hint = hint_of_pair(name, known);
    if (hint.empty()) hint = did_you_mean(name, words);
    return hint.empty() ? list_of("keys are", words, false) : hint;
}

std::string hint_for_word(std::string_view word, std::span<const std::string_view> known) {
    std::string hint = hint_of_habit(kWords, word, known);
    if (hint.empty()) hint = did_you_mean(word, known);
    return hint.empty() ? list_of("write one of", known, true) : hint;
}

std::string hint_for_any(std::string_view key, std::string_view word) {
    constexpr std::string_view kAny[] = {"any", "ANY", "Any", "all", "ALL", "*", "both"};
    if (!holds(kAny, word)) return {};
    return "leave " + quote(key) + " out: a rule without it holds for any";
}

std::string hint_for_shape(std::string_view key, std::string_view text, const PrintValue& print) {
    if (text.starts_with('!')) {
        const std::size_t from = text.find_first_not_of("!= ");
        const auto value = from == text.npos ? std::nullopt : print(text.substr(from));
        return value ? "write \"not\": { " + quote(key) + ": " + *value + " } in the match" : "";
    }
    std::string list;
    std::size_t count = 0;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find_first_of(",; |\t"), rest.size());
        if (end > 0) {
            const auto value = print(rest.substr(0, end));
            if (!value) return {};
            list += (count++ > 0 ? ", " : "") + *value;
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (count == 0) return {};
    return count == 1 ? "write " + list : "write [" + list + "]";
}

}  // namespace yett
