// SPDX-License-Identifier: GPL-2.0-or-later
// The programs of the data plane and their places in the prog arrays.
#pragma once

#include "abi/types.h"

/// X(ENUM, suffix): program yett_xdp_<suffix> in yett_xdp_stages, yett_tc_<suffix> in
/// yett_tc_stages.
#define YETT_STAGES(X)    \
    X(IPV4, ipv4)         \
    X(IPV6, ipv6)         \
    X(ARP, arp)           \
    X(TCP, tcp)           \
    X(UDP, udp)           \
    X(ICMP, icmp)         \
    X(ICMPV6, icmpv6)     \
    X(OTHER, other)       \
    X(CLASSIFY, classify) \
    X(DECIDE, decide)     \
    X(INNER, inner)       \
    X(REJECT, reject)     \
    X(STATE, state)       \
    X(LINK, link)         \
    X(ERROR, error)

enum yett_stage {
#define YETT_STAGE_ENUM(name, suffix) YETT_STAGE_##name,
    YETT_STAGES(YETT_STAGE_ENUM)
#undef YETT_STAGE_ENUM
        YETT_STAGE_COUNT
};

/// Room in the prog arrays, so that a stage can be added without a new ABI.
#define YETT_MAX_STAGES 32
YETT_STATIC_ASSERT(YETT_STAGE_COUNT <= YETT_MAX_STAGES, "a prog array has 32 slots");
