// SPDX-License-Identifier: GPL-2.0-or-later
// The packet's half of yett as a library: the parsers and the decision of xdp/, from the very same
// headers, around seven rules that are judged straight from the law at struct yett_box.
#pragma once

#include "abi/observe.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How a frame is judged.
struct native_setup {
    __u64 exceptions_pass;  ///< as in struct yett_ruleset
    __u32 inspect;          ///< as in struct yett_ruleset
    __u32 direction;        ///< enum yett_direction
    __u32 policy;           ///< enum yett_verdict
    int tag;                ///< a VLAN tag in metadata, or -1
    int bare;               ///< 1: the packet begins behind the Ethernet header, which is not there
    __u32 segments;         ///< frames on the wire that a GSO frame stands for; 0 or 1 = no GSO
    __u32 segment_size;     ///< transport payload of each
};

/// What came of it.
struct native_result {
    struct yett_trace_result trace;
    __u32 action;  ///< of the run that counts: enum yett_verdict, or 2 for a frame sent back
    __u32 sent;    ///< octets of the reply
    __u64 seen, passed, dropped;         ///< packets, by the interface's counters
    __u64 octets_seen, octets_answered;  ///< octets of those, and of passed and dropped together
    __u64 reasons;                       ///< bit r: reason r was counted
};

/// The rules, in order: drop the sources 198.51.100.0/24 and 2001:db8:bad::/48, drop TCP to port
/// 22, reject TCP to 23, pass TCP to 443, UDP to 53, echo requests, and ARP. The host's own
/// addresses are 192.0.2.77 and 2001:db8:2::77 in networks with the broadcast address 192.0.2.255.
enum native_rule {
    NATIVE_BLOCKED,
    NATIVE_NO_SSH,
    NATIVE_NO_TELNET,
    NATIVE_WEB,
    NATIVE_DNS,
    NATIVE_PING,
    NATIVE_ARP,
    NATIVE_RULES,
};

/// Judges a frame of which `linear` octets lie in the first buffer, once traced and once counted.
/// The frame itself is not written to. The scratch that packets travel in holds other octets
/// before each of the two, so that whoever reads what is not known judges them differently.
void native_judge(const unsigned char* frame, __u32 length, __u32 linear,
                  const struct native_setup* setup, struct native_result* result);

/// Zeroes what the packet does not have or nobody could read: nobody may look at it.
void native_forget_unknown(struct yett_trace_result* trace);

/// All reasons that "exceptions" may lift.
__u64 native_all_exceptions(void);
/// What "exceptions" lifts where a ruleset says nothing.
__u64 native_no_exceptions(void);
const char* native_reason_name(__u32 reason);

#ifdef __cplusplus
}
#endif
