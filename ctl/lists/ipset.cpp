// SPDX-License-Identifier: GPL-2.0-or-later
// Files of ipset, done in order.
#include "lists/ipset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/quote.hpp"
#include "base/visible.hpp"
#include "json/values.hpp"
#include "lists/words.hpp"

namespace yett {
namespace {

constexpr std::size_t kMostSets = 1024;

struct Command {
    std::string_view name;
    std::string_view spelling;
};
constexpr Command kCommands[] = {
    {"create", "create"},   {"create", "-N"},       {"create", "--create"},
    {"add", "add"},         {"add", "-A"},          {"add", "--add"},
    {"del", "del"},         {"del", "-D"},          {"del", "--del"},
    {"flush", "flush"},     {"flush", "-F"},        {"flush", "--flush"},
    {"swap", "swap"},       {"swap", "-W"},         {"swap", "--swap"},
    {"rename", "rename"},   {"rename", "-E"},       {"rename", "--rename"},
    {"destroy", "destroy"}, {"destroy", "-X"},      {"destroy", "--destroy"},
    {"COMMIT", "COMMIT"},   {"test", "test"},       {"test", "-T"},
    {"save", "save"},       {"restore", "restore"}, {"list", "list"},
};

bool is_exist(std::string_view word) {
    return word == "-exist" || word == "-!" || word == "--exist";
}

std::string_view command_of(std::string_view word) {
    for (const auto& command : kCommands) {
        if (command.spelling == word) return command.name;
    }
    return {};
}

/// Options of create that say nothing about which packets match, and how many words each has.
std::size_t harmless_option(std::string_view word) {
    for (const auto* one : {"counters", "comment", "skbinfo", "forceadd"}) {
        if (word == one) return 1;
    }
    for (const auto* two :
         {"hashsize", "maxelem", "bucketsize", "initval", "range", "size", "probes", "resize"}) {
        if (word == two) return 2;
    }
    return 0;
}

/// Notes of an entry that say nothing about which packets match.
std::size_t harmless_note(std::string_view word) {
    for (const auto* one : {"packets", "bytes", "skbmark", "skbprio", "skbqueue"}) {
        if (word == one) return 2;
    }
    return 0;
}

Result<void> check_type(const std::string& type, SetType wanted) {
    struct Known {
        std::string_view name;
        SetType type;
    };
    static constexpr Known kTypes[] = {
        {"hash:ip", SetType::prefix},   {"hash:net", SetType::prefix},
        {"bitmap:ip", SetType::prefix}, {"iphash", SetType::prefix},
        {"nethash", SetType::prefix},   {"ipmap", SetType::prefix},
        {"bitmap:port", SetType::port}, {"portmap", SetType::port},
        {"hash:mac", SetType::mac},
    };
    for (const auto& known : kTypes) {
        if (known.name != type) continue;
        if (known.type == wanted) return {};
        return wrong(fmt::format("an ipset of type {} holds no {}", type, plural_of(wanted)),
                     "import it into a set of its own type");
    }
    return wrong(quote(type) + " is a type of ipset whose entries are more than a value",
                 "yett takes hash:ip, hash:net, bitmap:ip, hash:mac and bitmap:port; what matches "
                 "two things at once is a rule");
}

std::optional<std::uint32_t> seconds_of(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    if (value > kLongestTimeout) return std::nullopt;
    return value;
}

}  // namespace

bool is_ipset_line(std::string_view line) {
    line = trim(line);
    if (line.find('{') != line.npos && line.find('"') == line.npos) return false;  // nft
    for (int i = 0; i < 3; ++i) {
        const auto end = std::min(line.find_first_of(" \t"), line.size());
        const auto word = line.substr(0, end);
        const auto rest = trim(line.substr(end));
        if (!command_of(word).empty()) {
            const bool rule = word[0] == '-' &&
                              (rest.find(" -j ") != rest.npos || rest.find(" -s ") != rest.npos);
            return (!rest.empty() || word == "COMMIT" || word == "flush") && !rule;
        }
        if (!is_exist(word) && word != "ipset") return false;
        line = rest;
    }
    return false;
}

IpsetFile::Sim& IpsetFile::open(const std::string& name) {
    return sets_.try_emplace(name, options_.type).first->second;
}

Result<void> IpsetFile::line(std::string_view text, std::size_t number) {
    used_ = true;
    auto words = split_words(text, {true, false, false});
    if (!words) return words.error();
    bool quiet = false;
    std::string command;
    for (auto at = words->begin(); at != words->end();) {
        const bool exist = !at->quoted && is_exist(at->text);
        const bool first = command.empty() && (exist || at->text == "ipset");
        quiet = quiet || exist;
        if (!exist && !first && command.empty()) {
            command = command_of(at->text);
            at = words->erase(at);
        } else {
            at = exist || first ? words->erase(at) : at + 1;
        }
    }
    if (sets_.size() > kMostSets) return wrong("the file has too many sets");
    return run(command, *words, quiet, number);
}

Result<void> IpsetFile::run(const std::string& command, Words& words, bool quiet,
                            std::size_t number) {
    if (command == "COMMIT") return {};
    if (command == "flush" && words.empty()) {
        for (auto& [name, sim] : sets_) {
            sim.items.clear();
            sim.removals.clear();
        }
        return {};
    }
    const bool two = command == "swap" || command == "rename";
    if (words.empty() || (two && words.size() != 2))
        return wrong(fmt::format("the ipset command {} lacks the name of a set", command));
    const std::string name = words[0].text;
    if (command == "create") return create(words, quiet);
    if (command == "add") return add(words);
    if (command == "del") return remove(words, quiet, number);
    if (command == "flush") {
        open(name) = Sim(options_.type);
        return {};
    }
    if (command == "destroy") {
        sets_.erase(name);
        return {};
    }
    if (!two) return wrong(fmt::format("the ipset command {} builds no list", command));
    const std::string other = words[1].text;
    if (sets_.count(other) == 0 && command == "swap") open(other).foreign = true;
    if (sets_.count(name) == 0) open(name).foreign = true;
    if (command == "swap") {
        std::swap(open(name), open(other));
        return {};
    }
    if (sets_.count(other) != 0)
        return wrong(fmt::format("the ipset {} is there already", quote(other)));
    auto node = sets_.extract(name);
    node.key() = other;
    sets_.insert(std::move(node));
    return {};
}

Result<void> IpsetFile::create(const Words& words, bool quiet) {
    if (words.size() < 2) return wrong("the ipset command create lacks a type");
    if (auto good = check_type(words[1].text, options_.type); !good) return good;
    const bool there = sets_.count(words[0].text) != 0;
    if (there && !quiet)
        return wrong(fmt::format("the ipset {} is created twice", quote(words[0].text)));
    Sim& sim = open(words[0].text);
    sim.typed = true;
    for (std::size_t at = 2; at < words.size();) {
        if (auto taken = create_option(words, at, sim); !taken) return taken;
    }
    return {};
}

Result<void> IpsetFile::create_option(const Words& words, std::size_t& at, Sim& sim) {
    const auto& word = words[at].text;
    const auto next = at + 1 < words.size() ? words[at + 1].text : std::string();
    if (const auto count = harmless_option(word); count > 0) {
        at += count;
        return {};
    }
    if (word == "family" || word == "timeout" || word == "netmask") {
        at += 2;
        if (word == "family") {
            sim.ipv6 = next == "inet6" || next == "ipv6";
            if (sim.ipv6 || next == "inet" || next == "ipv4") return {};
        }
        if (word == "timeout") {
            const auto seconds = seconds_of(next);
            if (seconds) sim.timeout = *seconds;
            if (seconds) return allow_end(sim.timeout, options_);
        }
        if (word == "netmask" && next == (sim.ipv6 ? "128" : "32")) return {};
        return wrong(
            fmt::format("the option {} {} of an ipset is not understood", word, quote(next)));
    }
    return wrong(fmt::format("the option {} of an ipset is not understood", quote(word)));
}

Result<ItemNotes> IpsetFile::add_notes(const Words& words, const Sim& sim) const {
    ItemNotes notes;
    notes.seconds = sim.timeout;
    for (std::size_t at = 2; at < words.size();) {
        const auto& word = words[at].text;
        const auto next = at + 1 < words.size() ? words[at + 1].text : std::string();
        if (word == "timeout") {
            const auto seconds = seconds_of(next);
            if (!seconds)
                return wrong(quote(next) + " is no timeout of an ipset",
                             "it is a number of seconds");
            notes.seconds = *seconds;
            at += 2;
        } else if (word == "comment" && at + 1 < words.size()) {
            notes.reason = visible(next, kLongestReason);
            at += 2;
        } else if (const auto count = harmless_note(word); count > 0) {
            at += count;
        } else if (word == "nomatch") {
            return wrong("the entry is an exception (nomatch), and yett knows none",
                         "write the prefixes that remain without it");
        } else {
            return wrong(fmt::format("the option {} of an entry is not understood", quote(word)));
        }
    }
    if (auto allowed = allow_end(notes.seconds, options_); !allowed) return allowed.error();
    return notes;
}

Result<void> IpsetFile::check_family(const Sim& sim, const std::string& value) const {
    if (!sim.typed || options_.type != SetType::prefix) return {};
    if ((value.find(':') != value.npos) == sim.ipv6) return {};
    return wrong(fmt::format("{} is not of the family of its ipset", quote(value)));
}

Result<void> IpsetFile::add(const Words& words) {
    if (words.size() < 2) return wrong("the ipset command add lacks an entry");
    const auto& value = words[1].text;
    Sim& sim = open(words[0].text);
    const auto comma = value.find(',');
    if (comma != value.npos)
        return wrong(quote(value) + " is more than a value",
                     "what matches two things at once is a rule");
    if (sim.foreign)
        return wrong(
            fmt::format("the ipset {} holds what is not in the file", quote(words[0].text)));
    if (auto good = check_family(sim, value); !good) return good;
    const auto notes = add_notes(words, sim);
    if (!notes) return notes.error();
    const auto before = sim.items.size();
    auto done = sim.items.add(value, *notes);
    values_ += sim.items.size() - before;
    return done;
}

Result<void> IpsetFile::remove(const Words& words, bool quiet, std::size_t number) {
    if (words.size() != 2) return wrong("the ipset command del takes a set and an entry");
    Sim& sim = open(words[0].text);
    std::vector<EntryValue> values;
    if (auto read = parse_entries(options_.type, words[1].text, values); !read) return read;
    for (const auto& value : values)
        sim.removals.push_back({value, sim.items.size(), number, quiet});
    return {};
}

/// Each value by itself, in the order of the file.
Result<ListItems> IpsetFile::without_removed(Sim& sim) const {
    if (sim.removals.empty()) return std::move(sim.items);
    struct Event {
        EntryValue value;
        std::size_t order;
        const Change* removal;  ///< null: it was added
    };
    std::vector<Event> events;
    for (const auto& removal : sim.removals)
        events.push_back({removal.value, removal.order, &removal});
    for (std::size_t i = 0; i < sim.items.size(); ++i)
        events.push_back({sim.items.at(i), i, nullptr});
    std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return a.value == b.value ? a.order < b.order : a.value < b.value;
    });
    std::vector<std::size_t> in;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& event = events[i];
        if (i > 0 && event.value != events[i - 1].value) in.clear();
        if (event.removal == nullptr) {
            in.push_back(event.order);
            continue;
        }
        if (in.empty() && !event.removal->quiet)
            return wrong(fmt::format("line {}: {} is taken out, and was not in",
                                     event.removal->line, to_text(event.value)),
                         "a list builds its set from nothing");
        for (const auto index : in)
            sim.items.take_out(index);
        in.clear();
    }
    return std::move(sim.items);
}

Result<ListItems> IpsetFile::take() {
    std::vector<std::string> names;
    for (const auto& [name, sim] : sets_) {
        if (!sim.foreign) names.push_back(name);
    }
    if (!options_.set.empty()) {
        const auto found = sets_.find(options_.set);
        if (found != sets_.end() && !found->second.foreign) return without_removed(found->second);
        return wrong(fmt::format("the list has no ipset {}", quote(options_.set)),
                     names.empty() ? "" : fmt::format("it has {}", fmt::join(names, ", ")));
    }
    if (names.size() == 1) return without_removed(sets_.find(names.front())->second);
    if (names.empty()) return ListItems(options_.type);
    const auto shown = std::min<std::size_t>(names.size(), 10);
    return wrong(
        fmt::format("the list has {} ipsets: {}{}", names.size(),
                    fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "),
                    shown < names.size() ? " ..." : ""),
        fmt::format("choose one: --set {}", names.front()));
}

}  // namespace yett
