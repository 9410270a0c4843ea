// SPDX-License-Identifier: GPL-2.0-or-later
// Compares the canonical forms of two rulesets, value by value: what the printer prints is
// compared, so no key can be forgotten here.
#include "json/changes.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "json/canonical.hpp"

namespace yett {
namespace {

using Lines = std::vector<std::string>;

/// Longer values are told by what comes and goes, or cut.
constexpr std::size_t kMostShown = 100;
/// Elements without a name are told by their text.
constexpr std::size_t kMostElement = 200;
constexpr const char* kNothing = "(not set)";

std::string_view unquoted(std::string_view key) {
    return key.substr(1, key.size() - 2);
}

std::string cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    std::size_t end = most;
    while (end > 0 && (text[end] & 0xc0) == 0x80)
        --end;
    return std::string(text.substr(0, end)) + "...";
}

std::string shown(const Value* value) {
    if (!value) return kNothing;
    const std::string text = on_one_line(*value);
    return cut(text.front() == '"' ? unquoted(text) : text, kMostShown);
}

const Value* member(const Value& object, std::string_view quoted_key) {
    for (std::size_t i = 0; i < object.keys.size(); ++i)
        if (object.keys[i] == quoted_key) return &object.children[i];
    return nullptr;
}

/// "rules" are what a file is about: a name without a word before it is a rule.
std::string word_of(std::string_view section) {
    if (section == "rules") return {};
    const bool plural = section == "sets" || section == "interfaces" || section == "tests" ||
                        section == "builtins" || section == "exceptions" || section == "timeouts";
    return std::string(plural ? section.substr(0, section.size() - 1) : section) + ' ';
}

/// What changed in one thing that has a name: "~ NAME: path 1 -> 2".
class Difference {
  public:
    Difference(Lines& lines, std::string name) : lines_(lines), name_(std::move(name)) {}

    void compare(const std::string& path, const Value* before, const Value* after) {
        if (before && after && before->shape == JsonShape::object &&
            after->shape == JsonShape::object)
            return members(path, *before, *after);
        const std::string was = before ? on_one_line(*before) : kNothing;
        const std::string is = after ? on_one_line(*after) : kNothing;
        if (was == is) return;
        const bool lists = before && after && before->shape == JsonShape::array &&
                           after->shape == JsonShape::array;
        if (lists && was.size() + is.size() > kMostShown) return elements(path, *before, *after);
        tell(path, shown(before) + " -> " + shown(after));
    }

  private:
    void members(const std::string& path, const Value& before, const Value& after) {
        const auto below = [&](const std::string& key) {
            return (path.empty() ? path : path + '.') + std::string(unquoted(key));
        };
        for (std::size_t i = 0; i < before.keys.size(); ++i)
            compare(below(before.keys[i]), &before.children[i], member(after, before.keys[i]));
        for (std::size_t i = 0; i < after.keys.size(); ++i)
            if (!member(before, after.keys[i]))
                compare(below(after.keys[i]), nullptr, &after.children[i]);
    }

    /// "+ 8080 and 12 more, - 80"; where the same elements stand in another order: that.
    void elements(const std::string& path, const Value& before, const Value& after) {
        const std::string gone = surplus('-', before, after), fresh = surplus('+', after, before);
        const char* const between = gone.empty() || fresh.empty() ? "" : ", ";
        const std::string text = fresh + between + gone;
        tell(path, text.empty() ? "the order" : text);
    }

    /// Elements of `list` that are not in `other`: the first, and how many more.
    static std::string surplus(char sign, const Value& list, const Value& other) {
        std::unordered_map<std::string, std::size_t> left;
        for (const Value& element : other.children)
            ++left[on_one_line(element)];
        const Value* first = nullptr;
        std::size_t count = 0;
        for (const Value& element : list.children) {
            const auto found = left.find(on_one_line(element));
            if (found != left.end() && found->second > 0) {
                --found->second;
            } else if (count++ == 0) {
                first = &element;
            }
        }
        if (!first) return {};
        std::string text = std::string(1, sign) + ' ' + shown(first);
        return count == 1 ? text : text + " and " + std::to_string(count - 1) + " more";
    }

    void tell(const std::string& path, const std::string& what) {
        lines_.push_back("~ " + name_ + (path.empty() ? ": " : ": " + path + ' ') + what);
    }

    Lines& lines_;
    std::string name_;
};

/// Things that have names, in their order.
struct Named {
    std::vector<std::string_view> names;
    std::vector<const Value*> values;
    std::unordered_map<std::string_view, std::size_t> places;

    void add(std::string_view name, const Value& value) {
        if (!places.emplace(name, names.size()).second) return;
        names.push_back(name);
        values.push_back(&value);
    }
    [[nodiscard]] const Value* find(std::string_view name) const {
        const auto found = places.find(name);
        return found == places.end() ? nullptr : values[found->second];
    }
};

/// The members of an object, the elements of an array by their "name" or, if they have none, by
/// their text.
Named named(const Value* section, std::vector<std::string>& texts) {
    Named out;
    if (!section) return out;
    texts.reserve(section->children.size());
    for (std::size_t i = 0; i < section->children.size(); ++i) {
        const Value& child = section->children[i];
        const Value* const name = member(child, "\"name\"");
        if (section->shape == JsonShape::object) {
            out.add(unquoted(section->keys[i]), child);
        } else if (name) {
            out.add(unquoted(name->text), child);
        } else {
            const std::string& text = texts.emplace_back(on_one_line(child));
            const bool word = child.shape == JsonShape::scalar && text.front() == '"';
            out.add(word ? unquoted(text) : std::string_view(text), child);
        }
    }
    return out;
}

void compare_named(Lines& lines, const std::string& word, const Value* before, const Value* after) {
    std::vector<std::string> texts[2];
    const Named was = named(before, texts[0]), is = named(after, texts[1]);
    // A switch is told with its value: it has a default where it does not stand.
    const auto gone_or_new = [&](char sign, std::string_view name, const Value* value) {
        const std::string whole = word + cut(name, kMostElement);
        const bool is_switch = (before ? before : after)->shape == JsonShape::object &&
                               value->shape == JsonShape::scalar;
        if (!is_switch) return lines.push_back(std::string{sign, ' '} + whole);
        Difference(lines, whole)
            .compare({}, sign == '-' ? value : nullptr, sign == '-' ? nullptr : value);
    };
    for (const std::string_view name : was.names)
        if (!is.find(name)) gone_or_new('-', name, was.find(name));
    for (std::size_t i = 0; i < is.names.size(); ++i) {
        if (const Value* const old = was.find(is.names[i])) {
            Difference(lines, word + cut(is.names[i], kMostElement)).compare({}, old, is.values[i]);
        } else {
            gone_or_new('+', is.names[i], is.values[i]);
        }
    }
}

template <typename T, typename NameOf>
std::vector<std::string_view> names_in_both(const std::vector<T>& list, const std::vector<T>& other,
                                            NameOf name_of) {
    std::unordered_map<std::string_view, bool> known;
    for (const T& item : other)
        known.emplace(name_of(item), true);
    std::vector<std::string_view> names;
    for (const T& item : list)
        if (known.count(name_of(item)) != 0) names.push_back(name_of(item));
    return names;
}

/// A list whose elements kept their names and stand in another order.
template <typename T, typename NameOf>
void compare_order(Lines& lines, const char* what, const std::vector<T>& before,
                   const std::vector<T>& after, NameOf name_of) {
    if (names_in_both(before, after, name_of) != names_in_both(after, before, name_of))
        lines.push_back(std::string("~ the order of the ") + what);
}

/// Takes out of both lists what both have: a long ruleset is printed only as far as it changed.
template <typename T, typename NameOf>
void drop_equal(std::vector<T>& before, std::vector<T>& after, NameOf name_of) {
    std::unordered_map<std::string, const T*> known;
    for (const T& item : before)
        known.emplace(std::string(name_of(item)), &item);
    std::unordered_map<std::string, bool> same;
    for (const T& item : after) {
        const auto found = known.find(std::string(name_of(item)));
        if (found != known.end() && *found->second == item) same.emplace(found->first, true);
    }
    const auto is_same = [&](const T& item) { return same.count(std::string(name_of(item))) != 0; };
    std::erase_if(before, is_same);
    std::erase_if(after, is_same);
}

std::string_view rule_name(const Rule& rule) {
    return rule.name;
}
std::string_view interface_name(const std::pair<std::string, HookChoice>& attach) {
    return attach.first;
}
std::string_view set_name(const std::pair<std::string, Set>& set) {
    return set.first;
}

/// Sections whose elements are things of their own; the other keys are values.
bool has_things(const Value* section) {
    return section && section->shape != JsonShape::scalar;
}

}  // namespace

Lines changes(const Ruleset& before, const Ruleset& after) {
    Ruleset old_part = before, new_part = after;
    drop_equal(old_part.rules, new_part.rules, rule_name);
    drop_equal(old_part.sets, new_part.sets, set_name);
    const Value was = canonical(old_part), is = canonical(new_part);
    Lines lines;
    const auto section = [&](const std::string& key) {
        const Value *const from = member(was, key), *const to = member(is, key);
        const std::string word = word_of(unquoted(key));
        if (has_things(from) || has_things(to)) return compare_named(lines, word, from, to);
        Difference(lines, std::string(unquoted(key))).compare({}, from, to);
    };
    for (const std::string& key : was.keys)
        section(key);
    for (const std::string& key : is.keys)
        if (!member(was, key)) section(key);
    compare_order(lines, "patterns in attach", before.attach, after.attach, interface_name);
    compare_order(lines, "rules", before.rules, after.rules, rule_name);
    compare_order(lines, "sets", before.sets, after.sets, set_name);
    if (lines.empty() && !(before == after))
        lines.emplace_back("~ the order of elements of a list");
    return lines;
}

}  // namespace yett
