// SPDX-License-Identifier: GPL-2.0-or-later
// The libFuzzer target: any octets as a frame, every law of native/laws.h. clang links libFuzzer's
// main.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "laws.h"

#define CUTS_AND_SPLITS 1

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const char* broken = broken_law(data, (unsigned)size, CUTS_AND_SPLITS);
    if (broken) {
        fprintf(stderr, "broken law: %s\n", broken);
        abort();
    }
    return 0;
}
