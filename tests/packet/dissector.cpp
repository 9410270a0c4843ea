// SPDX-License-Identifier: GPL-2.0-or-later
// Filters of libpcap over frames in memory.
#include "packet/dissector.hpp"

#include <pcap/pcap.h>

#include <stdexcept>
#include <unordered_map>

namespace yett::corpus {

struct Dissector::Filters {
    Filters() : handle(pcap_open_dead(DLT_EN10MB, 65535)) {
        if (!handle) throw std::runtime_error("libpcap gives no handle");
    }
    Filters(const Filters&) = delete;
    Filters& operator=(const Filters&) = delete;
    ~Filters() {
        for (auto& [expression, program] : programs)
            pcap_freecode(&program);
        pcap_close(handle);
    }

    bpf_program& of(const std::string& expression) {
        const auto found = programs.find(expression);
        if (found != programs.end()) return found->second;
        bpf_program program{};
        if (pcap_compile(handle, &program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
            throw std::invalid_argument(expression + ": " + pcap_geterr(handle));
        return programs.emplace(expression, program).first->second;
    }

    pcap_t* handle;
    std::unordered_map<std::string, bpf_program> programs;
};

Dissector::Dissector() : filters_(std::make_unique<Filters>()) {}
Dissector::~Dissector() = default;

bool Dissector::says(const std::string& expression, const Octets& frame) {
    pcap_pkthdr header{};
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    return pcap_offline_filter(&filters_->of(expression), &header, frame.data()) != 0;
}

std::size_t Dissector::compiled() const {
    return filters_->programs.size();
}

}  // namespace yett::corpus
