// SPDX-License-Identifier: GPL-2.0-or-later
// Lists into sets and out of them: in pieces, so that neither side holds a whole text.
#include "cli/set_lists.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/posix.hpp"
#include "cli/output.hpp"
#include "cli/remote.hpp"
#include "cli/set_edit.hpp"
#include "lists/words.hpp"

namespace yett::cli {
namespace {

constexpr std::size_t kPiece = 4u << 20;
constexpr auto kReplace = Json::error_handler_t::replace;

std::string path_of(const SetArguments& arguments, const std::string& rest) {
    return "/v1/sets/" + percent_encode(arguments.set) + rest;
}

/// An open list, and how far it has been read.
class Input {
  public:
    static Result<Input> open(const std::string& path) {
        Input input;
        input.file_.reset(path == "-" ? stdin : std::fopen(path.c_str(), "re"));
        if (!input.file_) return system_error("cannot open " + path, errno, ErrorKind::usage);
        struct stat info {};
        if (::fstat(::fileno(input.file_.get()), &info) == 0 && S_ISREG(info.st_mode))
            input.size_ = static_cast<std::uint64_t>(info.st_size);
        return input;
    }
    /// Empty: the end.
    Result<std::string> read() {
        std::string piece(kPiece, '\0');
        piece.resize(std::fread(piece.data(), 1, piece.size(), file_.get()));
        if (std::ferror(file_.get()) != 0)
            return system_error("cannot read the list", errno, ErrorKind::usage);
        done_ += piece.size();
        return piece;
    }
    [[nodiscard]] std::uint64_t done() const { return done_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

  private:
    struct Closer {
        void operator()(std::FILE* file) const {
            if (file != stdin) std::fclose(file);
        }
    };
    std::unique_ptr<std::FILE, Closer> file_;
    std::uint64_t done_ = 0;
    std::uint64_t size_ = 0;  ///< 0: unknown
};

/// A line on a terminal that is written over and over, and gone at the end.
class Progress {
  public:
    Progress() : shown_(::isatty(STDERR_FILENO) == 1) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() {
        if (shown_) complain("\r\x1b[K");
    }
    void show(const Input& input, std::uint64_t entries) const {
        if (!shown_) return;
        constexpr std::uint64_t width = 30;
        std::string bar;
        if (input.size() > 0) {
            const auto full = std::min(width, width * input.done() / input.size());
            bar = fmt::format("[{:#<{}}{:.<{}}] {:3}% ", "", full, "", width - full,
                              100 * std::min(input.done(), input.size()) / input.size());
        }
        complain(fmt::format("\r\x1b[K{}{} entries read", bar, with_unit(entries)));
    }

  private:
    bool shown_;
};

Json import_request(const SetArguments& arguments, bool replace) {
    Json body = {{"replace", replace},
                 {"format", arguments.format},
                 {"skip_invalid", arguments.skip_invalid}};
    if (arguments.force) body["force"] = true;
    for (const auto& [key, text] :
         {std::pair{"columns", &arguments.columns}, std::pair{"from", &arguments.ipset},
          std::pair{"key", &arguments.key}, std::pair{"pointer", &arguments.pointer}}) {
        if (!text->empty()) body[key] = *text;
    }
    if (arguments.timeout) body["timeout"] = *arguments.timeout;
    if (!arguments.reason.empty()) body["reason"] = arguments.reason;
    return body;
}

Result<Answer> good(Result<Answer> answer) {
    if (answer && !answer->ok()) return error_of(*answer);
    return answer;
}

Result<void> send_pieces(const Context& context, const std::string& target, Input& input) {
    const Progress progress;
    while (true) {
        auto piece = input.read();
        if (!piece) return piece.error();
        if (piece->empty()) return {};
        const auto answer = good(ask(context, "POST", target, *piece));
        if (!answer) return answer.error();
        progress.show(input, number_at(answer->value, "entries"));
    }
}

void show_import(const Json& value, bool replace) {
    std::string text =
        fmt::format("{}: added {}", text_at(value, "set"), number_at(value, "added"));
    text += fmt::format(", refreshed {}", number_at(value, "refreshed"));
    if (replace) text += fmt::format(", deleted {}", number_at(value, "deleted"));
    text += fmt::format(", contained {}, duplicate {}", number_at(value, "contained"),
                        number_at(value, "duplicate"));
    for (const char* key : {"lifted", "over", "skipped"}) {
        if (number_at(value, key) > 0) text += fmt::format(", {} {}", key, number_at(value, key));
    }
    for (const Json& problem : at(value, "problems")) {
        if (problem.is_string())
            complain(fmt::format("yett: skipped {}\n", printable(problem.get<std::string>())));
    }
    print(text + fmt::format("; {} entries now", number_at(value, "entries")));
}

/// All or nothing: the set changes when the last piece is there and understood.
int import_as(const Context& context, const SetArguments& arguments, bool replace) {
    auto input = Input::open(arguments.file);
    if (!input) return fail(context, input.error());
    const auto begun = good(ask(context, "POST", path_of(arguments, "/imports"),
                                import_request(arguments, replace).dump(-1, ' ', false, kReplace)));
    if (!begun) return fail(context, begun.error());
    const auto target = path_of(arguments, "/imports/") +
                        percent_encode(at(begun->value, "import").get<std::string>());
    if (auto sent = send_pieces(context, target, *input); !sent) {
        (void)ask(context, "DELETE", target).ok();
        return fail(context, sent.error());
    }
    return ask_and_show_edit(context, "PUT", target, {},
                             [&](const Json& value) { show_import(value, replace); });
}

Result<std::vector<std::string>> sets_with_files(const Context& context) {
    const auto answer = good(ask(context, "GET", "/v1/sets"));
    if (!answer) return answer.error();
    std::vector<std::string> names;
    for (const Json& set : at(answer->value, "sets")) {
        if (at(set, "file").is_string()) names.push_back(at(set, "name").get<std::string>());
    }
    return names;
}

int reload_one(const Context& context, SetArguments arguments, const std::string& name) {
    arguments.set = name;
    const auto target = path_of(arguments, arguments.force ? "/reload?force=true" : "/reload");
    return ask_and_show_edit(context, "POST", target, {}, [](const Json& value) {
        print(fmt::format("{}: added {}, deleted {}; {} entries now", text_at(value, "set"),
                          number_at(value, "added"), number_at(value, "deleted"),
                          number_at(value, "entries")));
    });
}

/// A line that import takes back without loss.
std::string exported(const Json& entry, bool all_end, bool plain) {
    const auto value = text_at(entry, "value");
    if (plain) return value;
    const auto text_of = [&](const char* key) {
        return at(entry, key).is_string() ? at(entry, key).get<std::string>() : std::string();
    };
    const auto until = text_of("expires");
    return entry_line(until.empty() && all_end ? value + " timeout 0" : value, until,
                      text_of("reason"));
}

}  // namespace

int import_list(const Context& context, const SetArguments& arguments) {
    return import_as(context, arguments, false);
}

int replace_by_list(const Context& context, const SetArguments& arguments) {
    return import_as(context, arguments, true);
}

int export_entries(const Context& context, const SetArguments& arguments) {
    Json all = Json::array();
    std::string after;
    while (true) {
        const std::string query = after.empty() ? "" : "?after=" + percent_encode(after);
        const auto answer = good(ask(context, "GET", path_of(arguments, "/entries") + query));
        if (!answer) return fail(context, answer.error());
        // Where entries end by themselves, one that does not has to say so.
        const bool all_end = number_at(answer->value, "timeout") > 0;
        std::string lines;
        for (const Json& entry : at(answer->value, "entries")) {
            if (context.json) {
                all.push_back(entry);
            } else {
                lines += printable(exported(entry, all_end, arguments.plain)) + "\n";
            }
        }
        if (!context.json) print_raw(lines);
        const Json& next = at(answer->value, "next");
        if (!next.is_string() || next.get_ref<const std::string&>() == after) break;
        after = next.get<std::string>();
    }
    if (context.json) {
        const Json result = {{"set", arguments.set}, {"entries", std::move(all)}};
        print(result.dump(context.pretty ? 2 : -1, ' ', false, kReplace));
    }
    return 0;
}

int flush_set(const Context& context, const SetArguments& arguments) {
    return ask_and_show_edit(
        context, "DELETE", path_of(arguments, "/entries"), {}, [](const Json& value) {
            print(
                fmt::format("{}: deleted {}", text_at(value, "set"), number_at(value, "deleted")));
        });
}

int reload_sets(const Context& context, const SetArguments& arguments) {
    if (!arguments.set.empty()) return reload_one(context, arguments, arguments.set);
    const auto names = sets_with_files(context);
    if (!names) return fail(context, names.error());
    int code = 0;
    for (const auto& name : *names) {
        if (const int result = reload_one(context, arguments, name); result != 0) code = result;
    }
    if (names->empty() && !context.json) print("no set has a file");
    return code;
}

}  // namespace yett::cli
