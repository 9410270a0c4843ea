// SPDX-License-Identifier: GPL-2.0-or-later
// What holds for every frame that there can be. No list of frames says this; a fuzzer looks for the
// one that does not obey.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Judges the frame in every setup (policies, exceptions, inspection, direction, a tag in
/// metadata), whole, in two buffers, cut and padded. NULL, or which law it breaks and how; the text
/// stands until the next call. `effort` is how many cuts and splits are tried in each setup.
const char* broken_law(const unsigned char* frame, unsigned length, unsigned effort);

#ifdef __cplusplus
}
#endif
