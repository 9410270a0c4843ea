// SPDX-License-Identifier: GPL-2.0-or-later
// A row: one frame, one ruleset, and what the real programs must make of it.
#pragma once

#include <string>
#include <vector>

#include "model/ruleset.hpp"
#include "packet/frames.hpp"

namespace yett::corpus {

enum class Hook { xdp_ingress, tc_ingress, tc_egress };
inline constexpr Hook kHooks[] = {Hook::xdp_ingress, Hook::tc_ingress, Hook::tc_egress};
const char* name_of(Hook hook);
Direction direction_of(Hook hook);

/// `rule` is a rule's name, or "(policy)", or empty when a reason before the rules decided.
/// `reason` is a name of abi/reasons.h ("rule" and "policy" among them); empty: any reason.
struct Expect {
    Verdict verdict = Verdict::drop;
    std::string rule = {};
    std::string reason = {};
};

struct Row {
    std::string subject;  ///< what it is about; hazards.md refers to these
    std::string name;     ///< made from the data of the row
    std::string ruleset;  ///< JSON text
    Octets frame = {};
    std::vector<Hook> hooks = {};
    Expect expect = {};
    std::string iface = "eth0";          ///< eth0 and eth1 are registered
    std::vector<Octets> before = {};     ///< frames that the same hook judges first
    std::vector<std::string> also = {};  ///< counters that move by the packet besides the verdict's
    std::string words = {};              ///< the packet in words, when the frame was made from them
};

/// What a corpus case must come to, whatever the policy is.
struct Fate {
    enum class Kind { rule, policy, reason, builtin, oddity } kind = Kind::policy;
    std::string name = {};            ///< of the rule or the reason
    Verdict verdict = Verdict::drop;  ///< of the rule
    bool inside = false;  ///< of what a tunnel holds, where the policy passes; else "tunnel"
};
Fate passed_by(const std::string& rule);
Fate dropped_by(const std::string& rule);
/// No rule of the corpus names it.
Fate by_policy();
/// By that rule, which there is only under a policy that drops; else by the policy.
Fate passed_by_builtin(const std::string& rule);
/// Falls for this reason under a policy that drops; one that passes lets it through.
Fate oddity(const std::string& reason);
/// Under a policy that passes, the fate of what the tunnel holds, on its way in.
Fate looked_into(Fate inside);
/// Before any rule, for this reason, under any policy.
Fate refused(const std::string& reason);

struct Case {
    std::string name;
    Octets frame;
    Fate fate;
    std::vector<Hook> hooks = {};        ///< empty: all that can run it
    std::vector<std::string> also = {};  ///< as in Row
};

/// A TCP packet that a rule of the corpus passes, one that a rule drops, and one that none names:
/// whatever stands before the TCP header, these must come out as without it.
struct Probe {
    std::uint16_t port;
    Fate fate;
};
std::vector<Probe> probes();
/// The fate of a probe with something suspicious: a rule that drops it speaks first.
Fate suspect(const Probe& probe, const std::string& reason);
/// The same for an oddity.
Fate odd(const Probe& probe, const std::string& reason);

inline const std::vector<Hook> kIngressHooks = {Hook::xdp_ingress, Hook::tc_ingress};
inline const std::vector<Hook> kEgressHooks = {Hook::tc_egress};

/// The ruleset of the corpus: drops sources in 198.51.100.0/24 and 2001:db8:bad::/48 ("blocked")
/// and TCP to port 22 ("no-ssh"), passes TCP to 443 ("web"), UDP to 53 ("dns") and echo ("ping").
/// Fragments are not tracked: a row must not hang on another. `more` is further members of the
/// document, such as "\"exceptions\": {...}".
std::string corpus_ruleset(Verdict policy, const std::string& more = {});

/// Each case under both policies.
std::vector<Row> rows_of(const std::string& subject, const std::vector<Case>& cases,
                         const std::string& more = {});
void append(std::vector<Row>& rows, std::vector<Row> more);

/// Linux runs no skb of an IP ethertype that is shorter than that header: such a frame can only be
/// handed to XDP.
std::vector<Hook> hooks_that_run(const Octets& frame);
bool operator==(const Expect& a, const Expect& b);

/// Every row of every subject, for the tests, the benchmark and the fuzzer's seeds.
std::vector<Row> all_rows();

/// The subjects, a function a file.
std::vector<Row> match_rows();
std::vector<Row> match_family_rows();
std::vector<Row> action_rows();
std::vector<Row> link_rows();
std::vector<Row> carrier_rows();
std::vector<Row> ipv4_rows();
std::vector<Row> fragment_rows();
std::vector<Row> extension_rows();
std::vector<Row> address_rows();
std::vector<Row> tcp_rows();
std::vector<Row> transport_rows();
std::vector<Row> tunnel_rows();
std::vector<Row> inspect_rows();

}  // namespace yett::corpus
