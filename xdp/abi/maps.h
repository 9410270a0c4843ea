// SPDX-License-Identifier: GPL-2.0-or-later
// Every map, once. xdp/maps.h declares them from this list, ctl/bpf opens and checks them by it.
#pragma once

#include <linux/bpf.h>

#include "abi/connection.h"
#include "abi/engine.h"
#include "abi/fragment.h"
#include "abi/limits.h"
#include "abi/local.h"
#include "abi/meter.h"
#include "abi/observe.h"
#include "abi/reply.h"
#include "abi/ruleset.h"
#include "abi/sets.h"
#include "abi/types.h"

// clang-format off
/// X(name, type, key, value, max entries, flags). In words, and what happens when it is full:
///   yett_control             the generation word (mmap: one atomic store switches)
///   yett_rulesets            one header a bank
///   yett_engine              compiled rules, bank after bank (mmap); the compiler refuses beyond the bound. Programs have the
///                            address of its memory (YETT_MEMORY_OF), not a look-up
///   yett_actions             what each rule does, bank after bank; the compiler refuses beyond the bound
///   yett_set_control         where the tables of sets stand (mmap)
///   yett_set_segments        1 MiB pieces of the tables of sets; no room: the change is refused, nothing is lost
///   yett_set_lengths4/6      which prefix lengths occur where (mmap)
///   yett_port_sets           operators' port sets, by slot
///   yett_interface_sets      operators' sets of interfaces, by slot
///   yett_auto_bans           sources the data plane banned; LRU: the oldest ban goes first
///   yett_ban_counters        what became of wishes to ban
///   yett_interfaces          ifindex -> slot; the daemon refuses an interface that finds no bucket
///   yett_rule_counters       packets and octets: CPU after CPU, each by counter slot (mmap); made as long as CPUs ask
///   yett_reason_counters     by direction and reason, for each CPU
///   yett_interface_counters  by slot and direction, for each CPU
///   yett_limits              rate limits of rules, bank after bank; the compiler refuses beyond the bound
///   yett_meters              buckets of limits by key; full: new keys share the rule's bucket
///   yett_shared_buckets      each rule's own bucket, by counter slot
///   yett_seed                secret of the hashes
///   yett_fragments           datagrams whose first fragment passed; full: later fragments are dropped
///   yett_replies             how many replies "reject" may still send, for each CPU; empty: it drops
///   yett_connections4/6      who talks to whom, by family; full: the oldest of its place goes, proven ones last
///   yett_connection_config   how many places they have
///   yett_connection_counters connections made and evicted, for each CPU
///   yett_locals              this host's own addresses; full: the daemon says which it left out
///   yett_local_filter        a bit for each of them, so that few packets ask yett_locals
///   yett_trace_request       what the next traced packet pretends to be
///   yett_trace_result        how it was judged
// clang-format on
#define YETT_MAPS(X)                                                                               \
    X(yett_control, BPF_MAP_TYPE_ARRAY, __u32, struct yett_control, 1, BPF_F_MMAPABLE)             \
    X(yett_rulesets, BPF_MAP_TYPE_ARRAY, __u32, struct yett_ruleset, YETT_BANKS, 0)                \
    X(yett_engine, BPF_MAP_TYPE_ARRAY, __u32, struct yett_engine, 1, BPF_F_MMAPABLE)               \
    X(yett_actions, BPF_MAP_TYPE_ARRAY, __u32, struct yett_action, YETT_BANKS* YETT_MAX_RULES,     \
      BPF_F_MMAPABLE)                                                                              \
    X(yett_set_control, BPF_MAP_TYPE_ARRAY, __u32, struct yett_set_control, 1, BPF_F_MMAPABLE)     \
    X(yett_set_segments, BPF_MAP_TYPE_ARRAY_OF_MAPS, __u32, __u32, YETT_SET_SEGMENTS, 0)           \
    X(yett_set_lengths4, BPF_MAP_TYPE_ARRAY, __u32, __u64, YETT_SET_DIRECTORY, BPF_F_MMAPABLE)     \
    X(yett_set_lengths6, BPF_MAP_TYPE_ARRAY, __u32, struct yett_set_lengths6, YETT_SET_DIRECTORY,  \
      BPF_F_MMAPABLE)                                                                              \
    X(yett_port_sets, BPF_MAP_TYPE_ARRAY, __u32, struct yett_port_set, YETT_MAX_PORT_SET_SLOTS, 0) \
    X(yett_interface_sets, BPF_MAP_TYPE_ARRAY, __u32, struct yett_interface_set,                   \
      YETT_MAX_INTERFACE_SET_SLOTS, 0)                                                             \
    X(yett_auto_bans, BPF_MAP_TYPE_LRU_HASH, struct yett_ban_key, struct yett_ban,                 \
      YETT_MAX_AUTO_BANS, 0)                                                                       \
    X(yett_ban_counters, BPF_MAP_TYPE_ARRAY, __u32, struct yett_ban_counters, 1, BPF_F_MMAPABLE)   \
    X(yett_interfaces, BPF_MAP_TYPE_ARRAY, __u32, struct yett_interface, YETT_IFINDEX_BUCKETS, 0)  \
    X(yett_rule_counters, BPF_MAP_TYPE_ARRAY, __u32, struct yett_counter, YETT_MAX_COUNTERS,       \
      BPF_F_MMAPABLE)                                                                              \
    X(yett_reason_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct yett_reason_counters,         \
      YETT_DIRECTIONS* YETT_MAX_REASONS, 0)                                                        \
    X(yett_interface_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct yett_interface_counters,   \
      YETT_DIRECTIONS* YETT_MAX_INTERFACES, 0)                                                     \
    X(yett_limits, BPF_MAP_TYPE_ARRAY, __u32, struct yett_limit, YETT_BANKS* YETT_MAX_LIMITS,      \
      BPF_F_MMAPABLE)                                                                              \
    X(yett_meters, BPF_MAP_TYPE_ARRAY, __u32, struct yett_meter_set, YETT_METER_SETS,              \
      BPF_F_MMAPABLE)                                                                              \
    X(yett_shared_buckets, BPF_MAP_TYPE_ARRAY, __u32, struct yett_shared_bucket,                   \
      YETT_MAX_COUNTERS, 0)                                                                        \
    X(yett_seed, BPF_MAP_TYPE_ARRAY, __u32, struct yett_seed, 1, 0)                                \
    X(yett_fragments, BPF_MAP_TYPE_ARRAY, __u32, struct yett_fragment_set, YETT_FRAGMENT_SETS, 0)  \
    X(yett_replies, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct yett_reply_budget,                    \
      YETT_REPLY_BUDGETS, 0)                                                                       \
    X(yett_connections4, BPF_MAP_TYPE_ARRAY, __u32, struct yett_connections4,                      \
      YETT_MAX_CONNECTIONS / YETT_CONNECTION_WAYS, BPF_F_MMAPABLE)                                 \
    X(yett_connections6, BPF_MAP_TYPE_ARRAY, __u32, struct yett_connections6,                      \
      YETT_MAX_CONNECTIONS / YETT_CONNECTION_WAYS, BPF_F_MMAPABLE)                                 \
    X(yett_connection_config, BPF_MAP_TYPE_ARRAY, __u32, struct yett_connection_config, 1, 0)      \
    X(yett_connection_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct yett_connection_counters, \
      1, 0)                                                                                        \
    X(yett_locals, BPF_MAP_TYPE_HASH, struct yett_local_key, struct yett_local, YETT_MAX_LOCALS,   \
      0)                                                                                           \
    X(yett_local_filter, BPF_MAP_TYPE_ARRAY, __u32, struct yett_local_filter, 1, 0)                \
    X(yett_trace_request, BPF_MAP_TYPE_ARRAY, __u32, struct yett_trace_request, 1, BPF_F_MMAPABLE) \
    X(yett_trace_result, BPF_MAP_TYPE_ARRAY, __u32, struct yett_trace_result, 1, BPF_F_MMAPABLE)
