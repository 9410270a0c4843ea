# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of plain text: first lines, spaces, lengths, paths of somebody's machine, READMEs."""

import json
import os
import pathlib
import re
import subprocess

from check import SAMPLES, Problem

MAX_FILE = 500
MAX_FUNCTION = 60
MAX_COLUMNS = 100
LICENCE = "SPDX-License-Identifier: GPL-2.0-or-later"
COMMENT = re.compile(r'^(//|#|/\*|"""|<!--)\s*\S')
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(work|root|home|Users|mnt)/[\w.-]")


def spdx(tree):
    """First line of code: the licence. Second: what the file is."""
    for file in tree.code():
        lines = tree.lines(file)
        first = 1 if lines and lines[0].startswith("#!") else 0
        if len(lines) <= first or LICENCE not in lines[first]:
            yield Problem(file, first + 1, "no licence line", f"write // or # {LICENCE} here")
        elif len(lines) <= first + 1 or not COMMENT.match(lines[first + 1]):
            if not file.endswith("CMakeLists.txt"):
                mend = "say in one comment line what this file is"
                yield Problem(file, first + 2, "no line that says what it is", mend)


def whitespace(tree):
    """No space at the end of a line, no tab that indents, a newline at the end of the file."""
    for file in tree.files:
        text = tree.text(file)
        if not text or file.startswith(SAMPLES) or file == "LICENSE":
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                yield Problem(file, number, "space at the end of the line", "remove it")
            if line.startswith("\t") and "akefile" not in file:
                yield Problem(file, number, "a tab indents the line", "use spaces")
        if not text.endswith("\n"):
            yield Problem(file, text.count("\n") + 1, "no newline at the end", "add one")


def columns(tree):
    """Scripts are at most 100 columns wide. clang-format sees to C and C++."""
    for file in tree.code():
        if file.endswith((".c", ".h", ".cpp", ".hpp")):
            continue
        for number, line in enumerate(tree.lines(file), 1):
            if len(line) > MAX_COLUMNS and "http" not in line:
                message = f"{len(line)} columns"
                yield Problem(file, number, message, f"break the line at {MAX_COLUMNS}")


def file_length(tree):
    """A file that nobody can keep in their head is two files."""
    for file in tree.code():
        length = len(tree.lines(file))
        if length > MAX_FILE:
            mend = f"split it: at most {MAX_FILE}"
            yield Problem(file, MAX_FILE + 1, f"the file has {length} lines", mend)


def function_length(tree):
    """Functions as Universal Ctags finds them, from the line of the name to the closing brace."""
    wanted = [f for f in tree.code() if f.endswith((".c", ".h", ".cpp", ".hpp", ".py"))]
    wanted += [f for f in tree.code() if "python" in (tree.lines(f) or [""])[0]]
    if not wanted:
        return
    command = ["ctags", "--output-format=json", "--fields=+neK", "--extras=-F", "-f", "-"]
    command += ["--langmap=C++:+.h", "--sort=no", "-L", "-"]
    made = subprocess.run(
        command, cwd=tree.root, input="\n".join(wanted), capture_output=True, text=True, check=True
    )
    for line in made.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("kind") not in ("function", "member", "method") or "end" not in tag:
            continue
        length = tag["end"] - tag["line"] + 1
        if length > MAX_FUNCTION:
            message = f"{tag['name']} has {length} lines"
            yield Problem(tag["path"], tag["line"], message, f"split it: at most {MAX_FUNCTION}")


def machine_paths(tree):
    """A path below somebody's home or scratch directory works on one machine only."""
    for file in tree.files:
        for number, line in enumerate(tree.lines(file), 1):
            found = MACHINE_PATH.search(line)
            if found:
                message = f"path of one machine: {found.group()}..."
                yield Problem(file, number, message, "make it relative, or ask for it")


def readmes(tree):
    """Each folder down to the second level says in 10 to 40 lines what it is for."""
    folders = set()
    for file in tree.files:
        parents = list(pathlib.PurePath(file).parents)[:-1]
        folders.update(str(p) for p in parents if len(p.parts) <= 2)
    for folder in sorted(f for f in folders if not f.startswith(".")):
        readme = os.path.join(folder, "README.md")
        if readme not in tree.files:
            if not folder.startswith(SAMPLES):
                mend = "write purpose, includes, invariants, what to review (10-40 lines)"
                yield Problem(readme, 1, "missing", mend)
            continue
        length = len(tree.lines(readme))
        # The routes of the REST socket are one page: both of its sides are written from it.
        most = 140 if folder == "ctl/api" else 40
        if not 10 <= length <= most:
            yield Problem(readme, 1, f"{length} lines", f"make it 10 to {most} lines long")
