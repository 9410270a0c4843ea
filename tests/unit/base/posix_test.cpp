// SPDX-License-Identifier: GPL-2.0-or-later
// What the machine lacks is called so, and nobody else is blamed for it.
#include "base/posix.hpp"

#include <gtest/gtest.h>

namespace yett {
namespace {

TEST(Posix, names_what_the_machine_lacks) {
    const struct {
        int code;
        ErrorKind kind;
    } rows[] = {
        {ENOSPC, ErrorKind::kernel},     {EDQUOT, ErrorKind::kernel},
        {ENOMEM, ErrorKind::kernel},     {E2BIG, ErrorKind::kernel},
        {EROFS, ErrorKind::kernel},      {EIO, ErrorKind::kernel},
        {EMFILE, ErrorKind::kernel},     {ENFILE, ErrorKind::kernel},
        {ENOBUFS, ErrorKind::kernel},    {EFBIG, ErrorKind::kernel},
        {EACCES, ErrorKind::permission}, {EPERM, ErrorKind::permission},
        {ENOENT, ErrorKind::internal},   {EINVAL, ErrorKind::internal},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.code);
        const Error error = system_error("cannot write /a", row.code);
        EXPECT_EQ(error.kind, row.kind);
        EXPECT_EQ(error.message.rfind("cannot write /a: ", 0), 0u) << error.message;
        const bool of_machine = row.kind == ErrorKind::kernel;
        EXPECT_EQ(error.hint.empty(), !of_machine);
        EXPECT_EQ(is_of_the_machine(row.code), of_machine);
    }
}

TEST(Posix, says_otherwise_what_the_caller_says) {
    EXPECT_EQ(system_error("cannot read a.json", ENOENT, ErrorKind::usage).kind, ErrorKind::usage);
    EXPECT_EQ(system_error("cannot read a.json", EMFILE, ErrorKind::usage).kind, ErrorKind::kernel);
}

}  // namespace
}  // namespace yett
