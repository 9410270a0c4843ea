// SPDX-License-Identifier: GPL-2.0-or-later
// What the shared stages need of a hook, over a frame in two buffers of exactly its size: reading
// one octet too far is seen by AddressSanitizer. hook/xdp/hook.h and hook/tc/hook.h are its
// brothers.
#pragma once

#include <setjmp.h>
#include <string.h>

#include "abi/ruleset.h"
#include "abi/stages.h"
#include "parse/packet.h"

struct native_frame {
    unsigned long data, data_end;  ///< the linear part
    unsigned char* rest;           ///< what follows it
    __u32 length;                  ///< of both
    __u32 ifindex;
    __u32 sent;                    ///< octets of a reply, 0 = none
    int tag;                       ///< a VLAN tag in metadata, or -1
    __u32 network;                 ///< offset of a bare frame's network header
    __u16 protocol;                ///< and its ethertype
    __u32 segments, segment_size;  ///< of a GSO frame; 0 = none
    int stage;                     ///< where the tail call goes
    jmp_buf tail_call;
};
typedef struct native_frame yett_ctx;

static inline __u32 frame_linear(yett_ctx* ctx) {
    return ctx->data_end - ctx->data;
}

/// A tail call does not come back.
static inline void goto_stage(yett_ctx* ctx, enum yett_stage stage) {
    ctx->stage = stage;
    longjmp(ctx->tail_call, 1);
}

static inline __u32 frame_length(yett_ctx* ctx) {
    return ctx->length;
}

static inline unsigned char* frame_octet(yett_ctx* ctx, __u32 offset) {
    __u32 linear = frame_linear(ctx);
    return offset < linear ? (unsigned char*)ctx->data + offset : ctx->rest + (offset - linear);
}

static inline bool frame_has(yett_ctx* ctx, __u32 offset, __u32 size) {
    return offset <= ctx->length && size <= ctx->length - offset;
}

/// 0, or a negative errno, and then zeros as the kernel writes them.
static inline long frame_load(yett_ctx* ctx, __u32 offset, void* to, __u32 size) {
    unsigned char* octets = to;
    if (!frame_has(ctx, offset, size)) {
        memset(to, 0, size);
        return -1;
    }
    for (__u32 i = 0; i < size; i++)
        octets[i] = *frame_octet(ctx, offset + i);
    return 0;
}

static inline __u32 frame_ifindex(yett_ctx* ctx) {
    return ctx->ifindex;
}

static inline long frame_store(yett_ctx* ctx, __u32 offset, void* from, __u32 size) {
    const unsigned char* octets = from;
    if (!frame_has(ctx, offset, size)) return -1;
    for (__u32 i = 0; i < size; i++)
        *frame_octet(ctx, offset + i) = octets[i];
    return 0;
}

/// A reply only ever gets shorter: anything else is refused, as a full driver does.
static inline long frame_resize(yett_ctx* ctx, __u32 old_size, __u32 new_size) {
    if (old_size != ctx->length || new_size > old_size) return -1;
    ctx->length = new_size;
    return 0;
}

#define NATIVE_SENT_BACK 2

static inline int frame_send_back(yett_ctx* ctx, const struct yett_packet* packet) {
    (void)packet;
    ctx->sent = ctx->length;
    return NATIVE_SENT_BACK;
}

static inline int frame_metadata_tag(yett_ctx* ctx, __u16* tci) {
    if (ctx->tag < 0) return 0;
    *tci = (__u16)ctx->tag;
    return 1;
}

static inline __u32 frame_metadata_octets(yett_ctx* ctx) {
    return ctx->tag < 0 ? 0 : 4;
}

static inline bool frame_is_bare(const struct yett_packet* packet) {
    return packet->bare;
}

static inline __u32 frame_network_offset(yett_ctx* ctx) {
    return ctx->network;
}

static inline __u16 frame_protocol(yett_ctx* ctx) {
    return ctx->protocol;
}

static inline bool frame_is_super(const struct yett_packet* packet) {
    return packet->segment_size;
}

static inline void frame_segments(yett_ctx* ctx, struct yett_packet* packet) {
    packet->segments = ctx->segments > 1 ? ctx->segments : 1;
    packet->segment_size = ctx->segment_size;
    packet->segment_headers = 0;
    packet->stripped = 0;
}

static inline __u32 frame_segment_headers(yett_ctx* ctx) {
    (void)ctx;
    return 0;
}

static inline void set_frames(struct yett_packet* packet, __u32 frames) {
    packet->segments = frames < 0xffff ? frames : 0xffff;
}

static inline __u32 frames_of(const struct yett_packet* packet) {
    return packet->segments;
}

static inline bool frame_is_for_others(yett_ctx* ctx, const struct yett_packet* packet) {
    (void)ctx;
    (void)packet;
    return false;
}

/// Not forwarded, for the laws about connections are held elsewhere (tests/packet).
static inline bool frame_is_own(yett_ctx* ctx) {
    (void)ctx;
    return true;
}

static inline int hook_action(enum yett_verdict verdict) {
    return verdict;
}
