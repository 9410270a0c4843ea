// SPDX-License-Identifier: GPL-2.0-or-later
// Ingress on XDP: the entry, its twin for traced packets, and the stages behind them.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "maps.h"

#include "stages.h"

char _license[] SEC("license") = "GPL";

SEC("xdp.frags")
int yett_xdp_ingress(struct xdp_md* ctx) {
    struct yett_packet* packet = begin_packet(ctx, YETT_INGRESS, ctx->ingress_ifindex);
    if (!packet) return XDP_DROP;
    return stage_entry(ctx, packet);
}

SEC("xdp.frags")
int yett_xdp_trace(struct xdp_md* ctx) {
    struct yett_packet* packet = begin_trace(ctx);
    if (!packet) return XDP_DROP;
    return stage_entry(ctx, packet);
}

YETT_STAGE_PROGRAMS("xdp.frags", yett_xdp)
