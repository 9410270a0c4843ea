// SPDX-License-Identifier: GPL-2.0-or-later
// The host's own addresses, as the daemon reads them off its interfaces.
#pragma once

#include "abi/ruleset.h"
#include "abi/types.h"

/// A link-local IPv6 address (fe80::/10) says nothing of other links: its key has the ifindex of
/// the interface whose frames may claim it, any other address has 0.
struct yett_local_key {
    struct yett_address address;
    __u32 family;   ///< enum yett_family
    __u32 ifindex;  ///< of a link-local address
};
YETT_STATIC_ASSERT(sizeof(struct yett_local_key) == 24, "yett_local_key is ABI");

/// What an address is to this host.
#define YETT_LOCAL_OWN 0x01        ///< it stands on an interface: nobody else sends from it
#define YETT_LOCAL_BROADCAST 0x02  ///< the broadcast address of a connected network

struct yett_local {
    __u32 kinds;  ///< YETT_LOCAL_*
    __u32 reserved;
};
YETT_STATIC_ASSERT(sizeof(struct yett_local) == 8, "yett_local is ABI");

#define YETT_MAX_LOCALS 4096

/// Most packets have no business with the table above: an address whose bit is not set is in none
/// of its keys. Its bit is number (lo ^ lo >> 12) % YETT_LOCAL_BITS.
#define YETT_LOCAL_BITS 4096
struct yett_local_filter {
    __u64 words[YETT_LOCAL_BITS / 64];
};
YETT_STATIC_ASSERT(sizeof(struct yett_local_filter) == 512, "yett_local_filter is ABI");
