// SPDX-License-Identifier: GPL-2.0-or-later
// Budgets of the replies that "reject" sends: a filter must not become a reflector.
#pragma once

#include "abi/types.h"

/// Replies a second on each CPU, in all (element 0) and to each group of sources (the others, by
/// hash of the source; IPv6: of its /64). A budget saves up to one second.
#define YETT_REPLIES_A_SECOND 1000
#define YETT_REPLIES_A_SECOND_TO_A_SOURCE 50
#define YETT_REPLY_BUDGETS 1025

struct yett_reply_budget {
    __u64 refilled;  ///< CLOCK_BOOTTIME nanoseconds
    __u64 tokens;
};
YETT_STATIC_ASSERT(sizeof(struct yett_reply_budget) == 16, "yett_reply_budget is ABI");
