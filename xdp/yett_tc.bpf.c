// SPDX-License-Identifier: GPL-2.0-or-later
// Egress on TC, and ingress where XDP is impossible: the entries, their twin for traced packets,
// and the stages.
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "maps.h"

#include "stages.h"

char _license[] SEC("license") = "GPL";

SEC("tc")
int yett_tc_egress(struct __sk_buff* ctx) {
    struct yett_packet* packet = begin_packet(ctx, YETT_EGRESS, ctx->ifindex);
    if (!packet) return TC_ACT_SHOT;
    return stage_entry(ctx, packet);
}

SEC("tc")
int yett_tc_ingress(struct __sk_buff* ctx) {
    struct yett_packet* packet = begin_packet(ctx, YETT_INGRESS, ctx->ifindex);
    if (!packet) return TC_ACT_SHOT;
    return stage_entry(ctx, packet);
}

SEC("tc")
int yett_tc_trace(struct __sk_buff* ctx) {
    struct yett_packet* packet = begin_trace(ctx);
    if (!packet) return TC_ACT_SHOT;
    return stage_entry(ctx, packet);
}

YETT_STAGE_PROGRAMS("tc", yett_tc)
