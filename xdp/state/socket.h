// SPDX-License-Identifier: GPL-2.0-or-later
// What the host itself knows: a segment that fits no entry may still belong to one of its sockets.
#pragma once

#include <bpf/bpf_endian.h>

#include "abi/fields.h"
#include "hook.h"
#include "parse/packet.h"

static __always_inline void socket_words(__be32* words, const struct yett_address* address) {
    words[0] = bpf_htonl(address->hi >> 32);
    words[1] = bpf_htonl(address->hi);
    words[2] = bpf_htonl(address->lo >> 32);
    words[3] = bpf_htonl(address->lo);
}

/// Octets of the tuple that are used.
static __always_inline __u32 socket_tuple(const struct yett_packet* packet,
                                          struct bpf_sock_tuple* tuple) {
    if (packet->family == YETT_FAMILY_IPV4) {
        tuple->ipv4.saddr = bpf_htonl(packet->src.lo);
        tuple->ipv4.daddr = bpf_htonl(packet->dst.lo);
        tuple->ipv4.sport = bpf_htons(packet->sport);
        tuple->ipv4.dport = bpf_htons(packet->dport);
        return sizeof(tuple->ipv4);
    }
    socket_words(tuple->ipv6.saddr, &packet->src);
    socket_words(tuple->ipv6.daddr, &packet->dst);
    tuple->ipv6.sport = bpf_htons(packet->sport);
    tuple->ipv6.dport = bpf_htons(packet->dport);
    return sizeof(tuple->ipv6);
}

/// Past its handshake, and not yet closed by both sides.
static __always_inline bool socket_is_open(__u32 state) {
    return state == BPF_TCP_ESTABLISHED || state == BPF_TCP_FIN_WAIT1 ||
           state == BPF_TCP_FIN_WAIT2 || state == BPF_TCP_CLOSE_WAIT || state == BPF_TCP_LAST_ACK ||
           state == BPF_TCP_CLOSING;
}

/// True: a TCP socket of this network namespace has this very connection open. Nothing that a
/// sender does makes one, but a handshake with this host.
static __noinline int host_has_socket(yett_ctx* ctx, const struct yett_packet* packet) {
    struct bpf_sock_tuple tuple = {};
    struct bpf_sock* socket;
    bool open;
    __u32 size;
    if (!packet) return false;
    size = socket_tuple(packet, &tuple);
    if (size == sizeof(tuple.ipv4))
        socket = bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
    else
        socket = bpf_skc_lookup_tcp(ctx, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
    if (!socket) return false;
    open = socket_is_open(socket->state);
    bpf_sk_release(socket);
    return open;
}
