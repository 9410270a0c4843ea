# SPDX-License-Identifier: GPL-2.0-or-later
"""What every style check shares: the tree that is looked at, and the form of a complaint."""

import os
import pathlib
import subprocess
from dataclasses import dataclass

CODE = {".c", ".h", ".cpp", ".hpp", ".py", ".sh", ".cmake"}
# Inputs of tests may be as ugly as the test needs them.
SAMPLES = ("tests/golden/", "tests/corpus/", "tests/fuzz/corpus/")


@dataclass(frozen=True)
class Problem:
    """One fault: where it is, what it is, and how to mend it."""

    file: str
    line: int
    message: str
    mend: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}; {self.mend}"


class Tree:
    """A source tree. In a git checkout: tracked files and new ones that are not ignored."""

    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.files = sorted(f for f in self._list() if (self.root / f).is_file())
        self._texts = {}

    def _list(self):
        git = ["git", "-c", "safe.directory=*", "-C", str(self.root)]
        listed = subprocess.run(
            git + ["ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, check=False
        )
        if listed.returncode == 0 and (self.root / ".git").exists():
            return [name for name in listed.stdout.decode().split("\0") if name]
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f != ".git" and not f.startswith("build")]
            found += [os.path.relpath(os.path.join(folder, n), self.root) for n in names]
        return found

    def path(self, file):
        return str(self.root / file)

    def text(self, file):
        """The file's text, or None when it is not text."""
        if file not in self._texts:
            raw = (self.root / file).read_bytes()
            try:
                self._texts[file] = None if b"\0" in raw else raw.decode()
            except UnicodeDecodeError:
                self._texts[file] = None
        return self._texts[file]

    def lines(self, file):
        return (self.text(file) or "").splitlines()

    def ending(self, *suffixes):
        return [f for f in self.files if f.endswith(suffixes) and not f.startswith(SAMPLES)]

    def is_script(self, file):
        return (self.text(file) or "").startswith("#!")

    def code(self):
        """All that people write as code: by suffix, by first line, and the build files."""
        return [
            f
            for f in self.files
            if not f.startswith(SAMPLES)
            and (
                pathlib.PurePath(f).suffix in CODE
                or pathlib.PurePath(f).name == "CMakeLists.txt"
                or self.is_script(f)
            )
        ]
