// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>

#include "apply/failure.hpp"
#include "apply/perform.hpp"
#include "base/domain_xml.hpp"

namespace gpupass {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Events may get lost: so look at least this often.
constexpr milliseconds kLongestSleep{1000};
/// What a plan says of time may be any number.
constexpr std::chrono::hours kLongestWait{24 * 365};

/// Whether the definition that the change is about has the device. A guest that is gone holds none.
bool holds(const Access& access, const SetDevice& change) {
  const std::optional<DomainXml> domain = access.domain(change.domain);
  if (!domain) return false;
  const std::string& xml = change.scope == Scope::Live ? domain->live_xml : domain->persistent_xml;
  return std::ranges::binary_search(hostdev_addresses(xml), change.device);
}

Error failure_of(const SetDevice& change, ErrorCode code, std::string_view saw, std::string_view expected) {
  const auto verb = change.present ? "attach {} to" : "detach {} from";
  return failure(code, fmt::format(fmt::runtime(verb), change.device.to_string()), change.domain, saw,
                 expected);
}

/// A guest may refuse to be asked while it thinks about the last time; only the first time must go through.
void ask_anew(Access& access, const SetDevice& change) {
  try {
    access.guests().detach(change.domain, change.xml, Scope::Live);
  } catch (const Error&) {
  }
}

/// Asks the guest, and waits until its definition is without the device: the definition is the authority, an
/// event only wakes. A guest with PCI Express hot-plug takes a second request within five seconds for a
/// withdrawal of the first, so it is asked again only after a good while.
Progressed take_back(Access& access, const SetDevice& change, milliseconds ask_again) {
  const Clock::time_point end = Clock::now() + std::min<std::chrono::seconds>(change.timeout, kLongestWait);
  Clock::time_point next_request = Clock::now() + ask_again;
  access.guests().detach(change.domain, change.xml, Scope::Live);
  while (holds(access, change)) {
    const Clock::time_point now = Clock::now();
    if (now >= end) return Progressed::Pending;
    if (now >= next_request) {
      ask_anew(access, change);
      next_request = Clock::now() + ask_again;
    }
    const auto sleep = std::chrono::ceil<milliseconds>(std::min(end, next_request) - now);
    access.wait_for_change(change.domain, std::clamp(sleep, milliseconds(1), kLongestSleep));
  }
  return Progressed::Reached;
}

}  // namespace

Progressed perform(Access& access, const SetDevice& change, milliseconds ask_again) {
  if (holds(access, change) == change.present) return Progressed::Reached;
  if (change.present) {
    if (!access.domain(change.domain)) throw failure_of(change, ErrorCode::NotFound, "no such domain", "one");
    access.guests().attach(change.domain, change.xml, change.scope);
    if (!holds(access, change))
      throw failure_of(change, ErrorCode::System, "a definition without it", "one with it");
    return Progressed::Reached;
  }
  if (change.scope == Scope::Live) return take_back(access, change, ask_again);
  access.guests().detach(change.domain, change.xml, change.scope);
  if (holds(access, change))
    throw failure_of(change, ErrorCode::System, "a definition with it", "one without it");
  return Progressed::Reached;
}

}  // namespace gpupass
