// SPDX-License-Identifier: GPL-2.0-or-later
// Places in pages.
#include "compile/image.hpp"

#include <algorithm>
#include <cstring>

namespace yett {
namespace {

constexpr std::size_t kLine = 64;  ///< of the cache

std::size_t round_up(std::size_t value, std::size_t step) {
    return (value + step - 1) / step * step;
}

/// Of one chunk: as many whole records as fit.
std::size_t in_a_chunk(std::size_t size) {
    return YETT_CHUNK_OCTETS / size;
}

}  // namespace

/// Place 0 stays unused: it is what a forgotten field would point to.
Image::Image(std::size_t most) : most_(most), end_(kLine) {
    words_.resize(end_ / 8);
}

Image::Image(std::size_t most, std::vector<std::uint64_t> words, BoxPage boxes)
    : words_(std::move(words)), most_(most), end_(words_.size() * 8), boxes_(boxes) {}

std::size_t Image::claim(std::size_t octets, std::size_t alignment, bool in_one_page) {
    std::size_t place = round_up(end_, alignment);
    if (in_one_page && place / YETT_PAGE_OCTETS != (place + octets - 1) / YETT_PAGE_OCTETS)
        place = round_up(place, YETT_PAGE_OCTETS);
    end_ = place + octets;
    if (fits()) words_.resize(round_up(end_, 8) / 8);
    return place;
}

std::uint32_t Image::slots(std::size_t count) {
    const std::size_t octets = count * sizeof(std::uint64_t);
    const std::size_t place =
        claim(octets, std::min(std::max<std::size_t>(octets, 8), kLine), false);
    if (fits()) std::fill_n(words_.begin() + static_cast<long>(place / 8), count, kEmptySlot);
    return static_cast<std::uint32_t>(place / 8);
}

void Image::set_slot(std::uint32_t number, std::uint64_t slot) {
    if (number < words_.size()) words_[number] = slot;
}

std::uint32_t Image::records(std::size_t count, std::size_t size) {
    if (count > in_a_chunk(size)) {
        const std::size_t chunks = (count + in_a_chunk(size) - 1) / in_a_chunk(size);
        return static_cast<std::uint32_t>(
            claim(chunks * YETT_CHUNK_OCTETS, YETT_CHUNK_OCTETS, false) / YETT_PLACE_UNIT);
    }
    // A leaf that fits into fewer lines of the cache from the next line's start on begins there.
    const std::size_t octets = count * size, at = round_up(end_, YETT_PLACE_UNIT) % kLine;
    const bool next_line = (at + octets + kLine - 1) / kLine > (octets + kLine - 1) / kLine;
    return static_cast<std::uint32_t>(claim(octets, next_line ? kLine : YETT_PLACE_UNIT, true) /
                                      YETT_PLACE_UNIT);
}

std::span<std::byte> Image::record(std::uint32_t place, std::size_t number, std::size_t size) {
    const std::size_t chunk = number / in_a_chunk(size), rest = number % in_a_chunk(size);
    const std::size_t at =
        std::size_t{place} * YETT_PLACE_UNIT + chunk * YETT_CHUNK_OCTETS + rest * size;
    return std::as_writable_bytes(std::span(words_)).subspan(at, size);
}

void Image::put(std::uint32_t place, std::size_t number, std::span<const std::byte> record) {
    if (!fits()) return;
    const std::span<std::byte> there = this->record(place, number, record.size());
    std::copy(record.begin(), record.end(), there.begin());
}

std::uint32_t Image::box(const yett_box& box) {
    static_assert(kBoxesInPage <= 1u << YETT_TAG_BOX_NUMBER_BITS,
                  "the tag holds any number in a page");
    if (boxes_.page == 0 || boxes_.count == kBoxesInPage) {
        boxes_ = {claim(YETT_PAGE_OCTETS, YETT_PAGE_OCTETS, true), 0};
    }
    const std::size_t at = boxes_.page + boxes_.count * sizeof(yett_box);
    if (at + sizeof box <= words_.size() * 8)
        std::memcpy(reinterpret_cast<std::byte*>(words_.data()) + at, &box, sizeof box);
    return static_cast<std::uint32_t>(boxes_.page / YETT_PAGE_OCTETS << YETT_TAG_BOX_NUMBER_BITS |
                                      boxes_.count++);
}

yett_box Image::stored_box(std::uint32_t tag) const {
    const std::size_t page = tag >> YETT_TAG_BOX_NUMBER_BITS;
    const std::size_t number = tag & ((1u << YETT_TAG_BOX_NUMBER_BITS) - 1);
    yett_box box;
    std::memcpy(&box,
                reinterpret_cast<const std::byte*>(words_.data()) + page * YETT_PAGE_OCTETS +
                    number * sizeof box,
                sizeof box);
    return box;
}

std::vector<std::uint64_t> Image::take() {
    return std::move(words_);
}

}  // namespace yett
