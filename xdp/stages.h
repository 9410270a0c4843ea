// SPDX-License-Identifier: GPL-2.0-or-later
// The programs behind the entries: one for each stage of abi/stages.h, the same for XDP and TC.
#pragma once

#include "decide/decide.h"
#include "decide/reject.h"
#include "parse/arp.h"
#include "parse/begin.h"
#include "parse/ipv4.h"
#include "parse/ipv6.h"
#include "parse/link.h"
#include "parse/transport.h"
#include "parse/tunnel.h"
#include "state/state.h"

/// Without its packet (which cannot happen: the scratch array has one element) a stage drops
/// unseen.
#define YETT_STAGE_PROGRAM(section, name, body)            \
    SEC(section)                                           \
    int name(yett_ctx* ctx) {                              \
        struct yett_packet* packet = packet_of_this_cpu(); \
        if (!packet) return hook_action(YETT_DROP);        \
        return body;                                       \
    }

#define YETT_STAGE_PROGRAMS(section, prefix)                                                     \
    YETT_STAGE_PROGRAM(section, prefix##_ipv4, stage_ipv4(ctx, packet))                          \
    YETT_STAGE_PROGRAM(section, prefix##_ipv6, stage_ipv6(ctx, packet))                          \
    YETT_STAGE_PROGRAM(section, prefix##_arp, stage_arp(ctx, packet))                            \
    YETT_STAGE_PROGRAM(section, prefix##_tcp, stage_tcp(ctx, packet))                            \
    YETT_STAGE_PROGRAM(section, prefix##_udp, stage_udp(ctx, packet))                            \
    YETT_STAGE_PROGRAM(section, prefix##_icmp, stage_icmp(ctx, packet))                          \
    YETT_STAGE_PROGRAM(section, prefix##_icmpv6, stage_icmpv6(ctx, packet))                      \
    YETT_STAGE_PROGRAM(section, prefix##_other, stage_other(ctx, packet))                        \
    YETT_STAGE_PROGRAM(section, prefix##_classify, stage_classify(ctx, packet))                  \
    YETT_STAGE_PROGRAM(section, prefix##_decide, stage_decide(ctx, packet))                      \
    YETT_STAGE_PROGRAM(section, prefix##_inner, (learn_outer(packet), stage_inner(ctx, packet))) \
    YETT_STAGE_PROGRAM(section, prefix##_reject, stage_reject(ctx, packet))                      \
    YETT_STAGE_PROGRAM(section, prefix##_state, stage_state(ctx, packet))                        \
    YETT_STAGE_PROGRAM(section, prefix##_link, stage_link(ctx, packet))                          \
    YETT_STAGE_PROGRAM(section, prefix##_error, stage_error(ctx, packet))
