// SPDX-License-Identifier: GPL-2.0-or-later
// Access lists as the kernel takes them: an extended attribute (linux/posix_acl_xattr.h).
#include "api/acl.hpp"

#include <endian.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>

namespace yett {
namespace {

constexpr const char* kAttribute = "system.posix_acl_access";

void add(std::string& list, unsigned tag, unsigned permissions, std::uint32_t id) {
    posix_acl_xattr_entry entry{};
    entry.e_tag = htole16(static_cast<std::uint16_t>(tag));
    entry.e_perm = htole16(static_cast<std::uint16_t>(permissions));
    entry.e_id = htole32(id);
    list.append(reinterpret_cast<const char*>(&entry), sizeof(entry));
}

/// In the order that the kernel asks for.
std::string list_of(unsigned owner, const GroupAccess& groups) {
    constexpr auto kNobody = static_cast<std::uint32_t>(ACL_UNDEFINED_ID);
    posix_acl_xattr_header head{};
    head.a_version = htole32(POSIX_ACL_XATTR_VERSION);
    std::string list(reinterpret_cast<const char*>(&head), sizeof(head));
    add(list, ACL_USER_OBJ, owner, kNobody);
    add(list, ACL_GROUP_OBJ, groups.owning, kNobody);
    if (groups.gid) {
        add(list, ACL_GROUP, groups.second, *groups.gid);
        add(list, ACL_MASK, groups.owning | groups.second, kNobody);
    }
    add(list, ACL_OTHER, 0, kNobody);
    return list;
}

}  // namespace

Result<void> set_access(const std::string& path, unsigned owner, const GroupAccess& groups) {
    const auto list = list_of(owner, groups);
    if (::setxattr(path.c_str(), kAttribute, list.data(), list.size(), 0) == 0) return {};
    const bool unknown = errno == EOPNOTSUPP;
    if (unknown && ::chmod(path.c_str(), owner << 6 | groups.owning << 3) == 0) return {};
    return Error{errno == EACCES || errno == EPERM ? ErrorKind::permission : ErrorKind::internal,
                 "cannot set who may use " + path + ": " + std::strerror(errno), ""};
}

}  // namespace yett
