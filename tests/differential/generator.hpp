// SPDX-License-Identifier: GPL-2.0-or-later
// Seeded random rulesets and packets over small pools of values, so that rules really hit, nest and
// overlap.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "compile/compile.hpp"
#include "model/packet.hpp"
#include "model/ruleset.hpp"

namespace yett::testing {

/// A frame, and where it is judged.
struct Sample {
    PacketSpec packet;
    Direction direction = Direction::ingress;
    std::string iface;  ///< "eth0", "eth1", or one that no ruleset names
};

class Generator {
  public:
    explicit Generator(std::uint64_t seed) : random_(seed) {}

    Ruleset ruleset();
    Sample sample();

    /// 0 <= result < bound.
    std::uint64_t below(std::uint64_t bound);
    bool chance(unsigned percent) { return below(100) < percent; }

  private:
    template <typename T>
    const T& pick(const std::vector<T>& pool) {
        return pool[below(pool.size())];
    }
    template <typename Make>
    auto some(Make make);

    Match match(unsigned depth);
    Match set_pair();
    void link_keys(Match& match);
    void address_keys(Match& match);
    void transport_keys(Match& match);
    void header_keys(Match& match);
    Rule rule(std::size_t number);
    void sets(Ruleset& ruleset);
    void exceptions(Ruleset& ruleset);
    AddressTest address_test();
    PortTest port_test();
    NumberRange range(const std::vector<std::uint32_t>& pool);
    MacRange macs();
    MacTest mac_test();
    InterfaceTest interface_test();
    FlagsTest flags_test();
    Address address(Family family);
    std::vector<std::uint16_t> vlans();
    void link_packet(PacketSpec& packet);
    void ip_packet(PacketSpec& packet);
    void fragment(PacketSpec& packet);

    std::mt19937_64 random_;
};

/// Slots for every name that a generated ruleset can mention. Not in order, so that neighbours in
/// the ruleset are not always neighbours in the tables.
Slots slots_for(const Ruleset& ruleset);
/// The slot of an interface name; 0 for one that is not registered.
std::uint16_t interface_slot(const Slots& slots, const std::string& name);

/// The seed of this run: YETT_SEED, or a fresh one.
std::uint64_t seed_of_run();
/// A number from the environment, or `otherwise`.
std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise);

}  // namespace yett::testing
