// SPDX-License-Identifier: GPL-2.0-or-later
#include "bpf/memory.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <map>
#include <string_view>
#include <vector>

namespace yett {
namespace {

bool is_engine(int map) {
    bpf_map_info info{};
    std::uint32_t size = sizeof(info);
    return bpf_obj_get_info_by_fd(map, &info, &size) == 0 &&
           std::string_view(info.name) == "yett_engine";
}

/// Both halves of a load of 64 bits: a map by its descriptor becomes the memory of that map, from
/// its first octet on.
int read_memory(bpf_program* program, bpf_prog_load_opts*, long) {
    const bpf_insn* first = bpf_program__insns(program);
    std::vector<bpf_insn> code(first, first + bpf_program__insn_cnt(program));
    std::map<int, bool> known;
    for (std::size_t i = 0; i + 1 < code.size(); ++i) {
        if (code[i].code != (BPF_LD | BPF_IMM | BPF_DW)) continue;
        if (code[i].src_reg == BPF_PSEUDO_MAP_FD) {
            const auto [it, is_new] = known.try_emplace(code[i].imm, false);
            if (is_new) it->second = is_engine(code[i].imm);
            if (it->second) code[i].src_reg = BPF_PSEUDO_MAP_VALUE;
        }
        ++i;
    }
    return bpf_program__set_insns(program, code.data(), code.size());
}

int takes_fragments(bpf_program* program, long) {
    return bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
}

}  // namespace

void give_programs_the_engines_memory() {
    static const bool done = [] {
        libbpf_prog_handler_opts options{};
        options.sz = sizeof(options);
        options.prog_prepare_load_fn = read_memory;
        libbpf_register_prog_handler("tc", BPF_PROG_TYPE_SCHED_CLS, bpf_attach_type{}, &options);
        libbpf_register_prog_handler("xdp", BPF_PROG_TYPE_XDP, BPF_XDP, &options);
        options.prog_setup_fn = takes_fragments;
        libbpf_register_prog_handler("xdp.frags", BPF_PROG_TYPE_XDP, BPF_XDP, &options);
        return true;
    }();
    (void)done;
}

}  // namespace yett
