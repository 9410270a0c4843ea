# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may include whom: the one table of the house, held against every #include line."""

import re

from check import Problem

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
NAME_LISTS = {
    f"abi/{name}.h" for name in ("fields", "reasons", "tunnel", "phases", "limits", "types")
}

# Folder of ctl/ -> the folders it may include besides itself. "abi" is all of xdp/abi, "names" only
# its lists of names.
LAYERS = {
    "base": set(),
    "model": {"base", "names"},
    "json": {"base", "model"},
    "check": {"base", "model", "names"},
    "compile": {"base", "model", "abi"},
    "bpf": {"base", "abi", "skeletons"},
    "apply": {"base", "model", "compile", "bpf", "abi"},
    "lists": {"base", "model", "json", "apply", "abi"},
    "observe": {"base", "model", "bpf", "abi"},
    "api": {"base"},
}
EVERYTHING = set(LAYERS) | {"abi"}
LAYERS.update({"daemon": EVERYTHING, "cli": EVERYTHING})

# Library, by the start of an include in <> -> the folders of ctl/ that may use it.
LIBRARIES = {
    "boost/": {"api"},
    "nlohmann/": {"json", "api", "daemon", "cli"},
    "bpf/": {"bpf"},
    "xdp/": {"bpf"},
    "CLI/": {"cli", "daemon"},
    "spdlog/": {"daemon"},
    "systemd/": {"daemon"},
}


def _includes(tree, file):
    for number, line in enumerate(tree.lines(file), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == "<", found.group(2)


def _target(tree, file, name):
    """The layer that an include in quotes belongs to."""
    if name in NAME_LISTS:
        return "names"
    if name.startswith("abi/"):
        return "abi"
    if name.endswith(".skel.h"):
        return "skeletons"
    first = name.split("/")[0]
    if "/" in name and first in LAYERS:
        return first
    own = file.split("/")[1]
    return own if f"ctl/{own}/{name}" in tree.files else None


def _check_ctl(tree, file):
    layer = file.split("/")[1]
    allowed = LAYERS.get(layer, set()) | {layer}
    for number, angle, name in _includes(tree, file):
        if angle:
            yield from _check_library(file, number, layer, name)
            continue
        target = _target(tree, file, name)
        if target is None:
            mend = 'write "folder/header.hpp" for headers of ctl/, "abi/header.h" for xdp/abi'
            yield Problem(file, number, f'"{name}" belongs to no layer', mend)
        elif target not in allowed and not (target == "names" and "abi" in allowed):
            mend = f"move the code, or what it needs, to a layer that ctl/{layer} may include"
            yield Problem(file, number, f'ctl/{layer} may not include "{name}"', mend)


def _check_library(file, number, layer, name):
    for library, users in LIBRARIES.items():
        if name.startswith(library) and layer not in users:
            mend = "only " + ", ".join(f"ctl/{u}" for u in sorted(users)) + " may"
            yield Problem(file, number, f"ctl/{layer} may not include <{name}>", mend)
    if name.startswith("boost/") and not file.endswith(".cpp"):
        mend = "keep it inside a .cpp: each file that sees Beast takes seconds to compile"
        yield Problem(file, number, f"a header may not include <{name}>", mend)


def _check_xdp(tree, file):
    for number, angle, name in _includes(tree, file):
        if file.startswith("xdp/abi/"):
            good = name.startswith("linux/") if angle else name.startswith("abi/")
            mend = "the contract includes only <linux/types.h> and other headers of abi/"
        else:
            freestanding = name in ("stdbool.h", "stddef.h")
            kernel = freestanding or name.startswith(("linux/", "bpf/", "asm/"))
            good = kernel if angle else _in_xdp(tree, name)
            mend = "only <linux/...>, <bpf/...>, <stdbool.h>, <stddef.h> and headers of xdp/ may"
        if not good:
            yield Problem(file, number, f"xdp may not include {name}", mend)


def _in_xdp(tree, name):
    # hook.h is found by the include path of the object: one for XDP, one for TC.
    return f"xdp/{name}" in tree.files or name == "hook.h"


def layering(tree):
    """Every include line of ctl/ and xdp/."""
    for file in tree.ending(".c", ".h", ".cpp", ".hpp"):
        if file.startswith("ctl/"):
            yield from _check_ctl(tree, file)
        elif file.startswith("xdp/"):
            yield from _check_xdp(tree, file)


def layer_table(tree):
    """A new folder of ctl/ needs its place in the table first."""
    folders = {f.split("/")[1] for f in tree.files if f.startswith("ctl/") and f.count("/") > 1}
    for folder in sorted(folders - set(LAYERS)):
        mend = "add it to LAYERS in tests/style/layering.py"
        yield Problem(f"ctl/{folder}", 1, "the folder is in no layer", mend)


TYPE = re.compile(r"^(?:struct|class|enum class|enum) (\w+)(?: final)?(?: :.*)? \{")


def one_definition(tree):
    """A type of ctl/ is defined in one header: a second of that name breaks C++'s rule, and who
    links both gets either."""
    seen = {}
    for file in tree.files:
        if not (file.startswith("ctl/") and file.endswith(".hpp")):
            continue
        for number, line in enumerate(tree.lines(file), 1):
            found = TYPE.match(line)
            if not found:
                continue
            other = seen.setdefault(found.group(1), file)
            if other != file:
                what = f"{found.group(1)} is also defined in {other}"
                yield Problem(file, number, what, "call one of them by what it is")
