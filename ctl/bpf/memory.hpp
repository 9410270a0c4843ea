// SPDX-License-Identifier: GPL-2.0-or-later
// Programs that read a map's memory without a look-up.
#pragma once

namespace yett {

/// From here on, every object of this process that is loaded with the map yett_engine has the
/// address of that map's memory where its programs name the map (YETT_MEMORY_OF in xdp/maps.h):
/// libbpf does so for global variables only, and those cannot be shared between objects. Called
/// before an object is opened; more often does no harm.
void give_programs_the_engines_memory();

}  // namespace yett
