// SPDX-License-Identifier: GPL-2.0-or-later
// From the embedded objects to loaded programs and filled prog arrays.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/posix.hpp"
#include "bpf/memory.hpp"
#include "bpf/state.hpp"
#include "yett_tc.skel.h"
#include "yett_xdp.skel.h"

namespace yett {
namespace {

/// libbpf speaks through one callback for the whole process; the last words before a failure are
/// the reason.
thread_local std::string libbpf_words;

int keep_words(libbpf_print_level level, const char* format, va_list arguments) {
    if (level > LIBBPF_WARN) return 0;
    // A verifier's log comes in one piece of up to 16 MiB, and its end says what is wrong.
    char* text = nullptr;
    if (vasprintf(&text, format, arguments) < 0) return 0;
    libbpf_words += text;
    std::free(text);
    constexpr std::size_t kMost = 16384;
    if (libbpf_words.size() > kMost) libbpf_words.erase(0, libbpf_words.size() - kMost);
    return 0;
}

Error load_error(const char* object, int code) {
    // A verifier that gives up says E2BIG, too: there nothing is full.
    if (is_of_the_machine(-code) && code != -E2BIG)
        return system_error(fmt::format("cannot load the {} programs", object), -code);
    return {code == -EPERM ? ErrorKind::permission : ErrorKind::kernel,
            fmt::format("the kernel refused the {} programs: {}\n{}", object, std::strerror(-code),
                        libbpf_words),
            code == -EPERM ? "run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
                           : "yett needs Linux 6.1 or later with CONFIG_BPF_JIT"};
}

struct SkeletonCloser {
    void operator()(yett_xdp* skeleton) const { yett_xdp__destroy(skeleton); }
    void operator()(yett_tc* skeleton) const { yett_tc__destroy(skeleton); }
};

Result<void> share_maps(bpf_object* object, const std::array<Map, kMapCount>& maps) {
    for (const Map& map : maps) {
        bpf_map* declared = bpf_object__find_map_by_name(object, map.name().c_str());
        if (!declared) continue;
        if (const int code = bpf_map__reuse_fd(declared, map.fd()); code != 0)
            return system_error(fmt::format("cannot use the map {}", map.name()), -code,
                                ErrorKind::kernel);
    }
    return {};
}

/// Own descriptor of a program of the object, which outlives it.
Result<Fd> program_of(bpf_object* object, const std::string& name) {
    const bpf_program* program = bpf_object__find_program_by_name(object, name.c_str());
    if (!program)
        return Error{ErrorKind::internal, fmt::format("the program {} is not in its object", name),
                     ""};
    return Fd(dup(bpf_program__fd(program)));
}

Result<Fd> fill_stages(bpf_object* object, const char* array, const char* prefix,
                       std::array<Fd, YETT_STAGE_COUNT>& stages) {
    static constexpr const char* kSuffixes[] = {
#define YETT_STAGE_SUFFIX(name, suffix) #suffix,
        YETT_STAGES(YETT_STAGE_SUFFIX)
#undef YETT_STAGE_SUFFIX
    };
    Fd map(dup(bpf_object__find_map_fd_by_name(object, array)));
    for (std::uint32_t stage = 0; stage < YETT_STAGE_COUNT; ++stage) {
        auto program = program_of(object, fmt::format("{}_{}", prefix, kSuffixes[stage]));
        if (!program) return program.error();
        const int fd = program->get();
        if (bpf_map_update_elem(map.get(), &stage, &fd, BPF_ANY) != 0)
            return system_error(fmt::format("cannot put a program into {}", array), errno,
                                ErrorKind::kernel);
        stages[stage] = *std::move(program);
    }
    return map;
}

Result<void> take_entries(bpf_object* object, Programs& programs,
                          std::initializer_list<EntryId> ids) {
    for (const EntryId id : ids) {
        auto program = program_of(object, kEntryNames[id]);
        if (!program) return program.error();
        programs.entries[id] = *std::move(program);
    }
    return {};
}

using Xdp = std::unique_ptr<yett_xdp, SkeletonCloser>;
using Tc = std::unique_ptr<yett_tc, SkeletonCloser>;

template <typename Skeleton>
Result<void> take_object(Skeleton* skeleton, const char* words, int (*load)(Skeleton*),
                         const std::array<Map, kMapCount>& maps) {
    libbpf_words.clear();
    if (!skeleton) return load_error(words, -errno);
    if (auto shared = share_maps(skeleton->obj, maps); !shared) return shared;
    bpf_map* flows = skeleton->maps.yett_flows;
    bpf_map__set_max_entries(
        flows, bpf_map__max_entries(flows) * static_cast<std::uint32_t>(possible_cpus()));
    if (const int code = load(skeleton); code != 0) return load_error(words, code);
    return {};
}

/// Linux 6.1 knows no bpf_cast_to_kern_ctx: there the programs go without.
Result<Xdp> load_xdp(const std::array<Map, kMapCount>& maps) {
    Result<void> taken;
    for (const bool see_buff : {true, false}) {
        Xdp xdp(yett_xdp__open());
        if (xdp) xdp->rodata->yett_can_see_buff = see_buff;
        taken = take_object(xdp.get(), "XDP", yett_xdp__load, maps);
        if (taken) return xdp;
        if (taken.error().kind == ErrorKind::permission) break;
    }
    return taken.error();
}

/// The same.
Result<Tc> load_tc(const std::array<Map, kMapCount>& maps) {
    Result<void> taken;
    for (const bool see_skb : {true, false}) {
        Tc tc(yett_tc__open());
        if (tc) tc->rodata->yett_can_see_skb = see_skb;
        taken = take_object(tc.get(), "TC", yett_tc__load, maps);
        if (taken) return tc;
        if (taken.error().kind == ErrorKind::permission) break;
    }
    return taken.error();
}

}  // namespace

Result<Programs> load_programs(const std::array<Map, kMapCount>& maps) {
    libbpf_set_print(keep_words);
    give_programs_the_engines_memory();
    Programs programs;
    const auto loaded_xdp = load_xdp(maps);
    if (!loaded_xdp) return loaded_xdp.error();
    const auto loaded_tc = load_tc(maps);
    if (!loaded_tc) return loaded_tc.error();
    const Xdp& xdp = *loaded_xdp;
    const Tc& tc = *loaded_tc;

    auto xdp_array = fill_stages(xdp->obj, "yett_xdp_stages", "yett_xdp", programs.xdp_stages);
    if (!xdp_array) return xdp_array.error();
    auto tc_array = fill_stages(tc->obj, "yett_tc_stages", "yett_tc", programs.tc_stages);
    if (!tc_array) return tc_array.error();
    programs.xdp_array = *std::move(xdp_array);
    programs.tc_array = *std::move(tc_array);
    if (auto taken = take_entries(xdp->obj, programs, {kXdpIngress, kXdpTrace}); !taken)
        return taken.error();
    if (auto taken = take_entries(tc->obj, programs, {kTcIngress, kTcEgress, kTcTrace}); !taken)
        return taken.error();
    return programs;
}

std::string build_name() {
    // FNV-1a over both objects: a name, not a proof of origin.
    std::uint64_t hash = 0xcbf29ce484222325u;
    const auto mix = [&hash](const void* data, std::size_t size) {
        for (const char octet : std::string_view(static_cast<const char*>(data), size))
            hash = (hash ^ static_cast<unsigned char>(octet)) * 0x100000001b3u;
    };
    std::size_t size = 0;
    const void* xdp = yett_xdp__elf_bytes(&size);
    mix(xdp, size);
    const void* tc = yett_tc__elf_bytes(&size);
    mix(tc, size);
    return fmt::format("{:016x}", hash);
}

std::uint32_t program_id(int fd) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 ? info.id : 0;
}

}  // namespace yett
