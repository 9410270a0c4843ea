// SPDX-License-Identifier: GPL-2.0-or-later
// ClassBench's text forms.
#include "tuple_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "model/protocol.hpp"

namespace yett::bench {
namespace {

std::string with_length(const Prefix& prefix) {
    return fmt::format("{}/{}", to_text(prefix.address), prefix.length);
}

std::string number_or_address(const Address& address) {
    if (address.family == Family::ipv6) return to_text(address);
    std::uint32_t number = 0;
    for (int i = 0; i < 4; ++i)
        number = number << 8 | address.octets[i];
    return fmt::format("{}", number);
}

constexpr const char* kForms =
    "rules are lines of \"@src/len dst/len slo : shi dlo : dhi proto/mask\", headers of "
    "\"src dst sport dport proto\"";

Error bad_line(std::size_t line, std::string_view what) {
    return {ErrorKind::invalid, fmt::format("line {}: {}", line, what), kForms};
}

/// Calls read(words, number) for each line that is not empty.
template <typename Read>
Result<void> each_line(std::string_view text, Read read) {
    std::istringstream lines{std::string(text)};
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        std::istringstream words(line);
        const std::vector<std::string> list{std::istream_iterator<std::string>(words), {}};
        if (list.empty()) continue;
        if (auto done = read(list, number); !done) return done;
    }
    return {};
}

std::optional<std::uint32_t> number_of(std::string_view text, int base = 10) {
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint32_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<NumberRange> range_of(const std::string& low, const std::string& high) {
    const auto first = number_of(low), last = number_of(high);
    if (!first || !last || *first > *last || *last > 65535) return std::nullopt;
    return NumberRange{*first, *last};
}

Result<Tuple> rule_of(const std::vector<std::string>& words, std::size_t line) {
    if (words.size() < 9 || words[0][0] != '@' || words[3] != ":" || words[6] != ":")
        return bad_line(line, "this is no rule");
    const auto src = parse_prefix(std::string_view(words[0]).substr(1));
    const auto dst = parse_prefix(words[1]);
    const auto sport = range_of(words[2], words[4]), dport = range_of(words[5], words[7]);
    if (!src || !dst || src->address.family != dst->address.family)
        return bad_line(line, "an address is no prefix");
    if (!sport || !dport) return bad_line(line, "a port range is none");
    const std::string_view proto = words[8];
    const auto value = number_of(proto.substr(0, proto.find('/')));
    if (!value || *value > 255) return bad_line(line, "the protocol is none");
    Tuple rule{without_host_bits(*src), without_host_bits(*dst), *sport, *dport, {}};
    const bool any = proto.ends_with("/0x00") || proto.ends_with("/0");
    if (!any) rule.proto = static_cast<std::uint8_t>(*value);
    const bool ports = rule.sport != NumberRange{0, 65535} || rule.dport != NumberRange{0, 65535};
    if (ports && any) return bad_line(line, "ports without a protocol");
    // yett holds that only protocols with ports can match a test of ports.
    if (ports && !has_ports(*rule.proto)) return bad_line(line, "ports of a protocol without");
    return rule;
}

std::optional<Address> address_of(const std::string& word) {
    if (word.find_first_of(".:") != std::string::npos) return parse_address(word);
    const auto number = number_of(word);
    if (!number) return std::nullopt;
    Address address;
    for (int i = 0; i < 4; ++i)
        address.octets[i] = static_cast<std::uint8_t>(*number >> (24 - 8 * i));
    return address;
}

Result<Header> header_of(const std::vector<std::string>& words, std::size_t line) {
    if (words.size() < 5) return bad_line(line, "this is no header");
    const auto src = address_of(words[0]), dst = address_of(words[1]);
    const auto sport = number_of(words[2]), dport = number_of(words[3]),
               proto = number_of(words[4]);
    if (!src || !dst || src->family != dst->family) return bad_line(line, "an address is none");
    if (!sport || !dport || !proto || *sport > 65535 || *dport > 65535 || *proto > 255)
        return bad_line(line, "a number is out of range");
    Header header{*src, *dst, 0, 0, static_cast<std::uint8_t>(*proto)};
    if (!has_ports(header.proto)) return header;
    header.sport = static_cast<std::uint16_t>(*sport);
    header.dport = static_cast<std::uint16_t>(*dport);
    return header;
}

/// What `read` makes of the file.
template <typename List>
Result<List> load(const std::string& path, Result<List> (*read)(std::string_view)) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorKind::invalid, path + " cannot be read, or is empty", ""};
    auto list = read(text.str());
    if (!list) return Error{list.error().kind, path + ", " + list.error().message, kForms};
    if (list->empty()) return Error{ErrorKind::invalid, path + " has nothing but empty lines", ""};
    return list;
}

}  // namespace

std::string to_classbench(const std::vector<Tuple>& rules) {
    std::string text;
    for (const Tuple& rule : rules) {
        fmt::format_to(std::back_inserter(text), "@{}\t{}\t{} : {}\t{} : {}\t0x{:02x}/0x{:02x}\n",
                       with_length(rule.src), with_length(rule.dst), rule.sport.first,
                       rule.sport.last, rule.dport.first, rule.dport.last, rule.proto.value_or(0),
                       rule.proto ? 0xff : 0);
    }
    return text;
}

std::string to_classbench(const std::vector<Header>& headers) {
    std::string text;
    for (const Header& header : headers) {
        fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\t{}\n",
                       number_or_address(header.src), number_or_address(header.dst), header.sport,
                       header.dport, header.proto);
    }
    return text;
}

Result<std::vector<Tuple>> read_classbench_rules(std::string_view text) {
    std::vector<Tuple> rules;
    auto done = each_line(text, [&](const auto& words, std::size_t line) -> Result<void> {
        auto rule = rule_of(words, line);
        if (!rule) return rule.error();
        if (!rules.empty() && rules[0].src.address.family != rule->src.address.family)
            return bad_line(line, "the rules before are of the other family");
        rules.push_back(*rule);
        return {};
    });
    if (!done) return done.error();
    return rules;
}

Result<std::vector<Header>> read_classbench_headers(std::string_view text) {
    std::vector<Header> headers;
    auto done = each_line(text, [&](const auto& words, std::size_t line) -> Result<void> {
        auto header = header_of(words, line);
        if (!header) return header.error();
        headers.push_back(*header);
        return {};
    });
    if (!done) return done.error();
    return headers;
}

Result<std::vector<Tuple>> load_classbench_rules(const std::string& path) {
    return load(path, read_classbench_rules);
}

Result<std::vector<Header>> load_classbench_headers(const std::string& path) {
    return load(path, read_classbench_headers);
}

}  // namespace yett::bench
