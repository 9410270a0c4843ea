// SPDX-License-Identifier: GPL-2.0-or-later
// The laws, one function each.
#include "laws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/fields.h"
#include "abi/reasons.h"
#include "parser.h"

#define PROTO_TCP_NUMBER 6
#define SETUPS 64
#define PADDING 48

static char text[256];

/// Cuts and splits come from the frame itself: the same frame is always tried the same way.
static unsigned hash_frame(const unsigned char* frame, unsigned length) {
    unsigned hash = 2166136261u;
    for (unsigned i = 0; i < length; i++)
        hash = (hash ^ frame[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static struct native_setup setup_of(unsigned number) {
    struct native_setup setup = {
        .exceptions_pass = number & 2 ? native_all_exceptions() : native_no_exceptions(),
        .inspect = number & 4 ? ~0u : 0,
        .direction = number & 8 ? YETT_EGRESS : YETT_INGRESS,
        .policy = number & 1 ? YETT_PASS : YETT_DROP,
        .tag = number & 16 ? 0x0005 : -1,
        .bare = number & 32 ? 1 : 0,
    };
    return setup;
}

static bool is_decision(__u32 reason) {
    return reason == YETT_REASON_RULE || reason == YETT_REASON_POLICY ||
           reason == YETT_REASON_FRAG_TRACKED;
}

/// One verdict, the same for a traced and a counted packet, and it has a cause.
static const char* verdict_law(const struct native_result* it) {
    const struct yett_trace_result* trace = &it->trace;
    if (trace->verdict > YETT_DROP) return "a verdict that there is not";
    if (trace->reason >= YETT_REASON_COUNT) return "a reason that there is not";
    if (trace->verdict == YETT_PASS && it->action != YETT_PASS) return "traced pass, counted drop";
    if (trace->verdict == YETT_DROP && it->action == YETT_PASS) return "traced drop, counted pass";
    if (trace->verdict == YETT_PASS && !is_decision(trace->reason)) return "passes for a reason";
    if (trace->reason == YETT_REASON_RULE && trace->rule >= NATIVE_RULES) return "no rule decided";
    if (trace->reason != YETT_REASON_RULE && !(it->reasons >> trace->reason & 1))
        return "its reason is not counted";
    return NULL;
}

static const char* counter_law(const struct native_result* it) {
    if (it->seen != 1 || it->passed + it->dropped != 1) return "passed + dropped is not seen";
    if (it->passed != (it->trace.verdict == YETT_PASS)) return "counted under the other verdict";
    return it->octets_seen == it->octets_answered ? NULL : "octets go missing";
}

static const char* field_law(const struct yett_trace_result* trace) {
    const __u32 ports = YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT);
    const bool may_be_tcp =
        trace->unknown & YETT_FIELD_BIT(PROTO) || trace->proto == PROTO_TCP_NUMBER;
    if (trace->known & trace->unknown) return "a field is known and unknown";
    if ((trace->known | trace->unknown) & ~YETT_ALL_FIELDS) return "a field that there is not";
    if (trace->verdict == YETT_DROP || trace->reason == YETT_REASON_FRAG_TRACKED) return NULL;
    if (trace->unknown & YETT_FIELD_BIT(SRC)) return "unknown source passes a rule that drops";
    if (trace->unknown & ports && may_be_tcp) return "unknown port passes a rule that drops";
    return NULL;
}

static bool same_trace(const struct yett_trace_result* a, const struct yett_trace_result* b) {
    return memcmp(a, b, sizeof(*a)) == 0;
}

/// Where the linear part of a frame ends says nothing about the packet.
static const char* split_law(const unsigned char* frame, unsigned length, unsigned linear,
                             const struct native_setup* setup, const struct native_result* whole) {
    struct native_result split;
    native_judge(frame, length, linear, setup, &split);
    return same_trace(&whole->trace, &split.trace) ? NULL : "another verdict when it is split";
}

/// A frame that is cut off is dropped, or judged as the whole.
static const char* cut_law(const unsigned char* frame, unsigned size,
                           const struct native_setup* setup, const struct native_result* whole) {
    struct native_result cut;
    native_judge(frame, size, size, setup, &cut);
    if (cut.trace.verdict == YETT_DROP || same_trace(&whole->trace, &cut.trace)) return NULL;
    return "passes when it is cut";
}

/// Octets behind the IP packet are not read, whatever they look like: here, a TCP header.
static const char* padding_law(const unsigned char* frame, unsigned length,
                               const struct native_setup* setup,
                               const struct native_result* whole) {
    static const unsigned char kPadding[PADDING] = {0x11, 0x5c, 0x01, 0xbb, 0, 0, 0, 1, 0, 0,
                                                    0,    0,    0x50, 0x02, 1, 0, 0, 0, 0, 0};
    struct native_result padded;
    unsigned char* longer;
    if (!(whole->trace.known & YETT_FIELD_BIT(FAMILY))) return NULL;
    longer = malloc(length + PADDING);
    if (!longer) abort();
    memcpy(longer, frame, length);
    memcpy(longer + length, kPadding, PADDING);
    native_judge(longer, length + PADDING, length + PADDING, setup, &padded);
    free(longer);
    return same_trace(&whole->trace, &padded.trace) ? NULL : "another verdict when it is padded";
}

static const char* laws_in(const unsigned char* frame, unsigned length, unsigned effort,
                           const struct native_setup* setup) {
    struct native_result whole;
    unsigned hash = hash_frame(frame, length);
    const char* broken;
    native_judge(frame, length, length, setup, &whole);
    if ((broken = verdict_law(&whole))) return broken;
    if ((broken = counter_law(&whole))) return broken;
    if ((broken = field_law(&whole.trace))) return broken;
    if (whole.sent > length) return "a reply that is longer than the frame";
    if ((broken = padding_law(frame, length, setup, &whole))) return broken;
    for (unsigned i = 0; i < effort && length; i++, hash = hash * 1664525u + 1013904223u) {
        unsigned at = (hash >> 8) % length;
        if ((broken = split_law(frame, length, at, setup, &whole))) return broken;
        if ((broken = cut_law(frame, at, setup, &whole))) return broken;
    }
    return NULL;
}

const char* broken_law(const unsigned char* frame, unsigned length, unsigned effort) {
    for (unsigned number = 0; number < SETUPS; number++) {
        const struct native_setup setup = setup_of(number);
        const char* broken = laws_in(frame, length, effort, &setup);
        if (!broken) continue;
        snprintf(text, sizeof(text), "%s (policy %s, exceptions %s, inspect %s, %s%s%s)", broken,
                 setup.policy == YETT_PASS ? "pass" : "drop", number & 2 ? "all" : "none",
                 setup.inspect ? "all" : "none", number & 8 ? "egress" : "ingress",
                 setup.tag < 0 ? "" : ", tag in metadata", setup.bare ? ", bare" : "");
        return text;
    }
    return NULL;
}
