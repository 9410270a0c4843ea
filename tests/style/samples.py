# SPDX-License-Identifier: GPL-2.0-or-later
"""Small bad trees, the complaint that each must draw from its check, and one tree without fault."""

import pathlib
import shutil
import tempfile

import check

SPDX = "// SPDX-License-Identifier: GPL-2.0-or-later\n// A sample.\n"
HEADER = SPDX + "#pragma once\n\n"
README = "# Sample\n" + "A line.\n" * 11

GOOD = {
    "README.md": "# Top\n",
    "xdp/README.md": README,
    "xdp/abi/README.md": README,
    "xdp/abi/types.h": HEADER + "#include <linux/types.h>\n",
    "ctl/README.md": README,
    "ctl/base/README.md": README,
    "ctl/base/a.hpp": HEADER + "#include <string>\n\nstd::string sample();\n",
    "ctl/model/README.md": README,
    "ctl/model/b.hpp": HEADER + '#include "abi/types.h"\n#include "base/a.hpp"\n',
}

LONG = SPDX + "void long_one() {\n" + "    ;\n" * 70 + "}\n"
# Put together here, so that this file does not draw the complaint itself.
MACHINE = "see /" + "home/somebody/tree\n"

# check -> (name of the sample, its files, file:line that the complaint must name)
BAD = {
    "spdx": [
        ("no licence", {"ctl/base/a.hpp": "#pragma once\n"}, "ctl/base/a.hpp:1"),
        ("no purpose", {"ctl/base/a.hpp": SPDX.splitlines()[0] + "\n"}, "ctl/base/a.hpp:2"),
        ("script", {"tests/run": "#!/bin/bash\necho\n"}, "tests/run:2"),
    ],
    "whitespace": [
        ("space", {"ctl/base/README.md": README + "x \n"}, "ctl/base/README.md:13"),
        ("tab", {"ctl/base/a.hpp": HEADER + "\tint a;\n"}, "ctl/base/a.hpp:5"),
        ("no newline", {"README.md": "# Top"}, "README.md:1"),
    ],
    "columns": [("wide", {"tests/a.py": "# " + "x" * 100 + "\n"}, "tests/a.py:1")],
    "file_length": [("long", {"ctl/base/a.hpp": HEADER + "\n" * 500}, "ctl/base/a.hpp:501")],
    "function_length": [
        ("C++", {"ctl/base/a.cpp": LONG}, "ctl/base/a.cpp:3"),
        ("C", {"xdp/a.h": LONG}, "xdp/a.h:3"),
        ("python", {"tests/a.py": "# x\ndef f():\n" + "    pass\n" * 61}, "tests/a.py:2"),
    ],
    "machine_paths": [("home", {"ctl/base/README.md": README + MACHINE}, "ctl/base/README.md:13")],
    "readmes": [
        ("missing", {"ctl/json/c.hpp": HEADER}, "ctl/json/README.md:1"),
        ("short", {"ctl/base/README.md": "# Base\n"}, "ctl/base/README.md:1"),
        ("long", {"ctl/base/README.md": README * 5}, "ctl/base/README.md:1"),
    ],
    "layering": [
        ("up", {"ctl/base/a.hpp": HEADER + '#include "model/b.hpp"\n'}, "ctl/base/a.hpp:5"),
        ("across", {"ctl/check/c.cpp": SPDX + '#include "json/d.hpp"\n'}, "ctl/check/c.cpp:3"),
        ("abi", {"ctl/model/b.hpp": HEADER + '#include "abi/maps.h"\n'}, "ctl/model/b.hpp:5"),
        ("boost", {"ctl/daemon/c.cpp": SPDX + "#include <boost/asio.hpp>\n"}, "ctl/daemon/c.cpp:3"),
        ("beast", {"ctl/api/c.hpp": HEADER + "#include <boost/beast.hpp>\n"}, "ctl/api/c.hpp:5"),
        ("libbpf", {"ctl/apply/c.cpp": SPDX + "#include <bpf/bpf.h>\n"}, "ctl/apply/c.cpp:3"),
        ("xdp to ctl", {"xdp/a.h": HEADER + '#include "base/a.hpp"\n'}, "xdp/a.h:5"),
        ("abi to libc", {"xdp/abi/types.h": HEADER + "#include <stdio.h>\n"}, "xdp/abi/types.h:5"),
        ("nobody's", {"ctl/base/a.hpp": HEADER + '#include "zlib.h"\n'}, "ctl/base/a.hpp:5"),
    ],
    "one_definition": [
        (
            "two types of one name",
            {f"ctl/base/{n}.hpp": HEADER + "struct A {};\n" for n in "ab"},
            "ctl/base/b.hpp:5",
        )
    ],
    "layer_table": [("new folder", {"ctl/helper/c.hpp": HEADER}, "ctl/helper:1")],
    "pragma_once": [("guard", {"ctl/base/a.hpp": SPDX + "int a();\n"}, "ctl/base/a.hpp:3")],
    "formatting": [("spaces", {"ctl/base/a.hpp": HEADER + "int  a( );\n"}, "ctl/base/a.hpp:5")],
    "headers": [
        ("C++", {"ctl/base/a.hpp": HEADER + "std::string a();\n"}, "ctl/base/a.hpp:5"),
        ("C", {"xdp/abi/types.h": HEADER + "struct a {\n    __u32 b;\n};\n"}, "xdp/abi/types.h:6"),
        ("BPF", {"xdp/parse.h": HEADER + "struct a {\n    __u32 b;\n};\n"}, "xdp/parse.h:6"),
        ("not C", {"xdp/abi/types.h": HEADER + "class A {};\n"}, "xdp/abi/types.h:5"),
    ],
}


def _problems(function, files):
    root = pathlib.Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {**GOOD, **files}.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        shutil.copy(root / ".clang-format", folder)
        return [str(p) for p in function(check.Tree(folder))]


def trial(function):
    """Yields (sample, what is wrong with the check): nothing, when it complains as it must."""
    yield "good", _problems(function, {})
    for name, files, place in BAD[function.__name__]:
        found = _problems(function, files)
        good = [p for p in found if p.startswith(place + ":")]
        yield name, [] if good else [f"no complaint about {place}, but: {found}"]
