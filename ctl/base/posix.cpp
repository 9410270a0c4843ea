// SPDX-License-Identifier: GPL-2.0-or-later
// One table of errno.
#include "base/posix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace yett {
namespace {

enum class Nature { refused, lacking };

struct Meaning {
    int code;
    Nature nature;
    const char* hint;
};

constexpr Meaning kMeanings[] = {
    {EACCES, Nature::refused, ""},
    {EPERM, Nature::refused, ""},
    {ENOSPC, Nature::lacking, "there is no room left: make some, then try again"},
    {EDQUOT, Nature::lacking, "the quota is used up: raise it or make room, then try again"},
    {E2BIG, Nature::lacking, "the table is full"},
    {ENOMEM, Nature::lacking,
     "memory is short: see free -m, and MemoryMax and LimitMEMLOCK of the service"},
    {EROFS, Nature::lacking,
     "the file system is mounted read-only; after an error of the disk it becomes so: see dmesg"},
    {EIO, Nature::lacking, "the disk does not work as it should: see dmesg"},
    {EMFILE, Nature::lacking, "the process has as many files open as it may: raise LimitNOFILE"},
    {ENFILE, Nature::lacking, "the machine has as many files open as it may: raise fs.file-max"},
    {ENOBUFS, Nature::lacking, "the kernel has no buffers left: try again in a moment"},
    {EFBIG, Nature::lacking, "the file would be larger than it may: see LimitFSIZE of the service"},
};

const Meaning* meaning_of(int code) {
    const auto* found = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                     [&](const Meaning& one) { return one.code == code; });
    return found == std::end(kMeanings) ? nullptr : found;
}

}  // namespace

Error system_error(const std::string& what, int code, ErrorKind otherwise) {
    const Meaning* const meaning = meaning_of(code);
    Error error{otherwise, fmt::format("{}: {}", what, std::strerror(code)), {}};
    if (!meaning) return error;
    error.kind = meaning->nature == Nature::refused ? ErrorKind::permission : ErrorKind::kernel;
    error.hint = meaning->hint;
    return error;
}

bool is_of_the_machine(int code) {
    const Meaning* const meaning = meaning_of(code);
    return meaning && meaning->nature != Nature::refused;
}

}  // namespace yett
