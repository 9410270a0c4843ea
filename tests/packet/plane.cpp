// SPDX-License-Identifier: GPL-2.0-or-later
// The loaded programs under test.
#include "packet/plane.hpp"

#include <bpf/bpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "apply/locals.hpp"
#include "json/reader.hpp"
#include "observe/snapshot.hpp"
#include "packet/bank.hpp"

namespace yett::corpus {
namespace {

constexpr const char* kInterfaces[] = {"eth0", "eth1"};
constexpr std::uint32_t kInterfaceSlots = 3;  // 0 is "nobody registered it"

constexpr const char* kReasonNames[] = {
#define YETT_REASON_NAME(name, text, kind, words) text,
    YETT_REASONS(YETT_REASON_NAME)
#undef YETT_REASON_NAME
};

Error failed(const std::string& what) {
    return {ErrorKind::kernel, fmt::format("{}: {}", what, std::strerror(errno)), ""};
}

/// Rows about own addresses and reverse paths need real ones.
Result<void> enter_namespace() {
    if (unshare(CLONE_NEWNET) != 0) return failed("cannot make a network namespace");
    const char* script =
        "ip link set lo up && ip link add eth0 type veth peer name eth1 && "
        "ip addr add 192.0.2.7/24 dev eth0 && ip addr add 2001:db8:2::7/64 dev eth0 nodad && "
        "ip link set eth0 up && ip link set eth1 up && "
        "ip route add default via 192.0.2.1 dev eth0 && "
        "ip -6 route add default via 2001:db8:2::1 dev eth0";
    if (std::system(script) != 0) return failed("cannot lay eth0 and eth1");
    return {};
}

/// The first `count` values of a per-CPU array, each summed over the CPUs, as the counters that it
/// consists of.
Result<void> read_all(const Map& map, std::uint32_t count, std::vector<yett_counter>& into) {
    const std::size_t parts = map.value_size() / sizeof(yett_counter), cpus = possible_cpus();
    std::vector<yett_counter> values(count * cpus * parts);
    std::vector<std::uint32_t> keys(count);
    std::uint32_t next = 0, read = count;
    bpf_map_batch_opts options{.sz = sizeof(options)};
    const int code =
        bpf_map_lookup_batch(map.fd(), nullptr, &next, keys.data(), values.data(), &read, &options);
    if ((code != 0 && errno != ENOENT) || read != count) return failed("cannot read " + map.name());
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t part = 0; part < parts; ++part) {
            yett_counter sum{};
            for (std::size_t cpu = 0; cpu < cpus; ++cpu) {
                const yett_counter& one = values[(i * cpus + cpu) * parts + part];
                sum.packets += one.packets;
                sum.bytes += one.bytes;
            }
            into.push_back(sum);
        }
    return {};
}

}  // namespace

const char* reason_name(std::uint32_t reason) {
    return reason < YETT_REASON_COUNT ? kReasonNames[reason] : "?";
}

Result<std::unique_ptr<Plane>> Plane::open() {
    if (auto entered = enter_namespace(); !entered) return entered.error();
    auto opened = DataPlane::open({.pin_directory = "", .connections = 1024});
    if (!opened) return opened.error();
    std::unique_ptr<Plane> plane(new Plane(*std::move(opened)));
    if (auto done = plane->register_interfaces(); !done) return done.error();
    const LocalAddresses locals = {{*parse_address("192.0.2.77"), YETT_LOCAL_OWN},
                                   {*parse_address("2001:db8:2::77"), YETT_LOCAL_OWN},
                                   {*parse_address("192.0.2.255"), YETT_LOCAL_BROADCAST}};
    if (auto done = write_locals(plane->plane_, locals); !done) return done.error();
    return plane;
}

Result<void> Plane::set_bare(bool bare) {
    bare_ = bare;
    return register_interfaces();
}

Result<void> Plane::register_interfaces() const {
    for (std::uint16_t i = 0; i < std::size(kInterfaces); ++i) {
        yett_interface entry{};
        entry.ifindex = if_nametoindex(kInterfaces[i]);
        entry.slot = static_cast<std::uint16_t>(i + 1);
        entry.flags = bare_ ? YETT_INTERFACE_BARE : 0;
        const std::uint32_t bucket = entry.ifindex % YETT_IFINDEX_BUCKETS;
        auto done = plane_.map(MapId::yett_interfaces).update(&bucket, &entry);
        if (!done) return done;
    }
    return {};
}

Result<void> Plane::load(const std::string& text) {
    if (text == text_) return {};
    Document document = read_ruleset(text);
    if (!document.ok())
        return Error{ErrorKind::invalid, document.diagnostics.front().message + " in " + text, ""};
    const Slots slots = slots_for(document.ruleset);
    auto tables = compile(document.ruleset, slots);
    if (!tables) return tables.error();
    if (auto done = write_sets(plane_, document.ruleset, slots); !done) return done;
    if (auto done = write_bank(plane_, *tables, ++generation_); !done) return done;
    ruleset_ = std::move(document.ruleset);
    tables_ = *std::move(tables);
    slots_ = slots;
    text_ = text;
    counters_.assign(slots.counters.size(), "");
    for (const auto& [name, slot] : slots.counters)
        counters_[slot] = name;
    last_.clear();
    if (auto fresh = moved(); !fresh) return fresh.error();
    return {};
}

Slots Plane::slots_for(const Ruleset& ruleset) const {
    Slots slots;
    for (const std::string& name : counter_names(ruleset))
        slots.counters.emplace(name, slots.counters.size());
    for (std::uint16_t i = 0; i < std::size(kInterfaces); ++i)
        slots.interfaces.emplace(kInterfaces[i], i + 1);
    for (const auto& [name, set] : ruleset.sets) {
        auto& into = slots.of_sets(set.type);
        into.emplace(name, into.size() + 1);
    }
    return slots;
}

Result<Judged> Plane::trace(const Octets& frame, Direction direction, const std::string& iface) {
    const auto slot = slots_.interfaces.find(iface);
    yett_trace_request request{};
    request.iface = slot == slots_.interfaces.end() ? 0 : slot->second;
    request.direction = static_cast<std::uint32_t>(direction);
    request.flags = bare_ ? YETT_INTERFACE_BARE : 0;
    request.ifindex = if_nametoindex(iface.c_str());
    auto result = plane_.trace(frame, request);
    if (!result) return result.error();
    Judged judged{.verdict = static_cast<Verdict>(result->verdict),
                  .reason = reason_name(result->reason),
                  .fields = *result};
    if (result->rule != YETT_NO_RULE) judged.rule = tables_.rule_names.at(result->rule);
    if (result->reason == YETT_REASON_POLICY) judged.rule = kPolicyName;
    return judged;
}

Result<std::uint32_t> Plane::run(const Octets& frame, Hook hook, const std::string& iface) {
    static constexpr DataPlane::Entry kEntries[] = {
        DataPlane::Entry::xdp_ingress, DataPlane::Entry::tc_ingress, DataPlane::Entry::tc_egress};
    auto result =
        plane_.run(kEntries[static_cast<int>(hook)], frame, if_nametoindex(iface.c_str()));
    if (!result) return result.error();
    return result->action;
}

Result<std::vector<yett_counter>> Plane::read_counters() const {
    std::vector<yett_counter> all;
    for (std::uint32_t slot = 0; slot < counters_.size(); ++slot)
        all.push_back(read_rule_counter(plane_, slot));
    auto done =
        read_all(plane_.map(MapId::yett_reason_counters), YETT_DIRECTIONS * YETT_MAX_REASONS, all);
    if (done)
        done = read_all(plane_.map(MapId::yett_interface_counters),
                        kInterfaceSlots * YETT_DIRECTIONS, all);
    if (!done) return done.error();
    return all;
}

std::string Plane::label_of(std::size_t i) const {
    static constexpr const char* kParts[] = {"seen", "passed", "dropped"};
    static constexpr const char* kWays[] = {"ingress", "egress"};
    if (i < counters_.size()) return "rule " + counters_[i];
    i -= counters_.size();
    if (i < YETT_DIRECTIONS * YETT_MAX_REASONS * 2)
        return fmt::format("{} reason {} {}", kWays[i / 2 / YETT_MAX_REASONS],
                           reason_name(i / 2 % YETT_MAX_REASONS), kParts[1 + i % 2]);
    i -= YETT_DIRECTIONS * YETT_MAX_REASONS * 2;
    const std::size_t slot = i / 3 / YETT_DIRECTIONS;
    return fmt::format("{} {} {}", kWays[i / 3 % YETT_DIRECTIONS],
                       slot == 0 ? "?" : kInterfaces[slot - 1], kParts[i % 3]);
}

Result<Plane::Counters> Plane::moved() {
    auto now = read_counters();
    if (!now) return now.error();
    Counters moved;
    for (std::size_t i = 0; i < last_.size(); ++i) {
        const yett_counter step = {(*now)[i].packets - last_[i].packets,
                                   (*now)[i].bytes - last_[i].bytes};
        if (step.packets || step.bytes) moved.emplace(label_of(i), step);
    }
    last_ = *std::move(now);
    return moved;
}

template <typename Place, typename Use>
Result<void> Plane::each_way(MapId id, Use use) {
    const Map& map = plane_.map(id);
    auto memory = MappedArray::open(map);
    if (!memory) return memory.error();
    auto* places = reinterpret_cast<Place*>(memory->data());
    for (std::uint32_t place = 0; place < map.max_entries(); ++place)
        for (auto& way : places[place].way)
            use(way.head);
    return {};
}

template <typename Use>
Result<void> Plane::each_connection(Use use) {
    auto done = each_way<yett_connections4>(MapId::yett_connections4, use);
    return done ? each_way<yett_connections6>(MapId::yett_connections6, use) : done;
}

void Plane::forget_bans() {
    const Map& bans = plane_.map(MapId::yett_auto_bans);
    yett_ban_key key;
    for (int i = 0; i < YETT_MAX_AUTO_BANS; ++i) {
        auto found = bans.next_key(nullptr, &key);
        if (!found.ok() || !*found) return;
        if (!bans.erase(&key).ok()) return;
    }
}

/// Every entry as if nobody had spoken for that long.
Result<void> Plane::age_connections(std::uint32_t seconds) {
    const auto units = (std::uint64_t{seconds} * 1'000'000'000) >> YETT_CONNECTION_TIME_SHIFT;
    return each_connection([units](yett_connection& entry) {
        const auto seen = static_cast<std::uint32_t>(entry.word >> 32) - units;
        if (entry.word) entry.word = (entry.word & 0xffffffff) | seen << 32;
    });
}

Result<void> Plane::forget_connections() {
    return each_connection([](yett_connection& entry) { entry = {}; });
}

Plane::Counters expected_counters(const Row& row, Hook hook) {
    constexpr std::size_t kShortestFrame = 60;  // IEEE 802.3: the sender pads
    const yett_counter once = {1, std::max(row.frame.size(), kShortestFrame)};
    const bool egress = direction_of(hook) == Direction::egress;
    const std::string way = egress ? "egress" : "ingress";
    const std::string end = row.expect.verdict == Verdict::pass ? "passed" : "dropped";
    Plane::Counters expected = {{fmt::format("{} {} seen", way, row.iface), once},
                                {fmt::format("{} {} {}", way, row.iface, end), once}};
    if (row.expect.rule == kPolicyName)
        expected.emplace(fmt::format("rule (policy:{})", way), once);
    else if (!row.expect.rule.empty())
        expected.emplace("rule " + row.expect.rule, once);
    if (row.expect.reason != "rule")
        expected.emplace(fmt::format("{} reason {} {}", way, row.expect.reason, end), once);
    for (const std::string& name : row.also)
        expected.emplace(name.find(' ') == name.npos ? "rule " + name : way + " " + name, once);
    return expected;
}

std::uint32_t expected_action(const Row& row, Hook hook) {
    const bool pass = row.expect.verdict == Verdict::pass;
    if (hook == Hook::xdp_ingress) return pass ? XDP_PASS : XDP_DROP;
    return pass ? static_cast<std::uint32_t>(TC_ACT_UNSPEC) : TC_ACT_SHOT;
}

}  // namespace yett::corpus
