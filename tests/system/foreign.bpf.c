// SPDX-License-Identifier: GPL-2.0-or-later
// Somebody else's XDP program: passes everything. Tests attach it before yett comes.
#include <linux/bpf.h>

__attribute__((section("xdp"), used)) int foreign(struct xdp_md* context) {
    (void)context;
    return XDP_PASS;
}

__attribute__((section("license"), used)) char gpl[] = "GPL";
