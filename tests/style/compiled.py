# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that ask a compiler: formatting, and headers that stand on their own."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from check import Problem

FORMAT_FAULT = re.compile(r"^(.*?):(\d+):\d+: (?:error|warning): (.*?)(?: \[-W.*)?$")


def _run(command, cwd):
    made = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return made.returncode, made.stdout + made.stderr


def formatting(tree):
    """clang-format has nothing to change."""
    files = tree.ending(".c", ".h", ".cpp", ".hpp")
    if not files:
        return
    code, output = _run(["clang-format", "--dry-run", "-Werror", *files], tree.root)
    seen = set()
    for line in output.splitlines():
        found = FORMAT_FAULT.match(line)
        if found and found.group(1) not in seen:
            seen.add(found.group(1))
            mend = f"run clang-format -i {found.group(1)}"
            yield Problem(found.group(1), int(found.group(2)), "not as clang-format has it", mend)
    if code != 0 and not seen:
        yield Problem(".clang-format", 1, output.strip()[:200], "make clang-format run")


def _commands(file):
    """The compilers that must take the header alone, with what each is told."""
    include = ["-I", "ctl", "-I", "xdp"]
    if file.startswith("xdp/abi/"):
        yield ["gcc", "-x", "c", "-std=c11", *include]
        yield ["g++", "-x", "c++", "-std=c++20", *include]
    elif file.startswith("tests/fuzz/native/"):
        native = ["gcc", "-x", "c", "-std=gnu11", *include, "-I", "tests/fuzz/native"]
        helpers = "tests/fuzz/native/helpers.h"
        yield native if file == helpers else [*native, "-include", helpers]
    elif file.startswith("xdp/"):
        multiarch = _run(["gcc", "-print-multiarch"], "/")[1].strip()
        bpf = ["clang", "-target", "bpf", "-x", "c", "-std=gnu11"]
        bpf += ["-I", "xdp", "-I", "xdp/hook/xdp"]
        yield [*bpf, "-idirafter", f"/usr/include/{multiarch}"]
    else:
        skeletons = os.environ.get("YETT_BUILD", "build/release") + "/xdp"
        tests = [] if file.startswith("ctl/") else ["-I", "tests"]
        yield ["g++", "-x", "c++", "-std=c++20", *include, "-I", skeletons, *tests]


def _stands_alone(tree, file):
    for command in _commands(file):
        warnings = ["-fsyntax-only", "-Wall", "-Wno-pragma-once-outside-header"]
        if command[0] == "clang":
            warnings.append("-Wno-unused-function")
        else:
            warnings.remove("-Wno-pragma-once-outside-header")
            warnings.append("-w")
        code, output = _run([*command, *warnings, file], tree.root)
        if code != 0:
            fault = next((x for x in output.splitlines() if "error:" in x), output[:200])
            line = re.match(rf"{re.escape(file)}:(\d+):", fault)
            message = f"does not compile alone ({command[0]}): {fault.split('error:')[-1].strip()}"
            mend = "include what the header uses"
            return Problem(file, int(line.group(1)) if line else 1, message, mend)
    return None


def headers(tree):
    """Each header compiles as a translation unit of its own, by every compiler that will see it."""
    files = tree.ending(".h", ".hpp")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for problem in pool.map(lambda f: _stands_alone(tree, f), files):
            if problem:
                yield problem


def pragma_once(tree):
    """Headers guard themselves in one way."""
    for file in tree.ending(".h", ".hpp"):
        if "#pragma once" not in tree.lines(file):
            yield Problem(file, 3, "no #pragma once", "add the line after the first comment")
