// SPDX-License-Identifier: GPL-2.0-or-later
// The matching engine's own headers, compiled for this machine, and a scan over all boxes by the
// law beside them.
#pragma once

#include "abi/ruleset.h"
#include "parse/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One bank: what the compiler made. Each rule must have a counter of its own.
void native_engine_load(const struct yett_ruleset* ruleset, const __u64* pages, __u64 words,
                        const struct yett_action* actions, __u32 count);
/// classify(), with packet->rule and packet->compared. False: no trees for such a packet. Counts,
/// and remembers flows, unless packet->trace_id is set.
bool native_engine_classify(struct yett_packet* packet);
/// Box after box. `counted[rule]` goes up for rules that count and stand before the deciding one.
__u32 native_linear(const struct yett_box* boxes, __u32 count, const struct yett_action* actions,
                    const struct yett_packet* packet, __u64* counted);
/// Packets that classify() counted in a counter slot since the last load.
__u64 native_engine_counted(__u32 slot);

#ifdef __cplusplus
}
#endif
