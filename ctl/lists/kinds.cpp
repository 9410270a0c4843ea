// SPDX-License-Identifier: GPL-2.0-or-later
// What a text is that is no list.
#include "lists/kinds.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <vector>

#include "lists/words.hpp"
#include "model/address.hpp"
#include "model/mac.hpp"

namespace yett {
namespace {

constexpr const char* kNft = "write the elements one a line, as addresses, prefixes or ranges";

struct Magic {
    std::string_view octets;
    const char* what;
    const char* hint;
};

using namespace std::string_view_literals;
constexpr Magic kMagics[] = {
    {"\xff\xfe"sv, "a text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8"},
    {"\xfe\xff"sv, "a text in UTF-16", "turn it into UTF-8: iconv -f UTF-16 -t UTF-8"},
    {"\x1f\x8b"sv, "compressed by gzip", "unpack it: zcat"},
    {"PK\x03\x04"sv, "a zip archive", "unpack it: unzip -p"},
    {"BZh"sv, "compressed by bzip2", "unpack it: bzcat"},
    {"\xfd\x37zXZ\x00"sv, "compressed by xz", "unpack it: xzcat"},
    {"\x28\xb5\x2f\xfd"sv, "compressed by zstd", "unpack it: zstdcat"},
    {"\x7f\x45LF"sv, "a program", ""},
    {"%PDF-"sv, "a PDF document", ""},
    {"\xab\xcd\xefMaxMind.com"sv, "a MaxMind database", "take its CSV edition"},
};

std::string lower(std::string_view text) {
    std::string out(text.substr(0, 4096));
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(),
                       [&](std::string_view start) { return text.starts_with(start); });
}

std::vector<std::string_view> parts_of(std::string_view text) {
    std::vector<std::string_view> parts;
    for (text = trim(text); !text.empty() && parts.size() < 8; text = trim(text)) {
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

/// Perhaps with zeros in front, as old lists have them.
bool is_range(std::string_view text) {
    std::string bare;
    bool leading = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ' ' || c == '\t') continue;
        const bool more =
            i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1]));
        if (leading && c == '0' && more) continue;
        leading = c == '.' || c == '-';
        bare += c;
    }
    return parse_address_range(bare).has_value();
}

bool is_host_name(std::string_view text) {
    const auto good = [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '.' || c == '_';
    };
    if (text == "localhost") return true;
    const bool letters =
        std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isalpha(c); });
    return letters && text.find('.') != text.npos && std::all_of(text.begin(), text.end(), good);
}

std::optional<ForeignKind> markup(std::string_view line, std::string_view low) {
    if (starts_with_any(low, {"<!doctype html", "<html", "<head", "<body", "<title", "<script",
                              "<meta", "<div", "<p>", "<h1", "</"}))
        return ForeignKind{"an HTML page", "was there an error in its place? Look at the file"};
    if (low.starts_with("<?xml")) return ForeignKind{"an XML document", ""};
    if (line.starts_with('<')) return ForeignKind{"an HTML or XML document", ""};
    if (starts_with_any(low, {"http/1", "http/2"}))
        return ForeignKind{"an HTTP response with its head", ""};
    if (low.starts_with("---") || low.starts_with("- ")) return ForeignKind{"a YAML document", ""};
    return std::nullopt;
}

std::optional<ForeignKind> of_nft(std::string_view low) {
    static const std::regex kStart(
        "(#!.*nft|(add|create|delete|insert|flush|destroy|define|nft) "
        "+(add +)?(element|table|set|chain|rule|ruleset|map)\\b|table "
        "+(ip|ip6|inet|arp|bridge|netdev)\\b"
        "|set +[^ ]+ *\\{|elements *= *\\{|type +(ipv4_addr|ipv6_addr|ether_addr|inet_service)"
        "|flags +(interval|timeout|dynamic|constant)|auto-merge|define +[^ ]+ *=).*",
        std::regex::optimize);
    const std::string head(low.substr(0, 200));
    if (std::regex_match(head, kStart)) return ForeignKind{"an nft set", kNft};
    return std::nullopt;
}

std::optional<ForeignKind> of_rules(std::string_view line, std::string_view low) {
    const auto words = parts_of(line);
    const bool chain = starts_with_any(line, {"-A ", "-I ", "-P ", "-N ", ":"});
    const bool options = std::any_of(words.begin(), words.end(), [](std::string_view word) {
        return word == "-j" || word == "-s" || word == "-d" || word == "-p" || word == "-m";
    });
    if (low.starts_with("*filter") || low.starts_with("*nat") || low.starts_with("*mangle") ||
        low.starts_with("*raw") || (chain && options) || low.starts_with("iptables") ||
        (line.starts_with(':') && low.find(" accept") != low.npos) ||
        (line.starts_with(':') && low.find(" drop") != low.npos))
        return ForeignKind{"a rule of iptables, no list",
                           "rule files are another thing: yett check"};
    if (starts_with_any(low, {"deny ", "allow "}) && low.find(';') != low.npos)
        return ForeignKind{"an nginx configuration", "take the addresses alone, one a line"};
    if (starts_with_any(low, {"deny from", "allow from", "require "}))
        return ForeignKind{"an Apache configuration", "take the addresses alone, one a line"};
    if (starts_with_any(low, {"||", "@@", "[adblock"}))
        return ForeignKind{"a filter list of an ad blocker", "host names are not looked up"};
    static const std::regex kRpsl("(route6?|inet6?num|netname|descr|origin|mnt-by|source):\\s.*");
    if (std::regex_match(std::string(low.substr(0, 200)), kRpsl))
        return ForeignKind{"objects of a whois database", "take the addresses alone, one a line"};
    return std::nullopt;
}

std::optional<ForeignKind> of_columns(std::string_view line) {
    const auto colon = line.rfind(':');
    if (colon != line.npos && colon > 0 && line.find('.', colon) != line.npos &&
        is_range(line.substr(colon + 1)))
        return ForeignKind{"a PeerGuardian (P2P) list",
                           "take what stands behind the last colon: "
                           "sed 's/.*://'"};
    const auto comma = line.find(',');
    if (comma == line.npos) return std::nullopt;
    const auto second = line.find(',', comma + 1);
    const auto level = trim(line.substr(comma + 1, second - comma - 1));
    const bool number = !level.empty() && level.find_first_not_of("0123456789") == level.npos;
    if (is_range(line.substr(0, comma)) && number && second != line.npos)
        return ForeignKind{"an eMule ipfilter .dat",
                           "take what stands before the first comma: "
                           "cut -d, -f1"};
    return ForeignKind{"CSV",
                       "say so, and which column holds the value: --format csv --column 2 "
                       "(--columns 1-2 for ranges)"};
}

std::optional<ForeignKind> of_words(std::string_view line) {
    const auto words = parts_of(line);
    if (words.empty()) return std::nullopt;
    const auto first = parse_address(words[0]);
    if (words.size() > 1 && first && is_host_name(words[1]) && !parse_address(words[1]))
        return ForeignKind{"a hosts file",
                           "host names are not looked up; an address that stands "
                           "in front of them all is no list"};
    if (words.size() > 1 && first && first->family == Family::ipv4) {
        const auto mask = parse_address(words[1]);
        if (mask && mask->octets[0] >= 128)
            return ForeignKind{"an address with a mask", "write prefixes, as in 192.0.2.0/24"};
    }
    if (words.size() > 1 && parse_mac(words[1]) && first)
        return ForeignKind{"a table of neighbours", "take one column of it"};
    if (line.find('\t') != line.npos)
        return ForeignKind{"a table with tabs",
                           "say so, and which column holds the value: "
                           "--format csv --column 2"};
    return std::nullopt;
}

std::optional<ForeignKind> of_value(std::string_view line) {
    if (line.find_first_of(" \t") != line.npos) return std::nullopt;
    if (line.find("://") != line.npos) return ForeignKind{"a URL", "write addresses"};
    if (line.starts_with('!'))
        return ForeignKind{"an exception", "yett knows none: write the prefixes that remain"};
    const bool as = line.size() > 2 && (line.starts_with("AS") || line.starts_with("as")) &&
                    line.find_first_not_of("0123456789", 2) == line.npos;
    if (as) return ForeignKind{"the number of a network (AS)", "write its prefixes"};
    if (is_host_name(line))
        return ForeignKind{"a host name", "names are not looked up; write addresses"};
    return std::nullopt;
}

}  // namespace

std::optional<ForeignKind> foreign_file(std::string_view beginning) {
    for (const auto& magic : kMagics) {
        if (beginning.starts_with(magic.octets)) return ForeignKind{magic.what, magic.hint};
    }
    const bool wide = beginning.size() >= 4 && (beginning[0] == 0) != (beginning[1] == 0) &&
                      (beginning[0] == 0) == (beginning[2] == 0) &&
                      (beginning[1] == 0) == (beginning[3] == 0);
    if (wide) return ForeignKind{kMagics[0].what, kMagics[0].hint};
    return std::nullopt;
}

std::optional<ForeignKind> foreign_command(std::string_view line) {
    return of_nft(lower(trim(line)));
}

std::optional<ForeignKind> foreign_line(std::string_view line) {
    line = trim(line);
    const std::string low = lower(line);
    if (auto kind = markup(line, low)) return kind;
    if (auto kind = of_nft(low)) return kind;
    if (auto kind = of_rules(line, low)) return kind;
    if (line.starts_with('"'))
        return ForeignKind{"values in quotes", "is it CSV (--format csv) or JSON (--format json)?"};
    if (auto kind = of_columns(line)) return kind;
    if (auto kind = of_words(line)) return kind;
    return of_value(line);
}

}  // namespace yett
