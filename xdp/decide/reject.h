// SPDX-License-Identifier: GPL-2.0-or-later
// The last stage of a rejected packet: it is counted as dropped already, and its frame may become a
// reply.
#pragma once

#include "decide/reply_ipv4.h"
#include "decide/reply_ipv6.h"

static __always_inline int stage_reject(yett_ctx* ctx, struct yett_packet* packet) {
    bool ipv4 = packet->family == YETT_FAMILY_IPV4;
    if (!may_reply(ctx, packet) || !reply_is_affordable(packet)) return hook_action(YETT_DROP);
    if (packet->proto == PROTO_TCP) return ipv4 ? reset_ipv4(ctx, packet) : reset_ipv6(ctx, packet);
    return ipv4 ? unreachable_ipv4(ctx, packet) : unreachable_ipv6(ctx, packet);
}
