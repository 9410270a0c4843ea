// SPDX-License-Identifier: GPL-2.0-or-later
// The first matching engine: boxes one after another. Good up to about a thousand rules. It stands
// behind classify(): packet in, packet->rule out.
#pragma once

#include "abi/limits.h"
#include "classify/box.h"
#include "maps.h"
#include "record/record.h"

struct scan {
    struct yett_packet* packet;
    __u32 first;    ///< index of the list's first box in yett_boxes
    __u32 counted;  ///< the last rule that only counted; its other boxes are passed over
};

static __always_inline const struct yett_action* action_of(const struct yett_packet* packet,
                                                           __u32 rule) {
    __u32 index = packet_bank(packet) * YETT_MAX_RULES + rule;
    if (rule >= YETT_MAX_RULES) return NULL;
    return bpf_map_lookup_elem(&yett_actions, &index);
}

/// Called by bpf_loop for each box. 1 ends the scan.
static long scan_box(__u32 i, struct scan* scan) {
    __u32 index = scan->first + i;
    const struct yett_box* box = bpf_map_lookup_elem(&yett_boxes, &index);
    const struct yett_action* action;
    if (!box) return 1;
    scan->packet->compared++;
    if (box->rule == scan->counted || !box_matches(box, scan->packet)) return 0;
    action = action_of(scan->packet, box->rule);
    if (action && action->kind == YETT_ACTION_COUNT) {
        count_rule(scan->packet, action->counter);
        scan->counted = box->rule;
        return 0;
    }
    scan->packet->rule = box->rule;
    return 1;
}

/// Sets packet->rule to the first rule that matches and decides, else leaves YETT_NO_RULE. False:
/// no ruleset.
static __always_inline bool classify(struct yett_packet* packet) {
    const struct yett_ruleset* ruleset = ruleset_of(packet);
    struct scan scan = {.packet = packet, .counted = YETT_NO_RULE};
    const struct yett_box_list* list;
    if (!ruleset || packet->family >= YETT_FAMILIES || packet->direction >= YETT_DIRECTIONS)
        return false;
    list = &ruleset->lists[packet->direction][packet->family];
    scan.first = packet_bank(packet) * YETT_MAX_BOXES + list->first;
    bpf_loop(list->count, scan_box, &scan, 0);
    return true;
}
