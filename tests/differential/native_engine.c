// SPDX-License-Identifier: GPL-2.0-or-later
// Compiled like tests/fuzz/native: maps are memory.
#include "native_engine.h"

#include <string.h>

#include "classify/classify.h"
#include "hook.h"

static void* element(void* map, struct native_kind kind, __u32 index) {
    return native_lookup(map, kind, &index);
}
#define ELEMENT(map, index) element(&(map), NATIVE_KIND(&(map)), index)

static __u64 generation;

void native_engine_load(const struct yett_ruleset* ruleset, const __u64* pages, __u64 words,
                        const struct yett_action* actions, __u32 count) {
    memcpy(ELEMENT(yett_rulesets, 0), ruleset, sizeof(*ruleset));
    memcpy(ELEMENT(yett_engine, 0), pages, words * sizeof(*pages));
    memcpy(ELEMENT(yett_actions, 0), actions, count * sizeof(*actions));
    generation++;
    for (__u32 rule = 0; rule < count; rule++)
        memset(ELEMENT(yett_rule_counters, actions[rule].counter), 0, sizeof(struct yett_counter));
}

bool native_engine_classify(struct yett_packet* packet) {
    packet->word = generation * YETT_BANKS;
    packet->rule = YETT_NO_RULE;
    packet->compared = 0;
    packet->segments = 1;
    // Where the engine has its memory of flows, too.
    struct yett_packet* scratch = packet_of_this_cpu();
    *scratch = *packet;
    const bool judged = classify(scratch);
    *packet = *scratch;
    return judged;
}

__u32 native_linear(const struct yett_box* boxes, __u32 count, const struct yett_action* actions,
                    const struct yett_packet* packet, __u64* counted) {
    __u32 last = YETT_NO_RULE;
    for (__u32 i = 0; i < count; i++) {
        const struct yett_box* box = &boxes[i];
        if (box->rule == last || !box_matches(box, packet)) continue;
        if (actions[box->rule].kind != YETT_ACTION_COUNT) return box->rule;
        last = box->rule;
        counted[last]++;
    }
    return YETT_NO_RULE;
}

__u64 native_engine_counted(__u32 slot) {
    const struct yett_counter* counter = ELEMENT(yett_rule_counters, slot);
    return counter->packets;
}
