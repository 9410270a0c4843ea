// SPDX-License-Identifier: GPL-2.0-or-later
// ARP: complete, and of a hardware and protocol that this host can mean.
#pragma once

#include <bpf/bpf_endian.h>

#include "parse/frame.h"
#include "parse/headers.h"
#include "record/record.h"

/// A sender says its MAC address twice: in the frame and in ARP. They differ behind some bridges
/// and for virtual routers, hence a switch.
static __always_inline bool arp_sender_differs(yett_ctx* ctx, const struct yett_packet* packet) {
    __be16 mac[3];
    if (!frame_read(ctx, packet->next + sizeof(struct arp_header), mac, sizeof(mac))) return true;
    return mac_number(mac) != packet->smac;
}

static __always_inline int stage_arp(yett_ctx* ctx, struct yett_packet* packet) {
    struct arp_header arp;
    if (!frame_read(ctx, packet->next, &arp, sizeof(arp)))
        return refuse(packet, YETT_REASON_TRUNCATED);
    __u32 body = 2 * (arp.hardware_length + arp.protocol_length);
    if (packet->next + sizeof(arp) + body > packet->end)
        return refuse(packet, YETT_REASON_TRUNCATED);
    if (arp.protocol_type == bpf_htons(ETHERTYPE_IPV4) &&
        (arp.hardware_length != 6 || arp.protocol_length != 4))
        return refuse(packet, YETT_REASON_BAD_HEADER);
    if (arp.hardware_length == 6 && !frame_is_bare(packet) && arp_sender_differs(ctx, packet))
        packet_suspect(packet, YETT_REASON_ARP_SENDER);
    goto_stage(ctx, YETT_STAGE_CLASSIFY);
    return refuse(packet, YETT_REASON_TAIL_CALL);
}
