// SPDX-License-Identifier: GPL-2.0-or-later
// carriers.md and the programs say the same of every ethertype and protocol.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "check/judge.hpp"
#include "model/packet.hpp"
#include "packet/shared_plane.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kNotIp = "not IP";
constexpr unsigned kLeastEthertype = 0x0600;

/// Number -> what becomes of it.
struct Table {
    std::map<unsigned, std::string> ethertypes, protocols;

    [[nodiscard]] std::string ethertype(unsigned number) const {
        const auto found = ethertypes.find(number);
        return found == ethertypes.end() ? kNotIp : found->second;
    }
    [[nodiscard]] std::string protocol(unsigned number) const {
        const auto found = protocols.find(number);
        return found == protocols.end() ? kNotIp : found->second;
    }
};

/// What becomes of it, without the word for "inspect".
Table read_table() {
    Table table;
    std::ifstream file(std::string(YETT_SOURCE_DIR) + "/tests/packet/carriers.md");
    const std::regex row(R"(\| ((?:0x[0-9a-f]{4} ?)+|(?:[0-9]+ ?)+)\| .* \| ([a-zA-Z ]+).*\|)");
    for (std::string line; std::getline(file, line);) {
        std::smatch parts;
        if (!std::regex_match(line, parts, row)) continue;
        std::string fate = parts[2];
        fate.erase(fate.find_last_not_of(' ') + 1);
        std::istringstream numbers(parts[1]);
        for (std::string number; numbers >> number;) {
            auto& into = number.starts_with("0x") ? table.ethertypes : table.protocols;
            const bool fresh =
                into.emplace(static_cast<unsigned>(std::stoul(number, nullptr, 0)), fate).second;
            EXPECT_TRUE(fresh) << number << " stands twice";
        }
    }
    return table;
}

/// Numbers that a header of the kernel names.
std::map<unsigned, std::string> named_in(const std::string& path, const std::string& pattern) {
    std::map<unsigned, std::string> found;
    std::ifstream file(path);
    const std::regex name(pattern);
    for (std::string line; std::getline(file, line);) {
        std::smatch parts;
        if (std::regex_search(line, parts, name))
            found.emplace(static_cast<unsigned>(std::stoul(parts[2], nullptr, 0)), parts[1]);
    }
    return found;
}

Octets hidden() {
    return ipv4({.src = "198.51.100.3"}, tcp({.dport = 22}));
}

class Carriers : public SharedPlane {
  protected:
    void SetUp() override {
        const auto loaded = plane().load(corpus_ruleset(Verdict::pass));
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    }

    Judged judged(const Octets& frame) {
        const auto result = plane().trace(frame, Direction::ingress, "eth0");
        EXPECT_TRUE(result.ok()) << result.error().message;
        return result.ok() ? *result : Judged{};
    }

    /// Empty: it is as the table has it.
    std::string complaint(const std::string& fate, const Octets& frame) {
        const Judged got = judged(frame);
        const bool passes = got.verdict == Verdict::pass;
        const bool right = fate == "tunnel"
                               ? !passes && (got.reason == "tunnel" || got.rule == "blocked" ||
                                             got.reason == "bad_version")  // IPv4 in 6in4
                           : fate == "read"   ? !passes
                           : fate == "own"    ? true
                           : fate == "sealed" ? passes && got.reason == "policy"
                           : fate == kNotIp   ? passes && got.reason == "policy"
                                              : false;
        if (right) return {};
        return fmt::format("\"{}\", but {} by \"{}\", reason {}", fate, passes ? "passes" : "drops",
                           got.rule, got.reason);
    }
};

TEST_F(Carriers, of_all_ethertypes_are_as_the_table_has_them) {
    const Table table = read_table();
    ASSERT_GT(table.ethertypes.size(), 60u);
    for (unsigned type = 0; type < 0x10000; ++type) {
        const Octets frame =
            ethernet({.type = static_cast<std::uint16_t>(type)}, hidden() + zeros(24));
        const std::string fate = type < kLeastEthertype ? "read" : table.ethertype(type);
        EXPECT_EQ(complaint(fate, frame), "") << fmt::format("{:04x}", type);
    }
}

/// A header of eight octets before the hidden packet: what an IPv6 extension header needs.
Octets behind_header() {
    return Octets{4, 0, 0, 0, 0, 0, 0, 0} + hidden();
}

TEST_F(Carriers, of_all_protocols_are_as_the_table_has_them) {
    const Table table = read_table();
    ASSERT_GT(table.protocols.size(), 40u);
    for (unsigned proto = 0; proto < 256; ++proto)
        for (const Family family : kFamilies) {
            std::string fate = table.protocol(proto);
            if (fate == "read" && family == Family::ipv4 && proto != 51) fate = kNotIp;
            Octets payload = fate == "read" ? behind_header() : hidden();
            if (proto == 51) payload = Octets{4, 1} + zeros(10) + hidden();
            EXPECT_EQ(complaint(fate, ip_frame(family, static_cast<std::uint8_t>(proto), payload)),
                      "")
                << proto << " in " << name_of(family);
        }
}

TEST(CarrierTable, has_every_number_that_the_kernel_names) {
    const Table table = read_table();
    const auto types = named_in("/usr/include/linux/if_ether.h",
                                R"(#define\s+(ETH_P_[A-Z0-9_]+)\s+(0x[0-9A-Fa-f]+))");
    const auto protocols = named_in("/usr/include/linux/in.h", R"((IPPROTO_[A-Z0-9]+) = ([0-9]+))");
    ASSERT_GT(types.size(), 60u);
    ASSERT_GT(protocols.size(), 20u);
    for (const auto& [number, name] : types)
        EXPECT_TRUE(number <= kLeastEthertype || table.ethertypes.contains(number)) << name;
    for (const auto& [number, name] : protocols)
        EXPECT_TRUE(number > 255 || table.protocols.contains(number)) << name;
}

/// The reference has tables of its own.
TEST_F(Carriers, are_to_the_reference_what_they_are_to_the_programs) {
    const auto compare = [this](const std::string& words) {
        const auto packet = parse_packet(words);
        if (!packet) return;
        const Judged got = judged(to_frame(*packet));
        const Judgement said = judge(plane().ruleset(), *packet, Direction::ingress, "eth0");
        // The reference sees that there is a tunnel, the programs that nothing is in it.
        const bool looked_into = said.reason == "tunnel" && got.verdict == Verdict::drop;
        if (!looked_into) {
            EXPECT_EQ(said.reason, got.reason) << words;
        }
        EXPECT_EQ(said.verdict, got.verdict) << words;
    };
    for (unsigned type = kLeastEthertype; type < 0x10000; ++type)
        if (type != 0x9100 && type != 0x9200 &&
            type != 0x9300)  // tags, and words have other words for them
            compare(fmt::format("ethertype {}", type));
    for (unsigned proto = 0; proto < 256; ++proto)
        for (const char* ends : {"203.0.113.9 > 192.0.2.7", "2001:db8:1::9 > 2001:db8:2::7"})
            compare(fmt::format("proto {} {}", proto, ends));
}

}  // namespace
}  // namespace yett::corpus
