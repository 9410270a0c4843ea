// SPDX-License-Identifier: GPL-2.0-or-later
// Opening the data plane: adopt what is pinned, make what is missing.
#include "bpf/data_plane.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>

#include "base/posix.hpp"
#include "bpf/pins.hpp"
#include "bpf/repair.hpp"
#include "bpf/segment.hpp"
#include "bpf/state.hpp"

namespace yett {
namespace {

constexpr MapShape kShapes[] = {
#define YETT_MAP_SHAPE(name, type, key, value, entries, flags) \
    {#name, type, sizeof(key), sizeof(value), entries, flags},
    YETT_MAPS(YETT_MAP_SHAPE)
#undef YETT_MAP_SHAPE
};

/// Tables of connections may have any size: the data plane reads it in yett_connection_config.
bool any_size(const MapShape& shape) {
    const std::string_view name = shape.name;
    return name == "yett_connections4" || name == "yett_connections6";
}

Result<void> check_shape(const Fd& fd, const MapShape& shape, const std::string& path) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    if (bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0)
        return system_error("cannot look at the pinned map " + path, errno, ErrorKind::kernel);
    const bool same = info.type == shape.type && info.key_size == shape.key_size &&
                      info.value_size == shape.value_size &&
                      (info.max_entries == shape.max_entries || any_size(shape)) &&
                      info.map_flags == shape.flags;
    if (same) return {};
    return Error{
        ErrorKind::conflict,
        fmt::format("the pinned map {} has another layout than this build", path),
        "another version of yett made it: detach with that version first (yett detach --all)"};
}

Result<Fd> create_map(const MapShape& shape) {
    bpf_map_create_opts options{};
    options.sz = sizeof(options);
    options.map_flags = shape.flags;
    Fd pattern;  // of the inner maps; it may go when the outer one is made
    if (shape.type == BPF_MAP_TYPE_ARRAY_OF_MAPS) {
        auto segment = create_segment();
        if (!segment) return segment.error();
        pattern = *std::move(segment);
        options.inner_map_fd = static_cast<std::uint32_t>(pattern.get());
    }
    const std::string name = kernel_name(shape);
    const int fd = bpf_map_create(shape.type, name.c_str(), shape.key_size, shape.value_size,
                                  shape.max_entries, &options);
    if (fd >= 0) return Fd(fd);
    Error error =
        system_error(fmt::format("cannot create the map {}", shape.name), errno, ErrorKind::kernel);
    if (error.kind == ErrorKind::permission)
        error.hint = "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";
    return error;
}

/// The pinned map, or a new one (which is then pinned).
Result<Fd> open_map(const MapShape& shape, const std::string& directory) {
    if (directory.empty()) return create_map(shape);
    const std::string path = fmt::format("{}/{}", directory, shape.name);
    auto pinned = pins::open(path);
    if (!pinned) return pinned;
    if (pinned->valid()) {
        if (auto same = check_shape(*pinned, shape, path); !same) return same.error();
        return pinned;
    }
    auto created = create_map(shape);
    if (!created) return created;
    if (auto done = pins::pin(created->get(), path); !done) return done.error();
    return created;
}

std::uint32_t entries_of(const Fd& map) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    return bpf_obj_get_info_by_fd(map.get(), &info, &size) == 0 ? info.max_entries : 0;
}

Result<void> open_maps(DataPlane::State& state, std::uint32_t connections) {
    const std::string directory = state.root.empty() ? "" : state.root + "/maps";
    for (std::size_t i = 0; i < kMapCount; ++i) {
        MapShape shape = kShapes[i];
        if (any_size(shape)) shape.max_entries = connections / YETT_CONNECTION_WAYS;
        if (i == static_cast<std::size_t>(MapId::yett_rule_counters))
            shape.max_entries *= static_cast<std::uint32_t>(possible_cpus());
        auto fd = open_map(shape, directory);
        if (!fd) return fd.error();
        const std::uint32_t entries = entries_of(*fd);
        state.maps[i] = Map(*std::move(fd), shape.name, shape.key_size, shape.value_size, entries);
    }
    return {};
}

/// Names and descriptors of one build's pins, entries last: a build whose entries are all there is
/// complete.
std::vector<std::pair<std::string, Fd*>> pin_table(Programs& programs) {
    std::vector<std::pair<std::string, Fd*>> table;
    table.emplace_back("yett_xdp_stages", &programs.xdp_array);
    table.emplace_back("yett_tc_stages", &programs.tc_array);
    static constexpr const char* kSuffixes[] = {
#define YETT_STAGE_SUFFIX(name, suffix) #suffix,
        YETT_STAGES(YETT_STAGE_SUFFIX)
#undef YETT_STAGE_SUFFIX
    };
    for (std::size_t i = 0; i < YETT_STAGE_COUNT; ++i) {
        table.emplace_back(fmt::format("yett_xdp_{}", kSuffixes[i]), &programs.xdp_stages[i]);
        table.emplace_back(fmt::format("yett_tc_{}", kSuffixes[i]), &programs.tc_stages[i]);
    }
    for (std::size_t i = 0; i < kEntryCount; ++i)
        table.emplace_back(kEntryNames[i], &programs.entries[i]);
    return table;
}

/// True: all pins of this build were there.
Result<bool> adopt_programs(Programs& programs, const std::string& directory) {
    for (auto& [name, fd] : pin_table(programs)) {
        auto pinned = pins::open(fmt::format("{}/{}", directory, name));
        if (!pinned) return pinned.error();
        if (!pinned->valid()) return false;
        *fd = *std::move(pinned);
    }
    return true;
}

Result<void> pin_programs(Programs& programs, const std::string& directory) {
    if (auto made = pins::make_directory(directory); !made) return made;
    for (const auto& [name, fd] : pin_table(programs)) {
        const std::string path = fmt::format("{}/{}", directory, name);
        if (auto gone = pins::unpin(path); !gone) return gone;
        if (auto done = pins::pin(fd->get(), path); !done) return done;
    }
    return {};
}

/// Builds that no attachment runs any more.
Result<void> remove_other_builds(const std::string& programs, const std::string& build) {
    for (const std::string& name : pins::list(programs)) {
        if (name == build) continue;
        if (auto gone = pins::remove_all(programs + "/" + name); !gone) return gone;
    }
    return {};
}

Result<void> open_programs(DataPlane::State& state) {
    const std::string build = build_name();
    const std::string all = state.root + "/programs";
    if (!state.root.empty()) {
        auto adopted = adopt_programs(state.programs, all + "/" + build);
        if (!adopted) return adopted.error();
        state.adopted = *adopted;
    }
    if (!state.adopted) {
        auto loaded = load_programs(state.maps);
        if (!loaded) return loaded.error();
        state.programs = *std::move(loaded);
    }
    if (state.root.empty()) return {};
    if (!state.adopted)
        if (auto pinned = pin_programs(state.programs, all + "/" + build); !pinned) return pinned;
    state.owner = Owner::of_version(state.root);
    state.hooks.emplace(state.pin_directory);
    if (auto moved = move_attachments(state); !moved) return moved;
    return remove_other_builds(all, build);
}

Result<void> open_memory(DataPlane::State& state) {
    const auto map_into = [&state](MapId id, std::optional<MappedArray>& into) -> Result<void> {
        auto mapped = MappedArray::open(state.maps[static_cast<std::size_t>(id)]);
        if (!mapped) return mapped.error();
        into = *std::move(mapped);
        return {};
    };
    if (auto done = map_into(MapId::yett_control, state.control); !done) return done;
    if (auto done = map_into(MapId::yett_trace_request, state.trace_request); !done) return done;
    if (auto done = map_into(MapId::yett_trace_result, state.trace_result); !done) return done;
    return map_into(MapId::yett_rule_counters, state.rule_counters);
}

Result<void> make_version_directories(const DataPlane::State& state) {
    for (const std::string& path : {state.pin_directory, state.root, state.root + "/maps",
                                    state.root + "/programs", state.root + "/links"})
        if (auto made = pins::make_directory(path); !made) return made;
    return {};
}

Result<void> make_directories(DataPlane::State& state, const std::string& pin_directory) {
    if (pin_directory.empty()) return {};
    state.pin_directory = pin_directory;
    state.root = fmt::format("{}/v{}", pin_directory, YETT_ABI_VERSION);
    auto notes = repair_pins(state.root, kShapes);
    if (!notes) return notes.error();
    state.notes = *std::move(notes);
    return make_version_directories(state);
}

/// Hashes over what senders choose need a secret that outlives programs, but not the tables they
/// index.
Result<void> plant_seed(const DataPlane::State& state) {
    const Map& map = state.maps[static_cast<std::size_t>(MapId::yett_seed)];
    const std::uint32_t zero = 0;
    yett_seed seed{};
    if (auto read = map.lookup(&zero, &seed); !read) return read.error();
    for (const std::uint32_t word : seed.words)
        if (word != 0) return {};
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        return system_error("the kernel gave no random numbers", errno, ErrorKind::kernel);
    return map.update(&zero, &seed);
}

/// Each start writes the same, as long as the tables are the same.
Result<void> configure_connections(const DataPlane::State& state) {
    const auto places = [&state](MapId id) {
        return state.maps[static_cast<std::size_t>(id)].max_entries();
    };
    yett_connection_config config{};
    config.places[0] = places(MapId::yett_connections4);
    config.places[1] = places(MapId::yett_connections6);
    const std::uint32_t zero = 0;
    return state.maps[static_cast<std::size_t>(MapId::yett_connection_config)].update(&zero,
                                                                                      &config);
}

Result<void> check_connections(std::uint32_t connections) {
    if (connections >= 1024 && connections <= 1u << 26 && std::has_single_bit(connections))
        return {};
    return Error{ErrorKind::usage,
                 fmt::format("{} is no number of connections to remember", connections),
                 "give a power of two from 1024 to 67108864"};
}

std::atomic_ref<std::uint64_t> control_word(const std::optional<MappedArray>& control) {
    return std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(control->data()));
}

}  // namespace

DataPlane::DataPlane(std::unique_ptr<State> state) : state_(std::move(state)) {}
DataPlane::DataPlane(DataPlane&&) noexcept = default;
DataPlane& DataPlane::operator=(DataPlane&&) noexcept = default;
DataPlane::~DataPlane() = default;

Result<DataPlane> DataPlane::open(const Options& options) {
    libbpf_set_print(nullptr);  // what went wrong stands in our errors
    auto state = std::make_unique<State>();
    state->hooks.emplace("");
    if (auto made = make_directories(*state, options.pin_directory); !made) return made.error();
    if (auto fits = check_connections(options.connections); !fits) return fits.error();
    if (auto opened = open_maps(*state, options.connections); !opened) return opened.error();
    if (auto planted = plant_seed(*state); !planted) return planted.error();
    if (auto done = configure_connections(*state); !done) return done.error();
    if (auto opened = open_programs(*state); !opened) return opened.error();
    if (auto opened = open_memory(*state); !opened) return opened.error();
    return DataPlane(std::move(state));
}

bool DataPlane::adopted() const {
    return state_->adopted;
}

const std::vector<std::string>& DataPlane::notes() const {
    return state_->notes;
}

const Map& DataPlane::map(MapId id) const {
    return state_->maps[static_cast<std::size_t>(id)];
}

Result<void> DataPlane::restore_pins() {
    if (state_->root.empty()) return {};
    const auto is_there = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
    static const std::string name = build_name();
    const std::string maps = state_->root + "/maps/";
    const std::string build = state_->root + "/programs/" + name;
    const auto table = pin_table(state_->programs);
    const bool complete =
        is_there(state_->root + "/links") &&
        std::all_of(state_->maps.begin(), state_->maps.end(),
                    [&](const Map& map) { return is_there(maps + map.name()); }) &&
        std::all_of(table.begin(), table.end(),
                    [&](const auto& entry) { return is_there(build + "/" + entry.first); });
    if (complete) return {};
    if (auto made = make_version_directories(*state_); !made) return made;
    for (const Map& map : state_->maps) {
        if (is_there(maps + map.name())) continue;
        if (auto done = pins::pin(map.fd(), maps + map.name()); !done) return done;
    }
    return pin_programs(state_->programs, build);
}

std::span<yett_counter> DataPlane::rule_counters() const {
    return {reinterpret_cast<yett_counter*>(state_->rule_counters->data()),
            YETT_MAX_COUNTERS * possible_cpus()};
}

std::uint64_t DataPlane::word() const {
    return control_word(state_->control).load(std::memory_order_acquire);
}

void DataPlane::set_word(std::uint64_t word) {
    control_word(state_->control).store(word, std::memory_order_release);
}

/// The kernel ends an update of a map in a map with synchronize_rcu (maybe_wait_bpf_programs in
/// kernel/bpf/syscall.c), so that no program still uses the old inner map. Packets are judged
/// inside one RCU read section, so they are all done, too.
Result<void> DataPlane::wait_for_packets() const {
    const Fd inner(bpf_map_create(BPF_MAP_TYPE_ARRAY, "yett_rcu_inner", 4, 4, 1, nullptr));
    bpf_map_create_opts options{};
    options.sz = sizeof(options);
    options.inner_map_fd = static_cast<std::uint32_t>(inner.get());
    const Fd outer(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "yett_rcu", 4, 4, 1, &options));
    const std::uint32_t zero = 0;
    const int fd = inner.get();
    if (inner.valid() && outer.valid() &&
        bpf_map_update_elem(outer.get(), &zero, &fd, BPF_ANY) == 0)
        return {};
    return system_error("cannot wait for packets in flight", errno, ErrorKind::kernel);
}

}  // namespace yett
