// SPDX-License-Identifier: GPL-2.0-or-later
// Fixed-width types and size checks that mean the same to C11 (BPF) and C++20.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#define YETT_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define YETT_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/// Part of the pin path. Raised whenever a struct, a map or an enum value in xdp/abi changes in a
/// way that an older daemon or program would misread.
#define YETT_ABI_VERSION 5
