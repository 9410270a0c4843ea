// SPDX-License-Identifier: GPL-2.0-or-later
// A verb of the command line: one file each, one line in the table of main.cpp.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace yett::cli {

/// What every verb is told, from options and environment.
struct Context {
    std::string socket_path;    ///< --socket, else YETT_SOCKET, else /run/yett/yett.sock
    std::string pin_directory;  ///< --pin-dir: for what must work without a daemon
    bool json = false;          ///< -j: exactly one JSON document on stdout, errors too
    bool pretty = false;        ///< -p: the same, indented
    bool terse = false;         ///< -t: no headings, no units, fields parted by one tab
    bool color = false;         ///< resolved: stdout is a terminal, or the operator insists
};

/// Runs the verb and returns the exit code: 0 yes, else the number of an ErrorKind.
using Run = std::function<int(const Context&)>;

/// `add` declares arguments and options on its subcommand, and gives what runs when it is chosen.
struct Verb {
    const char* name;
    const char* summary;
    Run (*add)(CLI::App& command);
};

Run add_apply(CLI::App& command);
Run add_attach(CLI::App& command);
Run add_check(CLI::App& command);
Run add_compile(CLI::App& command);
Run add_counters(CLI::App& command);
Run add_detach(CLI::App& command);
Run add_fmt(CLI::App& command);
Run add_schema(CLI::App& command);
Run add_set(CLI::App& command);
Run add_show(CLI::App& command);
Run add_status(CLI::App& command);
Run add_trace(CLI::App& command);
Run add_version(CLI::App& command);

}  // namespace yett::cli
