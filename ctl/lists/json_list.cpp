// SPDX-License-Identifier: GPL-2.0-or-later
// Entries in JSON.
#include "lists/json_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/quote.hpp"
#include "base/visible.hpp"
#include "json/values.hpp"
#include "model/address.hpp"
#include "model/mac.hpp"

namespace yett {
namespace {

struct OwnKey {
    std::string_view key;
    SetType type;
};
/// "value" is one of every type.
constexpr OwnKey kOwnKeys[] = {
    {"cidr", SetType::prefix},       {"prefix", SetType::prefix},
    {"network", SetType::prefix},    {"ip", SetType::prefix},
    {"address", SetType::prefix},    {"range", SetType::prefix},
    {"ip_prefix", SetType::prefix},  {"ipv6_prefix", SetType::prefix},
    {"ipv4Prefix", SetType::prefix}, {"ipv6Prefix", SetType::prefix},
    {"ip_address", SetType::prefix}, {"ipAddress", SetType::prefix},
    {"subnet", SetType::prefix},     {"mac", SetType::mac},
    {"iface", SetType::iface},       {"port", SetType::port},
};
constexpr std::string_view kListKeys[] = {
    "prefixes",  "ipv6_prefixes",  "ipv4_cidrs", "ipv6_cidrs", "jdcloud_cidrs",
    "addresses", "ipv6_addresses", "new",        "deleted",    "decisions",
    "data",      "result",         "results",    "entries",    "cidrs",
    "ips",       "networks",       "ranges",     "subnets",    "ip_addresses",
    "ipv4",      "ipv6",           "items",      "list",       "blocklist",
};
constexpr std::string_view kDeleted = "deleted";
/// Beside an address they make another thing of it: a length that it does not have itself ...
constexpr std::string_view kLengthKeys[] = {
    "netmask",       "mask",         "len",       "length", "prefixlen", "prefix_len",
    "prefix_length", "prefixLength", "prefixLen", "bits",   "mask_len",  "wildcard",
};
/// ... the other end of a range, if it is an address ...
constexpr std::string_view kEndKeys[] = {
    "last",  "end",     "to",          "ip_end",     "end_ip",    "ipEnd",
    "endIp", "last_ip", "end_address", "endAddress", "range_end",
};
/// ... or what is not meant.
constexpr std::string_view kExceptKeys[] = {
    "exclude", "excluded", "except", "exceptions", "nomatch", "negate", "inverted",
};

/// Ends of entries in other words than yett reads: passed over, an entry would hold for ever.
constexpr std::string_view kTimeKeys[] = {
    "ttl",      "expires_at", "expiresAt",   "expire",     "expiration", "expiry",
    "ban_time", "bantime",    "valid_until", "validUntil", "end_time",   "endTime",
};
/// What "action" may say of what is to be blocked; anything else is not meant for that.
constexpr std::string_view kBlockWords[] = {
    "ban", "block", "blocked", "drop", "deny", "reject", "add", "blacklist", "blocklist",
};
constexpr std::string_view kSwitchKeys[] = {"active", "enabled", "is_active", "isActive"};

template <typename Table>
bool has(const Table& table, std::string_view word) {
    return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

/// "a/b" in a pointer is "a~1b" (RFC 6901).
std::string step_text(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

std::vector<std::string> steps_of(std::string_view pointer) {
    std::vector<std::string> steps;
    if (pointer.starts_with('/')) pointer.remove_prefix(1);
    while (true) {
        const auto end = std::min(pointer.find('/'), pointer.size());
        std::string step;
        for (std::size_t i = 0; i < end; ++i) {
            const bool escape = pointer[i] == '~' && i + 1 < end;
            step += escape ? (pointer[i + 1] == '1' ? '/' : '~') : pointer[i];
            i += escape;
        }
        steps.push_back(std::move(step));
        if (end == pointer.size()) return steps;
        pointer.remove_prefix(end + 1);
    }
}

/// What to do about a key that makes another thing of the address beside it.
const char* hint_for(std::string_view key) {
    if (has(kTimeKeys, key))
        return "yett reads ends from \"until\", \"expires\", \"timeout\" and \"duration\"";
    if (key == "action" || has(kSwitchKeys, key)) return "leave out what is not to be blocked";
    return "write prefixes, as in \"192.0.2.0/24\", or ranges";
}

/// "3h59m52.1s", "-1h": as Go writes durations. In seconds, rounded up.
std::optional<std::int64_t> parse_go_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double seconds;
    };
    static constexpr Unit kUnits[] = {{"ms", 1e-3}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6}, {"ns", 1e-9},
                                      {"d", 86400}, {"h", 3600},  {"m", 60},           {"s", 1}};
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                  std::chars_format::fixed);
        if (error != std::errc{} || number < 0) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                       [&](const Unit& u) { return text.starts_with(u.name); });
        if (unit == std::end(kUnits)) return std::nullopt;
        text.remove_prefix(unit->name.size());
        total += number * unit->seconds;
    }
    if (!(total < 1e12)) return std::nullopt;
    return static_cast<std::int64_t>(std::ceil(negative ? -total : total));
}

}  // namespace

JsonList::JsonList(const ListOptions& options, ListItems& items, ListItems& lifted,
                   OnProblem problem)
    : options_(options), items_(items), lifted_(lifted), problem_(std::move(problem)) {
    if (!options.pointer.empty()) pointer_ = steps_of(options.pointer);
}

Result<void> JsonList::read(std::string_view text, std::size_t& line) {
    const auto first = line;
    line_ = &line;
    frames_.clear();
    found_ = pointer_.empty();
    const std::array<std::size_t, 2> before = {items_.size(), lifted_.size()};
    if (auto done = read_json_events(text, line, *this); !done) {
        items_.shrink(before[0]);
        lifted_.shrink(before[1]);
        return at_line(line, done.error());
    }
    if (found_) return {};
    return refuse(fmt::format("there is nothing at {} in the document", options_.pointer), "",
                  first);
}

std::string JsonList::place() const {
    std::string text;
    for (const auto& frame : frames_)
        text += '/' + (frame.is_object ? step_text(frame.key) : std::to_string(frame.index));
    return text;
}

Result<void> JsonList::refuse(std::string message, std::string hint, std::size_t line) {
    return problem_(line, {ErrorKind::usage, std::move(message), std::move(hint)});
}

bool JsonList::is_value(std::string_view text) const {
    if (options_.type == SetType::prefix) return parse_prefix(text) || parse_address_range(text);
    return options_.type == SetType::mac && parse_mac_range(text);
}

bool JsonList::is_own_key(std::string_view key) const {
    if (!options_.key.empty()) return key == options_.key;
    if (key == "value") return true;
    const auto known = std::find_if(std::begin(kOwnKeys), std::end(kOwnKeys),
                                    [&](const OwnKey& own) { return own.key == key; });
    return known != std::end(kOwnKeys) && known->type == options_.type;
}

/// To the object around it, which is the one to say whether it is an entry.
void JsonList::note_stray(std::string_view text) {
    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
        if (!frame->is_object || frame->role != Role::object) continue;
        // What an alert says of its source is what its decisions are about.
        const bool alert = frame->key == "source" || frame->key == "events";
        auto& stray = alert ? frame->alert_stray : frame->stray;
        if (!stray)
            stray = Error{
                ErrorKind::usage,
                fmt::format("{} stands where yett looks for no entry: {}", quote(text), place()),
                "name the list with --pointer, as in --pointer /prefixes, or the key of its "
                "objects with --key"};
        return;
    }
}

bool JsonList::at_pointer() const {
    if (found_ || frames_.empty() || !frames_.back().on_path) return false;
    const auto depth = frames_.size() - 1;
    const auto& parent = frames_.back();
    return depth < pointer_.size() &&
           pointer_[depth] == (parent.is_object ? parent.key : std::to_string(parent.index));
}

/// True: the role follows from the pointer.
bool JsonList::follow_pointer(Frame& child, const Frame* parent) {
    if (pointer_.empty()) return false;
    if (parent != nullptr && parent->role != Role::outside) return false;
    child.role = Role::outside;
    child.on_path = parent == nullptr || at_pointer();
    if (parent == nullptr || !child.on_path || frames_.size() != pointer_.size()) return true;
    found_ = true;
    child.role = child.is_object ? Role::object : Role::list;
    return true;
}

void JsonList::give_role(Frame& child, Frame* parent) {
    if (follow_pointer(child, parent)) return;
    const auto own = child.is_object ? Role::object : Role::list;
    if (parent == nullptr) {
        child.role = own;
    } else if (parent->role == Role::list) {
        child.role = child.is_object ? Role::object : Role::watched;
        child.lifts = parent->lifts;
    } else if (parent->role == Role::object && has(kListKeys, parent->key)) {
        parent->knows_list = true;
        parent->has_decisions = parent->has_decisions || parent->key == "decisions";
        child.role = own;
        child.lifts = parent->lifts || parent->key == kDeleted;
    } else {
        child.role = Role::watched;
        if (parent->role == Role::object && has(kExceptKeys, parent->key))
            parent->changed = parent->key;
    }
}

Result<void> JsonList::begin(bool object) {
    Frame child;
    child.is_object = object;
    child.line = *line_;
    child.marks = {items_.size(), lifted_.size(), over_};
    Frame* parent = frames_.empty() ? nullptr : &frames_.back();
    give_role(child, parent);
    Result<void> done;
    if (parent != nullptr && parent->role == Role::list && !object)
        done = refuse("a list stands inside of a list: " + place(), "", *line_);
    frames_.push_back(std::move(child));
    return done;
}

Result<void> JsonList::end() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    Result<void> done;
    if (frame.is_object && frame.role == Role::object)
        done = frame.candidates.empty() ? end_document(frame) : end_entry(frame);
    if (!frames_.empty() && !frames_.back().is_object) ++frames_.back().index;
    return done;
}

Result<void> JsonList::key(const std::string& text) {
    auto& frame = frames_.back();
    frame.key = text;
    if (frame.keys.size() < 100) frame.keys += (frame.keys.empty() ? "" : ", ") + quote(text);
    if (frame.role != Role::outside && is_value(text)) note_stray(text);
    return {};
}

Result<void> JsonList::number(std::optional<std::uint64_t> whole) {
    return scalar({whole ? std::to_string(*whole) : "a number", false, whole});
}

Result<void> JsonList::boolean(bool value) {
    if (!frames_.empty() && !value && has(kSwitchKeys, frames_.back().key))
        frames_.back().changed = frames_.back().key;
    if (!frames_.empty() && frames_.back().is_object && !value) return {};
    if (!frames_.empty() && frames_.back().is_object && frames_.back().key == "simulated")
        frames_.back().simulated = true;
    return scalar({value ? "true" : "false", false, {}});
}

Result<void> JsonList::null() {
    if (frames_.empty() || !frames_.back().is_object) return scalar({"null", false, {}});
    auto& frame = frames_.back();
    if (frame.key == "expires" || frame.key == "until") frame.never = true;
    if (frame.role == Role::object && has(kListKeys, frame.key)) frame.knows_list = true;
    if (at_pointer() && frames_.size() == pointer_.size()) found_ = true;
    return {};
}

Result<void> JsonList::scalar(const Scalar& value) {
    const bool usable = value.is_text || (options_.type == SetType::port && value.whole);
    const bool target = at_pointer() && frames_.size() == pointer_.size();
    const bool element = frames_.empty() ? pointer_.empty() : frames_.back().role == Role::list;
    if (frames_.empty() && !element) return {};
    Result<void> done;
    if (target || element) {
        found_ = true;
        if (usable) {
            done = put(value.text, {}, !frames_.empty() && frames_.back().lifts, *line_);
        } else {
            const auto where = place();
            done = refuse(
                fmt::format("{} is no entry{}{}", value.text, where.empty() ? "" : ": ", where),
                "an entry is a text in quotes, or an object with one", *line_);
        }
    } else if (frames_.back().role == Role::object) {
        member(frames_.back(), value);
    } else if (frames_.back().role == Role::watched && value.is_text && is_value(value.text)) {
        note_stray(value.text);
    }
    if (!frames_.empty() && !frames_.back().is_object) ++frames_.back().index;
    return done;
}

/// Ends, reasons and what decisions say of themselves. False: it is none of them.
bool JsonList::note(Frame& frame, const Scalar& value) {
    const auto& key = frame.key;
    if (key == "expires" || key == "until") {
        if (!value.text.empty()) frame.until = value;
    } else if (key == "timeout") {
        frame.timeout = value;
    } else if (key == "duration") {
        if (!value.text.empty()) frame.duration = value;
    } else if (!value.is_text) {
        return false;
    } else if (key == "reason") {
        frame.reason = visible(value.text, kLongestReason);
    } else if (key == "scenario") {
        frame.scenario = visible(value.text, kLongestReason);
    } else if (key == "scope") {
        frame.scope = value.text;
    } else if (key == "type") {
        frame.type = value.text;
    } else {
        return false;
    }
    return true;
}

void JsonList::member(Frame& frame, const Scalar& value) {
    if (is_own_key(frame.key)) {
        const bool usable = value.is_text || (options_.type == SetType::port && value.whole);
        if (!value.text.empty()) frame.candidates.push_back({frame.key, value.text, usable});
        return;
    }
    if (note(frame, value)) return;
    if ((has(kTimeKeys, frame.key) && !value.text.empty()) ||
        (frame.key == "action" && !has(kBlockWords, value.text)))
        frame.changed = frame.key;
    const bool length = has(kLengthKeys, frame.key) && frame.changed.empty();
    if (length || has(kExceptKeys, frame.key) ||
        (has(kEndKeys, frame.key) && value.is_text && is_value(value.text)))
        frame.changed = value.text.empty() ? "" : frame.key;
    if (value.is_text && is_value(value.text)) note_stray(value.text);
}

Result<void> JsonList::put(const std::string& text, const ItemNotes& notes, bool lifts,
                           std::size_t line) {
    auto done = lifts ? lifted_.add(text, {}) : items_.add(text, notes);
    return done ? done : refuse(done.error().message, done.error().hint, line);
}

/// False: the entry is over.
Result<bool> JsonList::read_notes(const Frame& frame, ItemNotes& notes) const {
    notes.reason = frame.reason.empty() ? frame.scenario : frame.reason;
    if (frame.never) notes.seconds = 0;
    const auto no_time = [](const Scalar& value, const char* hint) {
        return Error{ErrorKind::usage, quote(value.text) + " is no end of an entry", hint};
    };
    if (frame.until) {
        if (!frame.until->is_text)
            return no_time(*frame.until, "write it like 2026-05-01T09:30:00Z");
        const auto end = end_at(frame.until->text, options_);
        if (!end) return end.error();
        if (end->over) return false;
        notes.seconds = end->seconds;
    } else if (frame.timeout) {
        const auto seconds = parse_timeout(frame.timeout->text);
        if (!seconds) return no_time(*frame.timeout, "a timeout is a number of seconds, or \"1h\"");
        notes.seconds = *seconds;
    } else if (frame.duration) {
        const auto seconds = parse_go_duration(frame.duration->text);
        if (!frame.duration->is_text || !seconds || *seconds > kLongestTimeout)
            return no_time(*frame.duration, "a duration is a text as in \"3h59m\"");
        if (*seconds <= 0) return false;
        notes.seconds = *seconds;
    }
    if (auto allowed = allow_end(notes.seconds, options_); !allowed) return allowed.error();
    return true;
}

Result<void> JsonList::end_entry(Frame& frame) {
    items_.shrink(frame.marks[0]);
    lifted_.shrink(frame.marks[1]);
    over_ = frame.marks[2];
    const auto& first = frame.candidates.front();
    for (const auto& other : frame.candidates) {
        if (other.text == first.text) continue;
        return refuse(fmt::format("the object has a value under {} and under {}", quote(first.key),
                                  quote(other.key)),
                      "say which is meant: --key " + first.key, frame.line);
    }
    if (!first.is_text)
        return refuse(
            fmt::format("the value under {} is no text: {}", quote(first.key), first.text),
            "an address stands in quotes", frame.line);
    const bool whole = has(kLengthKeys, frame.changed) && first.text.find('/') != first.text.npos;
    if (!frame.changed.empty() && !whole)
        return refuse(
            fmt::format("{} stands beside the address under {}, and changes what it means",
                        quote(frame.changed), quote(first.key)),
            hint_for(frame.changed), frame.line);
    if (!frame.scope.empty() && !frame.type.empty() && frame.type != "ban")
        return refuse(fmt::format("a decision of type {} is no ban", quote(frame.type)), "",
                      frame.line);
    if (frame.simulated) return refuse("the decision is a simulated one", "", frame.line);
    ItemNotes notes;
    if (!frame.lifts) {
        const auto stays = read_notes(frame, notes);
        if (!stays) return refuse(stays.error().message, stays.error().hint, frame.line);
        if (!*stays) {
            ++over_;
            return {};
        }
    }
    return put(first.text, notes, frame.lifts, frame.line);
}

Result<void> JsonList::end_document(Frame& frame) {
    if (frame.type == "metadata" && !frame.stray) return {};
    if (!frame.stray && !frame.has_decisions) frame.stray = frame.alert_stray;
    if (frame.stray) return refuse(frame.stray->message, frame.stray->hint, frame.line);
    if (frame.knows_list) return {};
    const auto keys = frame.keys.empty() ? "" : "; its keys are " + frame.keys;
    return refuse("the object has no address, and no list that yett knows" + keys,
                  "name the key of the address with --key, or the list with --pointer, as in "
                  "--pointer /prefixes",
                  frame.line);
}

}  // namespace yett
