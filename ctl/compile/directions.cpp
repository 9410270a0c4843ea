// SPDX-License-Identifier: GPL-2.0-or-later
// Rule by rule: the same boxes are one.
#include "compile/directions.hpp"

#include <algorithm>
#include <cstring>

namespace yett {
namespace {

std::size_t run_length(std::span<const yett_box> boxes) {
    const auto other = std::find_if(boxes.begin(), boxes.end(), [&](const yett_box& box) {
        return box.rule != boxes.front().rule;
    });
    return static_cast<std::size_t>(other - boxes.begin());
}

}  // namespace

std::optional<std::vector<yett_box>> both_directions(std::span<const yett_box> ingress,
                                                     std::span<const yett_box> egress,
                                                     std::size_t most_one_way) {
    std::vector<yett_box> both;
    both.reserve(std::max(ingress.size(), egress.size()));
    std::size_t one_way = 0;
    const auto take = [&](std::span<const yett_box>& from, std::size_t count, __u32 flag) {
        for (const yett_box& box : from.first(count)) {
            both.push_back(box);
            both.back().flags = box.flags | flag;
        }
        from = from.subspan(count);
        one_way += flag != 0 ? count : 0;
    };
    while ((!ingress.empty() || !egress.empty()) && one_way <= most_one_way + both.size() / 64) {
        const std::size_t in = ingress.empty() ? 0 : run_length(ingress);
        const std::size_t out = egress.empty() ? 0 : run_length(egress);
        const bool same = in == out && in != 0 &&
                          std::memcmp(ingress.data(), egress.data(), in * sizeof(yett_box)) == 0;
        const bool in_first = in != 0 && (out == 0 || ingress[0].rule <= egress[0].rule);
        if (same) {
            take(ingress, in, 0);
            egress = egress.subspan(out);
        } else if (in_first) {
            take(ingress, in, YETT_BOX_INGRESS_ONLY);
        } else {
            take(egress, out, YETT_BOX_EGRESS_ONLY);
        }
    }
    if (!ingress.empty() || !egress.empty()) return std::nullopt;
    return both;
}

}  // namespace yett
