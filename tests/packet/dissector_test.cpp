// SPDX-License-Identifier: GPL-2.0-or-later
// The loaded programs, the native parser and libpcap read the same frames alike.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "packet/mutation.hpp"
#include "packet/opinions.hpp"
#include "packet/shared_plane.hpp"
#include "parser.h"

namespace yett::corpus {
namespace {

/// Without a rule: what the parsers do not refuse passes.
constexpr const char* kOpen = R"({"version": 1, "name": "open", "interfaces": ["eth0"],
 "policy": {"ingress": "pass", "egress": "pass"}, "rules": [], "fragments": "drop",
 "exceptions": {"tunnel": "drop", "zero_port": "drop", "reserved_source": "drop"},
 "builtins": {"builtin-arp": false, "builtin-nd": false, "builtin-dhcp-client": false}})";

std::size_t frames_to_try() {
    const char* mode = std::getenv("YETT_MODE");
    const std::string_view word = mode ? mode : "normal";
    if (word == "long") return 5'000'000;
    return word == "quick" ? 20'000 : 250'000;
}

std::string hex(const Octets& frame) {
    std::string text;
    for (const std::uint8_t octet : frame)
        text += fmt::format("{:02x}", octet);
    return text;
}

class Dissection : public SharedPlane {
  protected:
    void SetUp() override {
        const auto loaded = plane().load(kOpen);
        ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    }
};

std::string text_of(const std::string& path) {
    std::ifstream file(std::string(YETT_SOURCE_DIR) + "/" + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(Dissection, libpcap_reads_what_the_programs_read) {
    Opinions opinions;
    Mutations frames(1);
    const std::size_t count = frames_to_try();
    for (std::size_t i = 0; i < count; ++i) {
        const Octets frame = frames.next();
        const auto judged = plane().trace(frame, Direction::ingress, "eth0");
        ASSERT_TRUE(judged.ok()) << judged.error().message;
        const std::string difference = opinions.difference(frame, *judged);
        ASSERT_EQ(difference, "") << "frame " << i << ": " << hex(frame) << "\nread as "
                                  << (judged->verdict == Verdict::pass ? "pass" : judged->reason);
    }
    std::printf("[   NOTE   ] %zu frames, %zu questions, %zu filters\n", count, opinions.asked(),
                opinions.compiled());
    const std::string explained = text_of("tests/packet/dissectors.md");
    for (const auto& [name, frames_of] : opinions.classes()) {
        std::printf("[   NOTE   ] no opinion on %zu frames: %s\n", frames_of, name.c_str());
        EXPECT_NE(explained.find("| " + name + " |"), explained.npos) << name;
    }
}

TEST_F(Dissection, libpcap_sees_a_field_that_is_read_wrongly) {
    Opinions opinions;
    const Octets frame = ethernet({.tags = {{0x8100, 5}}, .type = 0x0800}, ipv4({}, tcp({})));
    const auto judged = plane().trace(frame, Direction::ingress, "eth0");
    ASSERT_TRUE(judged.ok()) << judged.error().message;
    EXPECT_EQ(opinions.difference(frame, *judged), "");
    Judged port = *judged, source = *judged, vlan = *judged, refused = *judged;
    port.fields.dport++;
    source.fields.src.lo++;
    vlan.fields.vlan++;
    refused.verdict = Verdict::drop;
    refused.reason = "bad_length";
    for (const Judged& wrong : {port, source, vlan, refused})
        EXPECT_NE(opinions.difference(frame, wrong), "");
}

/// Fields that the native rules do not touch. Only the native ruleset asks for connections.
void expect_same_reading(yett_trace_result kernel, yett_trace_result native) {
    for (yett_trace_result* one : {&kernel, &native}) {
        one->known &= ~YETT_FIELD_BIT(STATE);
        native_forget_unknown(one);
        one->id = one->generation = 0;
        one->rule = one->verdict = one->reason = one->compared = one->iface = 0;
        one->overruled = 0;
    }
    EXPECT_EQ(std::memcmp(&kernel, &native, sizeof(kernel)), 0);
}

/// What the fuzzer learns of the native build holds for the programs.
TEST_F(Dissection, the_native_parser_reads_what_the_programs_read) {
    Mutations frames(2);
    const std::size_t count = frames_to_try();
    native_setup setup{};
    setup.exceptions_pass = native_no_exceptions();
    setup.policy = YETT_PASS;
    setup.tag = -1;
    for (std::size_t i = 0; i < count && !HasFailure(); ++i) {
        const Octets frame = frames.next();
        const auto size = static_cast<__u32>(frame.size());
        native_result native{};
        const auto judged = plane().trace(frame, Direction::ingress, "eth0");
        ASSERT_TRUE(judged.ok()) << judged.error().message;
        native_judge(frame.data(), size, size, &setup, &native);
        SCOPED_TRACE(fmt::format("frame {}: {}", i, hex(frame)));
        expect_same_reading(judged->fields, native.trace);
        if (native.trace.reason != YETT_REASON_RULE) {
            EXPECT_EQ(judged->reason, native_reason_name(native.trace.reason));
        }
    }
}

std::string words(const yett_address& address, bool v4) {
    Address value;
    value.family = v4 ? Family::ipv4 : Family::ipv6;
    const std::uint64_t halves[] = {address.hi, address.lo};
    for (std::size_t i = 0; i < 16; ++i)
        value.octets[i] = static_cast<std::uint8_t>(v4 ? (i < 4 ? address.lo >> (24 - 8 * i) : 0)
                                                       : halves[i / 8] >> (56 - 8 * (i % 8)));
    return to_text(value);
}

/// One JSON object: the fields that are known.
std::string fields_of(const yett_trace_result& it) {
    std::string text;
    const auto add = [&](std::uint32_t bit, const char* name, const std::string& value) {
        if (it.known & bit)
            text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", name, value);
    };
    const bool v4 = it.family == YETT_FAMILY_IPV4;
    const auto number = [&](std::uint32_t bit, const char* name, unsigned value) {
        add(bit, name, std::to_string(value));
    };
    add(YETT_FIELD_BIT(SRC), "src", "\"" + words(it.src, v4) + "\"");
    add(YETT_FIELD_BIT(DST), "dst", "\"" + words(it.dst, v4) + "\"");
    number(YETT_FIELD_BIT(VLAN), "vlan", it.vlan);
    number(YETT_FIELD_BIT(ETHERTYPE), "ethertype", it.ethertype);
    number(YETT_FIELD_BIT(PROTO), "proto", it.proto);
    number(YETT_FIELD_BIT(SPORT), "sport", it.sport);
    number(YETT_FIELD_BIT(DPORT), "dport", it.dport);
    number(YETT_FIELD_BIT(TCP_FLAGS), "tcp_flags", it.tcp_flags);
    number(YETT_FIELD_BIT(ICMP_TYPE), "icmp_type", it.icmp_type);
    number(YETT_FIELD_BIT(ICMP_CODE), "icmp_code", it.icmp_code);
    number(YETT_FIELD_BIT(LEN), "len", it.len);
    number(YETT_FIELD_BIT(TTL), "ttl", it.ttl);
    number(YETT_FIELD_BIT(DSCP), "dscp", it.dscp);
    number(YETT_FIELD_BIT(FRAGMENT), "fragment", it.fragment);
    return "{" + text + "}";
}

/// IPv6 extension headers are what libpcap cannot follow: every second such frame, and one in ten
/// of the others.
bool is_for_scapy(std::size_t i, const Octets& frame, const yett_trace_result& it) {
    const bool chained = it.family == YETT_FAMILY_IPV6 && frame.size() > 20 && frame[12] == 0x86 &&
                         frame[20] != it.proto;
    return it.ethertype >= 0x0600 && i % (chained ? 2 : 10) == 0;
}

/// Run by tests/packet/run, which names the file.
TEST_F(Dissection, is_written_for_other_dissectors) {
    const char* path = std::getenv("YETT_READINGS");
    if (!path) GTEST_SKIP() << "YETT_READINGS names no file";
    std::ofstream file(path);
    Mutations frames(3);
    const std::size_t count = frames_to_try();
    for (std::size_t i = 0; i < count; ++i) {
        const Octets frame = frames.next();
        const auto judged = plane().trace(frame, Direction::ingress, "eth0");
        ASSERT_TRUE(judged.ok()) << judged.error().message;
        if (judged->verdict == Verdict::drop || !is_for_scapy(i, frame, judged->fields)) continue;
        file << fmt::format("{{\"frame\": \"{}\", \"fields\": {}}}\n", hex(frame),
                            fields_of(judged->fields));
    }
    ASSERT_TRUE(file.good());
}

}  // namespace
}  // namespace yett::corpus
