// SPDX-License-Identifier: GPL-2.0-or-later
// Does one box match the packet? The law stands at struct yett_box; this is its plainest form.
#pragma once

#include "abi/fields.h"
#include "abi/ruleset.h"
#include "classify/sets.h"
#include "parse/packet.h"

static __always_inline bool in_range16(struct yett_range16 range, __u16 value) {
    return value >= range.first && value <= range.last;
}

static __always_inline bool in_range8(struct yett_range8 range, __u8 value) {
    return value >= range.first && value <= range.last;
}

static __always_inline bool not_above(const struct yett_address* a, const struct yett_address* b) {
    return a->hi < b->hi || (a->hi == b->hi && a->lo <= b->lo);
}

/// Fields that the packet has, as far as it is known: the box names only such, and none that must
/// be absent.
static __always_inline bool fields_fit(const struct yett_box* box,
                                       const struct yett_packet* packet) {
    __u32 there = packet->known | packet->unknown;
    if (box->named & ~there) return false;
    if (box->absent & packet->known) return false;
    return !(box->flags & YETT_BOX_NEEDS_KNOWN) || !((box->named | box->absent) & packet->unknown);
}

static __always_inline bool addresses_fit(const struct yett_box* box,
                                          const struct yett_packet* packet, __u32 test) {
    if (test & YETT_FIELD_BIT(SRC) &&
        !(not_above(&box->src_first, &packet->src) && not_above(&packet->src, &box->src_last)))
        return false;
    return !(test & YETT_FIELD_BIT(DST)) ||
           (not_above(&box->dst_first, &packet->dst) && not_above(&packet->dst, &box->dst_last));
}

static __always_inline bool wide_fields_fit(const struct yett_box* box,
                                            const struct yett_packet* packet, __u32 test) {
    return !((test & YETT_FIELD_BIT(SPORT) && !in_range16(box->sport, packet->sport)) ||
             (test & YETT_FIELD_BIT(DPORT) && !in_range16(box->dport, packet->dport)) ||
             (test & YETT_FIELD_BIT(LEN) && !in_range16(box->len, packet->len)) ||
             (test & YETT_FIELD_BIT(VLAN) && !in_range16(box->vlan, packet->vlan)) ||
             (test & YETT_FIELD_BIT(ETHERTYPE) && !in_range16(box->ethertype, packet->ethertype)) ||
             (test & YETT_FIELD_BIT(IFACE) && !in_range16(box->iface, packet->iface)));
}

static __always_inline bool narrow_fields_fit(const struct yett_box* box,
                                              const struct yett_packet* packet, __u32 test) {
    return !((test & YETT_FIELD_BIT(PROTO) && !in_range8(box->proto, packet->proto)) ||
             (test & YETT_FIELD_BIT(TTL) && !in_range8(box->ttl, packet->ttl)) ||
             (test & YETT_FIELD_BIT(DSCP) && !in_range8(box->dscp, packet->dscp)) ||
             (test & YETT_FIELD_BIT(ICMP_TYPE) && !in_range8(box->icmp_type, packet->icmp_type)) ||
             (test & YETT_FIELD_BIT(ICMP_CODE) && !in_range8(box->icmp_code, packet->icmp_code)) ||
             (test & YETT_FIELD_BIT(FRAGMENT) && !in_range8(box->fragment, packet->fragment)) ||
             (test & YETT_FIELD_BIT(STATE) && !in_range8(box->state, packet->state)) ||
             (test & YETT_FIELD_BIT(TCP_FLAGS) &&
              (packet->tcp_flags & box->tcp_mask) != box->tcp_value));
}

/// Family and direction have no range: a list holds boxes of one of each, and a bit for FAMILY in
/// `named` asks only that there is one.
static __always_inline bool address_sets_fit(const struct yett_box* box, struct yett_packet* packet,
                                             __u32 test) {
    __u32 flags = box->flags;
    if (test & YETT_FIELD_BIT(SRC) &&
        !(address_test(packet, box->src_set, flags & YETT_BOX_NOT_SRC_SET, YETT_PARTY_SRC) &&
          address_test(packet, box->src_set2, flags & YETT_BOX_NOT_SRC_SET2, YETT_PARTY_SRC)))
        return false;
    return !(test & YETT_FIELD_BIT(DST)) ||
           (address_test(packet, box->dst_set, flags & YETT_BOX_NOT_DST_SET, YETT_PARTY_DST) &&
            address_test(packet, box->dst_set2, flags & YETT_BOX_NOT_DST_SET2, YETT_PARTY_DST));
}

static __always_inline bool port_sets_fit(const struct yett_box* box,
                                          const struct yett_packet* packet, __u32 test) {
    __u32 flags = box->flags;
    if (test & YETT_FIELD_BIT(SPORT) &&
        !(port_test(box->sport_set, flags & YETT_BOX_NOT_SPORT_SET, packet->sport) &&
          port_test(box->sport_set2, flags & YETT_BOX_NOT_SPORT_SET2, packet->sport)))
        return false;
    return !(test & YETT_FIELD_BIT(DPORT)) ||
           (port_test(box->dport_set, flags & YETT_BOX_NOT_DPORT_SET, packet->dport) &&
            port_test(box->dport_set2, flags & YETT_BOX_NOT_DPORT_SET2, packet->dport));
}

static __always_inline bool macs_fit(const struct yett_box* box, const struct yett_packet* packet,
                                     __u32 test) {
    return !((test & YETT_FIELD_BIT(SMAC) &&
              (packet->smac < box->smac_first || packet->smac > box->smac_last)) ||
             (test & YETT_FIELD_BIT(DMAC) &&
              (packet->dmac < box->dmac_first || packet->dmac > box->dmac_last)));
}

static __always_inline bool link_sets_fit(const struct yett_box* box, struct yett_packet* packet,
                                          __u32 test) {
    __u32 flags = box->flags;
    if (test & YETT_FIELD_BIT(IFACE) &&
        !(interface_test(box->iface_set, flags & YETT_BOX_NOT_IFACE_SET, packet->iface) &&
          interface_test(box->iface_set2, flags & YETT_BOX_NOT_IFACE_SET2, packet->iface)))
        return false;
    if (test & YETT_FIELD_BIT(SMAC) &&
        !(address_test(packet, box->smac_set, flags & YETT_BOX_NOT_SMAC_SET, YETT_PARTY_SMAC) &&
          address_test(packet, box->smac_set2, flags & YETT_BOX_NOT_SMAC_SET2, YETT_PARTY_SMAC)))
        return false;
    return !(test & YETT_FIELD_BIT(DMAC)) ||
           (address_test(packet, box->dmac_set, flags & YETT_BOX_NOT_DMAC_SET, YETT_PARTY_DMAC) &&
            address_test(packet, box->dmac_set2, flags & YETT_BOX_NOT_DMAC_SET2, YETT_PARTY_DMAC));
}

#define YETT_WIDE_FIELDS                                                                          \
    (YETT_FIELD_BIT(SPORT) | YETT_FIELD_BIT(DPORT) | YETT_FIELD_BIT(LEN) | YETT_FIELD_BIT(VLAN) | \
     YETT_FIELD_BIT(ETHERTYPE) | YETT_FIELD_BIT(IFACE))
#define YETT_NARROW_FIELDS                                                              \
    (YETT_FIELD_BIT(PROTO) | YETT_FIELD_BIT(TTL) | YETT_FIELD_BIT(DSCP) |               \
     YETT_FIELD_BIT(ICMP_TYPE) | YETT_FIELD_BIT(ICMP_CODE) | YETT_FIELD_BIT(FRAGMENT) | \
     YETT_FIELD_BIT(STATE) | YETT_FIELD_BIT(TCP_FLAGS))
#define YETT_LINK_SETS (YETT_FIELD_BIT(IFACE) | YETT_FIELD_BIT(SMAC) | YETT_FIELD_BIT(DMAC))

/// Cheap tests first, sets last; of each kind only where the box names one at all.
static __always_inline bool box_matches(const struct yett_box* box, struct yett_packet* packet) {
    __u32 test = box->named & packet->known;
    if (!fields_fit(box, packet)) return false;
    if (test & YETT_WIDE_FIELDS && !wide_fields_fit(box, packet, test)) return false;
    if (test & YETT_NARROW_FIELDS && !narrow_fields_fit(box, packet, test)) return false;
    if (!addresses_fit(box, packet, test) || !address_sets_fit(box, packet, test)) return false;
    if (test & YETT_WIDE_FIELDS && !port_sets_fit(box, packet, test)) return false;
    return !(test & YETT_LINK_SETS) ||
           (macs_fit(box, packet, test) && link_sets_fit(box, packet, test));
}
