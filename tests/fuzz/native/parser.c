// SPDX-License-Identifier: GPL-2.0-or-later
// The stages of xdp/ around a small ruleset, run natively.
#include "parser.h"

#include <stdlib.h>
#include <string.h>

#include "maps.h"
#include "rules.h"
#include "stages.h"

typedef int (*native_stage)(yett_ctx*, struct yett_packet*);

/// In place of the matching engine, which has its own proof (tests/differential).
static int judge_by_rules(yett_ctx* ctx, struct yett_packet* packet) {
    packet->rule = first_rule(packet);
    goto_stage(ctx, YETT_STAGE_DECIDE);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}

static __attribute__((noinline)) int run_stage(yett_ctx* ctx, int stage) {
    struct yett_packet* packet = packet_of_this_cpu();
    if (stage == YETT_STAGE_STATE && packet_is_error(packet)) goto_stage(ctx, YETT_STAGE_ERROR);
    if (stage == YETT_STAGE_STATE) find_state(ctx, packet);
    if (stage == YETT_STAGE_STATE || stage == YETT_STAGE_CLASSIFY)
        return judge_by_rules(ctx, packet);
    switch (stage) {
#define NATIVE_STAGE(name, suffix) \
    case YETT_STAGE_##name:        \
        return stage_##suffix(ctx, packet);
        YETT_STAGES(NATIVE_STAGE)
#undef NATIVE_STAGE
    }
    abort();
}

/// Apart, so that setjmp's frame holds nothing that longjmp could lose.
static __attribute__((noinline)) int run_parsers(yett_ctx* ctx, struct yett_packet* packet) {
    enum yett_reason reason;
    count_seen(packet, interface_counters(packet));
    reason = enter(ctx, packet);
    if (reason == YETT_REASON_TAIL_CALL) goto_stage(ctx, YETT_STAGE_LINK);
    return reason == YETT_REASON_RULE ? to_the_rules(ctx, packet) : refuse(packet, reason);
}

/// The entry program. Each tail call lands at setjmp again.
static int run_entry(yett_ctx* ctx, struct yett_packet* packet) {
    if (!setjmp(ctx->tail_call)) return run_parsers(ctx, packet);
    return run_stage(ctx, ctx->stage);
}

static void* place(void* map, struct native_kind kind, __u32 index) {
    void* found = native_lookup(map, kind, &index);
    if (!found) abort();
    return found;
}
#define PLACE(map, index) place(&(map), NATIVE_KIND(&(map)), index)

static void write_local(__u64 hi, __u64 lo, __u32 family, __u32 kinds) {
    struct yett_local_filter* filter = PLACE(yett_local_filter, 0);
    struct yett_local_key key = {.address = {hi, lo}, .family = family};
    struct yett_local local = {.kinds = kinds};
    __u32 bit = (lo ^ lo >> 12) % YETT_LOCAL_BITS;
    filter->words[bit / 64] |= 1ull << (bit % 64);
    native_update(&yett_locals, NATIVE_KIND(&yett_locals), &key, &local);
}

static void write_tunnel_ports(struct yett_ruleset* ruleset) {
    static const struct yett_tunnel_port kPorts[] = {
#define NATIVE_TUNNEL_PORT(name, number) {.port = number, .tunnel = YETT_TUNNEL_##name},
        YETT_TUNNEL_PORTS_DEFAULT(NATIVE_TUNNEL_PORT)
#undef NATIVE_TUNNEL_PORT
    };
    for (__u32 i = 0; i < YETT_MAX_TUNNEL_PORTS; i++)
        ruleset->tunnel_ports[i] = i < sizeof(kPorts) / sizeof(*kPorts)
                                       ? kPorts[i]
                                       : (struct yett_tunnel_port){.tunnel = YETT_NO_TUNNEL};
}

static void write_ruleset(const struct native_setup* setup) {
    struct yett_ruleset* ruleset = PLACE(yett_rulesets, 0);
    struct yett_control* control = PLACE(yett_control, 0);
    struct yett_seed* seed = PLACE(yett_seed, 0);
    control->word = YETT_BANKS;
    for (__u32 i = 0; i < YETT_SEED_WORDS; i++)
        seed->words[i] = 0x9e3779b9 * (i + 1);
    ruleset->generation = 1;
    ruleset->exceptions_pass = setup->exceptions_pass;
    ruleset->inspect = setup->inspect;
    write_tunnel_ports(ruleset);
    // Connections are looked up in tables without a place: quoted packets are read, none is known.
    ruleset->flags = YETT_RULESET_STATE;
    for (__u32 i = 0; i < YETT_DIRECTIONS; i++) {
        ruleset->policy[i] = setup->policy;
        ruleset->policy_counter[i] = NATIVE_RULES;
    }
    write_local(0, 0xc000024d, YETT_FAMILY_IPV4, YETT_LOCAL_OWN);
    write_local(0, 0xc00002ff, YETT_FAMILY_IPV4, YETT_LOCAL_BROADCAST);
    write_local(0x20010db800020000, 0x77, YETT_FAMILY_IPV6, YETT_LOCAL_OWN);
    for (__u32 rule = 0; rule < NATIVE_RULES; rule++) {
        struct yett_action* action = PLACE(yett_actions, rule);
        action->kind = action_kind(rule);
        action->counter = rule;
    }
}

#define ETHERNET_OCTETS 14
#define NATIVE_IFINDEX 2

static void write_interface(__u32 ifindex, bool bare) {
    struct yett_interface* entry = PLACE(yett_interfaces, ifindex);
    entry->ifindex = ifindex;
    entry->flags = bare ? YETT_INTERFACE_BARE : 0;
}

/// Both parts on the heap, each of exactly its size.
static void fill_frame(yett_ctx* ctx, const unsigned char* frame, __u32 length, __u32 linear) {
    unsigned char* data = malloc(linear);
    ctx->rest = malloc(length - linear);
    if ((linear && !data) || (length > linear && !ctx->rest)) abort();
    memcpy(data, frame, linear);
    memcpy(ctx->rest, frame + linear, length - linear);
    ctx->data = (unsigned long)data;
    ctx->data_end = ctx->data + linear;
    ctx->length = length;
    ctx->ifindex = NATIVE_IFINDEX;
    ctx->sent = 0;
}

static void free_frame(yett_ctx* ctx) {
    free((void*)ctx->data);
    free(ctx->rest);
}

/// The counters of one direction stand side by side.
static struct yett_reason_counters* reason_counters(__u32 direction) {
    return PLACE(yett_reason_counters, direction * YETT_MAX_REASONS);
}

static void clear_counters(__u32 direction) {
    memset(PLACE(yett_interface_counters, direction), 0, sizeof(struct yett_interface_counters));
    memset(reason_counters(direction), 0, YETT_REASON_COUNT * sizeof(struct yett_reason_counters));
}

static void read_counters(__u32 direction, struct native_result* result) {
    const struct yett_interface_counters* all = PLACE(yett_interface_counters, direction);
    const struct yett_reason_counters* reasons = reason_counters(direction);
    result->seen = all->seen.packets;
    result->passed = all->passed.packets;
    result->dropped = all->dropped.packets;
    result->octets_seen = all->seen.bytes;
    result->octets_answered = all->passed.bytes + all->dropped.bytes;
    for (__u32 i = 0; i < YETT_REASON_COUNT; i++)
        if (reasons[i].passed.packets || reasons[i].dropped.packets) result->reasons |= 1ull << i;
}

static void soil_scratch(int octet) {
    memset(PLACE(yett_scratch, 0), octet, sizeof(struct yett_packet));
}

void native_forget_unknown(struct yett_trace_result* trace) {
#define NATIVE_FORGET(name, field) \
    if (!(trace->known & YETT_FIELD_BIT(name))) memset(&trace->field, 0, sizeof(trace->field));
    NATIVE_FORGET(SRC, src)
    NATIVE_FORGET(DST, dst)
    NATIVE_FORGET(SPORT, sport)
    NATIVE_FORGET(DPORT, dport)
    NATIVE_FORGET(LEN, len)
    NATIVE_FORGET(VLAN, vlan)
    NATIVE_FORGET(ETHERTYPE, ethertype)
    NATIVE_FORGET(PROTO, proto)
    NATIVE_FORGET(TTL, ttl)
    NATIVE_FORGET(DSCP, dscp)
    NATIVE_FORGET(ICMP_TYPE, icmp_type)
    NATIVE_FORGET(ICMP_CODE, icmp_code)
    NATIVE_FORGET(FRAGMENT, fragment)
    NATIVE_FORGET(TCP_FLAGS, tcp_flags)
    NATIVE_FORGET(FAMILY, family)
    NATIVE_FORGET(STATE, state)
#undef NATIVE_FORGET
}

void native_judge(const unsigned char* frame, __u32 length, __u32 linear,
                  const struct native_setup* setup, struct native_result* result) {
    struct yett_trace_request* request = PLACE(yett_trace_request, 0);
    yett_ctx ctx = {.tag = setup->tag,
                    .segments = setup->segments,
                    .segment_size = setup->segment_size,
                    .network = ETHERNET_OCTETS};
    memset(result, 0, sizeof(*result));
    write_ruleset(setup);
    clear_counters(setup->direction);
    if (length >= ETHERNET_OCTETS) ctx.protocol = frame[12] << 8 | frame[13];
    write_interface(NATIVE_IFINDEX, setup->bare);
    request->flags = setup->bare ? YETT_INTERFACE_BARE : 0;
    request->id = 1;
    request->direction = setup->direction;
    fill_frame(&ctx, frame, length, linear);
    soil_scratch(0xa5);
    run_entry(&ctx, begin_trace(&ctx));
    result->trace = *(struct yett_trace_result*)PLACE(yett_trace_result, 0);
    native_forget_unknown(&result->trace);
    free_frame(&ctx);
    soil_scratch(0x5a);
    fill_frame(&ctx, frame, length, linear);
    result->action = run_entry(&ctx, begin_packet(&ctx, setup->direction, ctx.ifindex));
    result->sent = ctx.sent;
    free_frame(&ctx);
    read_counters(setup->direction, result);
}

__u64 native_all_exceptions(void) {
    __u64 bits = 0;
#define NATIVE_LIFTED(name, text, kind, words)                \
    if (YETT_REASON_KIND_##kind == YETT_REASON_KIND_EXCEPT || \
        YETT_REASON_KIND_##kind == YETT_REASON_KIND_SWITCH)   \
        bits |= 1ull << YETT_REASON_##name;
    YETT_REASONS(NATIVE_LIFTED)
#undef NATIVE_LIFTED
    return bits;
}

__u64 native_no_exceptions(void) {
    __u64 bits = 0;
#define NATIVE_LIFTED(name, text, kind, words) \
    if (YETT_REASON_KIND_##kind == YETT_REASON_KIND_SWITCH) bits |= 1ull << YETT_REASON_##name;
    YETT_REASONS(NATIVE_LIFTED)
#undef NATIVE_LIFTED
    return bits;
}

const char* native_reason_name(__u32 reason) {
    static const char* const kNames[] = {
#define NATIVE_NAME(name, text, kind, words) text,
        YETT_REASONS(NATIVE_NAME)
#undef NATIVE_NAME
    };
    return reason < YETT_REASON_COUNT ? kNames[reason] : "?";
}
