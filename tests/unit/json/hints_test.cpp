// SPDX-License-Identifier: GPL-2.0-or-later
// Who follows a hint never lets more in than he meant: each hint is followed to the letter, and
// what passes then is compared, packet by packet, with what passes by what was meant.
#include "json/hints.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/suggest.hpp"
#include "check/judge.hpp"
#include "json/reader.hpp"
#include "model/names.hpp"
#include "model/reason.hpp"

namespace yett {
namespace {

using Json = nlohmann::ordered_json;

// ---- packets ----

struct Case {
    PacketSpec packet;
    Direction direction;
    std::string iface;
};

void add_packets(std::vector<Case>& cases, const std::string& text) {
    const auto packet = parse_packet(text);
    ASSERT_TRUE(packet.ok()) << text;
    for (const Direction direction : {Direction::ingress, Direction::egress})
        for (const char* iface : {"eth0", "eth1"})
            cases.push_back({*packet, direction, iface});
}

const std::vector<Case>& corpus() {
    static const std::vector<Case> cases = [] {
        std::vector<Case> made;
        for (const char* proto : {"tcp", "udp", "sctp"})
            for (const char* from : {"203.0.113.9", "198.51.100.9", "[2001:db8:1::9]"})
                for (const char* sport : {"80", "443", "4000", "8050"})
                    for (const char* dport : {"22", "80", "443", "8050"}) {
                        const std::string to = *from == '[' ? "[2001:db8::7]" : "192.0.2.7";
                        const std::string text = std::string(proto) + ' ' + from + ':' + sport +
                                                 " > " + to + ':' + dport;
                        add_packets(made, text);
                        if (proto == std::string("tcp")) add_packets(made, text + " ack");
                        add_packets(made, text + " state established ttl 9 dscp 46 vlan 7");
                    }
        for (const char* type : {"0", "3", "8", "128", "129", "135"}) {
            add_packets(made, "icmp 203.0.113.9 > 192.0.2.7 type " + std::string(type));
            add_packets(made,
                        "icmp6 2001:db8:1::9 > 2001:db8::7 ttl 255 type " + std::string(type));
        }
        add_packets(made, "udp 203.0.113.9:443 > 192.0.2.7:443 len 604 frag first");
        add_packets(made, "gre 203.0.113.9 > 192.0.2.7");
        add_packets(made, "arp 203.0.113.9 > 192.0.2.7");
        return made;
    }();
    return cases;
}

/// Numbers of the packets that pass a ruleset of one rule: one that passes under a policy that
/// drops, or the other way round.
std::optional<std::set<std::size_t>> passing(const Json& match, bool pass) {
    const Json file = {
        {"version", 1},
        {"name", "t"},
        {"policy", {{"ingress", pass ? "drop" : "pass"}, {"egress", pass ? "drop" : "pass"}}},
        {"rules", {{{"name", "r"}, {"match", match}, {"action", pass ? "pass" : "drop"}}}}};
    const Document document = read_ruleset(file.dump());
    if (!document.ok()) return std::nullopt;
    const auto rules = effective_rules(document.ruleset);
    std::set<std::size_t> numbers;
    for (std::size_t i = 0; i < corpus().size(); ++i) {
        const Case& one = corpus()[i];
        const auto judged = judge(document.ruleset, rules, one.packet, one.direction, one.iface);
        if (judged.verdict == Verdict::pass) numbers.insert(i);
    }
    return numbers;
}

// ---- following a hint ----

/// The JSON value that stands in `text` behind `lead`, or nothing.
std::optional<Json> value_behind(const std::string& text, const std::string& lead) {
    if (text.rfind(lead, 0) != 0) return std::nullopt;
    std::string rest = text.substr(lead.size());
    for (std::size_t length = rest.size(); length > 0; --length) {
        const Json value = Json::parse(rest.substr(0, length), nullptr, false);
        if (!value.is_discarded()) return value;
    }
    return std::nullopt;
}

struct Followed {
    std::string hint;
    std::optional<Json> match;  ///< nothing: the hint names no one thing to write
};

/// Does with the match what the first complaint about it says.
Followed follow(const Json& match, const std::string& key) {
    const Json file = {{"version", 1},
                       {"name", "t"},
                       {"rules", {{{"name", "r"}, {"match", match}, {"action", "pass"}}}}};
    const Document document = read_ruleset(file.dump());
    if (document.diagnostics.empty()) return {};
    const Diagnostic& first = document.diagnostics.front();
    Followed out{first.hint, {}};
    Json changed = match;
    if (first.hint.rfind("leave ", 0) == 0) {
        changed.erase(key);
        return {first.hint, changed};
    }
    auto value = value_behind(first.hint, "write ");
    if (!value) value = value_behind(first.hint, "did you mean ");
    if (!value || first.hint.find(" or \"") != std::string::npos) return out;
    // A key and its value, or a key alone for the value that stands there.
    const auto beside = value_behind(first.hint, "write " + value->dump() + ": ");
    if (*value == "not" && beside) {
        changed.erase(key);
        changed["not"] = *beside;
    } else if ((*value == "proto" || *value == "family") && beside) {
        changed[value->get<std::string>()] = *beside;
    } else if (first.at_key) {
        changed.erase(key);
        changed[value->get<std::string>()] = match[key];
        const std::string with = ", and \"direction\": ";
        if (const auto at = first.hint.find(with); at != std::string::npos)
            changed["direction"] = value_behind(first.hint.substr(at), with).value();
    } else {
        changed[key] = *value;
    }
    out.match = changed;
    return out;
}

/// What passes when the hint is followed, and would not by what was meant.
std::size_t widened(const Json& followed, const std::vector<Json>& meant, bool pass) {
    const auto now = passing(followed, pass);
    if (!now) return 0;
    std::set<std::size_t> allowed;
    for (const Json& one : meant)
        if (const auto by_intent = passing(one, pass))
            allowed.insert(by_intent->begin(), by_intent->end());
    return static_cast<std::size_t>(std::count_if(
        now->begin(), now->end(), [&](std::size_t packet) { return allowed.count(packet) == 0; }));
}

// ---- what people write out of habit ----

struct Row {
    const char* key;
    const char* value;  ///< as typed
    const char* meant;  ///< the match
    bool helps = true;  ///< the hint says what was meant, to the letter
};

constexpr Row kRows[] = {
    {"port", "443", R"({"dport":443})"},
    {"ports", "[80,443]", R"({"dport":[80,443]})"},
    {"dst_port", "443", R"({"dport":443})"},
    {"dest_port", "443", R"({"dport":443})"},
    {"destination_port", "443", R"({"dport":443})"},
    {"src_port", "443", R"({"sport":443})"},
    {"source_port", "443", R"({"sport":443})"},
    {"source", "\"203.0.113.0/24\"", R"({"src":"203.0.113.0/24"})"},
    {"from", "\"203.0.113.0/24\"", R"({"src":"203.0.113.0/24"})"},
    {"saddr", "\"203.0.113.0/24\"", R"({"src":"203.0.113.0/24"})"},
    {"to", "\"192.0.2.7\"", R"({"dst":"192.0.2.7"})"},
    {"daddr", "\"192.0.2.7\"", R"({"dst":"192.0.2.7"})"},
    {"ip", "\"203.0.113.0/24\"", R"({"src":"203.0.113.0/24"})", false},
    {"address", "\"203.0.113.0/24\"", R"({"src":"203.0.113.0/24"})", false},
    {"mac", "\"02:00:00:00:00:01\"", R"({"smac":"02:00:00:00:00:01"})", false},
    {"protocol", "\"tcp\"", R"({"proto":"tcp"})"},
    {"interface", "\"eth0\"", R"({"iface":"eth0"})"},
    {"iifname", "\"eth0\"", R"({"iface":"eth0","direction":"ingress"})"},
    {"oif", "\"eth0\"", R"({"iface":"eth0","direction":"egress"})"},
    {"flags", "\"syn\"", R"({"tcp_flags":"syn"})"},
    {"hop_limit", "255", R"({"ttl":255})"},
    {"vlan_id", "7", R"({"vlan":7})"},
    {"ip_version", "\"ipv4\"", R"({"family":"ipv4"})"},
    {"dport", "\"80,443\"", R"({"dport":[80,443]})"},
    {"dport", "\"80, 443\"", R"({"dport":[80,443]})"},
    {"dport", "\"80 443\"", R"({"dport":[80,443]})"},
    {"dport", "\"8000:8100\"", R"({"dport":"8000-8100"})"},
    {"dport", "\"8000 - 8100\"", R"({"dport":"8000-8100"})"},
    {"dport", "\"80,8000:8100\"", R"({"dport":[80,"8000-8100"]})"},
    {"dport", "\"080\"", R"({"dport":80})"},
    {"dport", "\" 443\"", R"({"dport":443})"},
    {"dport", "\"https\"", R"({"dport":443})"},
    {"dport", "\"http,https\"", R"({"dport":[80,443]})"},
    {"dport", "\"!443\"", R"({"not":{"dport":443}})"},
    {"dport", "\"!= 443\"", R"({"not":{"dport":443}})"},
    {"dport", "\"any\"", "{}"},
    {"dport", "\"*\"", "{}"},
    {"sport", "\"any\"", "{}"},
    {"src", "\"any\"", "{}"},
    {"src", "\"all\"", "{}"},
    {"dst", "\"any\"", "{}"},
    {"proto", "\"any\"", "{}"},
    {"proto", "\"all\"", "{}"},
    {"direction", "\"both\"", "{}"},
    {"direction", "\"any\"", "{}"},
    {"iface", "\"any\"", "{}"},
    {"state", "\"any\"", "{}"},
    {"family", "\"any\"", "{}"},
    {"family", "\"inet\"", "{}", false},
    {"family", "\"ip\"", R"({"family":"ipv4"})", false},
    {"family", "\"inet6\"", R"({"family":"ipv6"})"},
    {"family", "\"v4\"", R"({"family":"ipv4"})"},
    {"src", "\"203.0.113.9,198.51.100.9\"", R"({"src":["203.0.113.9","198.51.100.9"]})"},
    {"src", "\"!203.0.113.0/24\"", R"({"not":{"src":"203.0.113.0/24"}})"},
    {"src", "\"203.0.113.0/255.255.255.0\"", R"({"src":"203.0.113.0/24"})"},
    {"iface", "\"!eth0\"", R"({"not":{"iface":"eth0"}})"},
    {"proto", "\"tcp,udp\"", R"({"proto":["tcp","udp"]})"},
    {"proto", "\"TCP\"", R"({"proto":"tcp"})"},
    {"proto", "\"icmpv4\"", R"({"proto":"icmp"})", false},
    {"state", "\"established,related\"", R"({"state":["established","related"]})"},
    {"state", "\"ESTABLISHED\"", R"({"state":"established"})"},
    {"direction", "\"in\"", R"({"direction":"ingress"})"},
    {"direction", "\"input\"", R"({"direction":"ingress"})"},
    {"direction", "\"out\"", R"({"direction":"egress"})"},
    {"tcp_flags", "\"SYN\"", R"({"tcp_flags":"syn"})"},
    // A list of flags would match any of them: far more than all of them together.
    {"tcp_flags", "\"syn, ack\"", R"({"tcp_flags":"syn,ack"})"},
    {"tcp_flags", "\"syn|ack\"", R"({"tcp_flags":"syn,ack"})", false},
    {"tcp_flags", "\"syn ack\"", R"({"tcp_flags":"syn,ack"})", false},
    {"icmp_type", "\"8,0\"", R"({"icmp_type":["echo-request","echo-reply"]})"},
};

TEST(Hints, lead_to_what_was_meant_and_never_further) {
    for (const Row& row : kRows) {
        SCOPED_TRACE(std::string(row.key) + ": " + row.value);
        const Json typed = {{row.key, Json::parse(row.value)}};
        const Json meant = Json::parse(row.meant);
        const Followed followed = follow(typed, row.key);
        ASSERT_FALSE(followed.hint.empty());
        SCOPED_TRACE(followed.hint);
        EXPECT_EQ(followed.match.has_value(), row.helps);
        if (!followed.match) continue;
        EXPECT_EQ(*followed.match, meant);
        for (const bool pass : {true, false})
            EXPECT_EQ(widened(*followed.match, {meant}, pass), 0u);
    }
}

// ---- slips of the finger ----

std::set<std::string> misspelled(const std::string& word) {
    std::set<std::string> out;
    for (std::size_t i = 0; i < word.size(); ++i) {
        out.insert(word.substr(0, i) + word.substr(i + 1));
        out.insert(word.substr(0, i) + word[i] + word.substr(i));
        for (const char c : {'a', 'e', 's', 'd', 'x', '_'})
            out.insert(word.substr(0, i) + c + word.substr(i + 1));
        if (i == 0) continue;
        std::string swapped = word;
        std::swap(swapped[i - 1], swapped[i]);
        out.insert(swapped);
    }
    out.erase(word);
    out.erase("");
    return out;
}

const std::vector<std::pair<std::string, Json>>& keys() {
    static const std::vector<std::pair<std::string, Json>> all = {
        {"iface", "eth0"},
        {"direction", "ingress"},
        {"family", "ipv4"},
        {"smac", "02:00:00:00:00:01"},
        {"dmac", "02:00:00:00:00:02"},
        {"ethertype", "ipv4"},
        {"vlan", 7},
        {"src", "203.0.113.9"},
        {"dst", "192.0.2.7"},
        {"proto", "tcp"},
        {"sport", 443},
        {"dport", 443},
        {"tcp_flags", "syn"},
        {"icmp_type", 8},
        {"icmp_code", 0},
        {"len", "<=100"},
        {"ttl", 64},
        {"dscp", 46},
        {"fragment", "first"},
        {"state", "new"},
    };
    return all;
}

/// All of them with YETT_MODE=long; else one in eight, always the same.
bool is_tried(const std::string& wrong) {
    static const char* const mode = std::getenv("YETT_MODE");
    if (mode && std::string_view(mode) == "long") return true;
    std::uint32_t sum = 0;
    for (const char c : wrong)
        sum = sum * 31 + static_cast<unsigned char>(c);
    return sum % 8 == 0;
}

TEST(Hints, of_misspelled_keys_never_widen) {
    std::size_t followed = 0;
    std::map<std::string, std::set<std::string>> slips;
    for (const auto& [key, ignored] : keys())
        slips[key] = misspelled(key);
    for (const auto& [key, value] : keys()) {
        for (const std::string& wrong : slips[key]) {
            if (std::any_of(keys().begin(), keys().end(),
                            [&](const auto& one) { return one.first == wrong; }))
                continue;
            if (!is_tried(wrong)) continue;
            const Followed made = follow({{wrong, value}}, wrong);
            if (!made.match) continue;
            ++followed;
            // Whatever it may have been a slip of.
            std::vector<Json> meant;
            for (const auto& [other, ignored] : keys())
                if (slips[other].count(wrong) != 0) meant.push_back({{other, value}});
            for (const bool pass : {true, false})
                EXPECT_EQ(widened(*made.match, meant, pass), 0u)
                    << wrong << " for " << key << ": " << made.hint;
            EXPECT_FALSE(made.match->contains("sport") && slips["dport"].count(wrong) != 0)
                << wrong << ": " << made.hint;
        }
    }
    EXPECT_GT(followed, 100u);
}

std::vector<std::vector<std::string>> lists_of_words() {
    std::vector<std::vector<std::string>> lists = {
        {"pass", "drop"},
        {"pass", "drop", "count", "ban", "reject"},
        {"ingress", "egress"},
        {"ipv4", "ipv6"},
        {"none", "first", "later"},
        {"off", "loose", "strict"},
        {"drop", "track"},
        {"global", "src", "dst", "tuple", "src_prefix"},
        {"prefix", "port", "mac", "iface"},
        builtin_names(),
    };
    for (const auto names : {protocol_names(), ethertype_names(), dscp_names(), tcp_flag_names(),
                             icmp_type_names(Family::ipv4), icmp_type_names(Family::ipv6)}) {
        auto& list = lists.emplace_back();
        for (const NamedNumber& one : names)
            list.emplace_back(one.name);
    }
    lists.emplace_back(std::begin(kStateNames), std::end(kStateNames));
    lists.emplace_back(std::begin(kTunnelNames), std::end(kTunnelNames));
    auto& reasons = lists.emplace_back();
    for (const ReasonInfo& reason : kReasons)
        reasons.emplace_back(reason.name);
    return lists;
}

/// One slip away from a word, no hint names another word alone.
TEST(Hints, of_misspelled_words_name_what_was_meant) {
    for (const auto& list : lists_of_words()) {
        const std::vector<std::string_view> known(list.begin(), list.end());
        for (const std::string& word : list) {
            for (const std::string& wrong : misspelled(word)) {
                if (std::find(list.begin(), list.end(), wrong) != list.end()) continue;
                const auto near = nearest(wrong, known);
                const bool named = std::find(near.begin(), near.end(), word) != near.end();
                EXPECT_TRUE(named || near.empty())
                    << wrong << " for " << word << ": " << did_you_mean(wrong, known);
            }
        }
    }
}

TEST(Hints, name_all_that_are_as_near) {
    const std::vector<std::string_view> flags = {"fin", "syn", "rst"};
    EXPECT_EQ(did_you_mean("sin", flags), R"(did you mean "fin" or "syn"?)");
    EXPECT_EQ(did_you_mean("sy", flags), R"(did you mean "syn"?)");
    const std::vector<std::string_view> families = {"ipv4", "ipv6"};
    EXPECT_EQ(did_you_mean("ipv", families), R"(did you mean "ipv4" or "ipv6"?)");
    EXPECT_EQ(did_you_mean("ipv5", families), "");
    const std::vector<std::string_view> links = {"eth0", "wan"};
    EXPECT_EQ(did_you_mean("eth1", links), "");
}

}  // namespace
}  // namespace yett
