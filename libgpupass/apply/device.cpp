// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <set>
#include <thread>

#include "apply/absence.hpp"
#include "apply/perform.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Events may get lost: so look at least this often.
constexpr milliseconds kLongestSleep{1000};
/// What a plan says of time may be any number.
constexpr std::chrono::hours kLongestWait{24 * 365};
/// A guest with PCI Express hot-plug takes a second request within five seconds for a withdrawal of the
/// first.
constexpr milliseconds kWithdrawal{6000};
/// Between two looks for a libvirt that has gone.
constexpr milliseconds kAbsence{50};

/// What a guest has of the device that a change is about.
struct Sight {
  bool held = false;  ///< A guest that is gone, or off, holds none.
  bool paused = false;
  std::string alias;  ///< By which events name the device. Empty: it has none.
};

Sight look(const Access& access, const SetDevice& change, milliseconds patience) {
  const std::optional<DomainXml> domain = access.domain(change.domain, patience);
  if (!domain) return {};
  const std::string& xml = change.scope == Scope::Live ? domain->live_xml : domain->persistent_xml;
  if (!std::ranges::binary_search(claimed_devices(xml), change.device)) return {};
  return {true, domain->paused, hostdev_alias(xml, change.device)};
}

bool holds(const Access& access, const SetDevice& change) {
  return look(access, change, access.patience()).held;
}

Error failure_of(const SetDevice& change, ErrorCode code, std::string_view saw, std::string_view expected) {
  const auto verb = change.present ? "attach {} to" : "detach {} from";
  return failure(code, fmt::format(fmt::runtime(verb), change.device.to_string()), change.domain, saw,
                 expected);
}

/// Asks a running guest to release a device, again and again, until the time is over. The definition tells
/// when the device is gone; an event only ends a sleep. If libvirt goes away and comes back, the fate of the
/// request is unknown, so the definition is read again.
class LiveDetach {
 public:
  LiveDetach(Access& access, const SetDevice& change, milliseconds ask_again)
      : access_(access),
        change_(change),
        ask_again_(ask_again),
        end_(Clock::now() +
             std::min<std::chrono::seconds>(std::chrono::seconds(change.timeout_seconds), kLongestWait)),
        next_request_(Clock::now()) {}

  Progressed run() {
    do {
      try {
        const Sight sight = look(access_, change_, milliseconds(0));
        if (!sight.held) return Progressed::Reached;
        obstacle_ = sight.paused ? "the guest is paused: it releases nothing until it is resumed" : "";
        if (refused_.contains(sight.alias))
          throw failure_of(change_, ErrorCode::System, "the guest refuse", "it to release the device");
        if (Clock::now() >= next_request_) ask();
      } catch (const Error& error) {
        if (!is_absence(error)) throw;
        obstacle_ = error.what();
      }
    } while (wait());
    access_.remark(obstacle_);
    return Progressed::Pending;
  }

 private:
  void ask() {
    refused_.clear();
    next_request_ =
        Clock::now() +
        std::min(kWithdrawal,
                 ask_again_);  // Where libvirt goes away now, the guest may have heard of it or not.
    try {
      access_.guests().detach(change_.domain, change_.xml, Scope::Live);
    } catch (const Error& error) {
      if (is_absence(error)) {
        perhaps_asked_ = true;
        throw;
      }
      // The device or its guest may be gone. A guest that still handles an earlier request may refuse
      // another.
      if (!perhaps_asked_ && look(access_, change_, milliseconds(0)).held) throw;
    }
    perhaps_asked_ = true;
    next_request_ = Clock::now() + ask_again_;
  }

  /// @returns whether there is time left.
  bool wait() {
    const Clock::time_point now = Clock::now();
    if (now >= end_) return false;
    const auto left = std::chrono::ceil<milliseconds>(std::min(end_, std::max(next_request_, now)) - now);
    try {
      const auto sleep = std::clamp(left, milliseconds(1), kLongestSleep);
      for (std::string& alias : access_.wait_for_change(change_.domain, sleep))
        refused_.insert(std::move(alias));
    } catch (const Error& error) {
      if (!is_absence(error)) throw;
      std::this_thread::sleep_for(std::min(kAbsence, std::chrono::ceil<milliseconds>(end_ - now)));
    }
    return true;
  }

  Access& access_;
  const SetDevice& change_;
  const milliseconds ask_again_;
  const Clock::time_point end_;
  Clock::time_point next_request_;
  bool perhaps_asked_ = false;
  std::set<std::string> refused_;  // Since the last request.
  std::string obstacle_;           // Why the guest has the device still, as far as that is known.
};

/// libvirt's answer may have been lost although the device was attached.
void give(Access& access, const SetDevice& change) {
  try {
    access.guests().attach(change.domain, change.xml, change.scope);
  } catch (const Error& error) {
    if (!is_absence(error) || !holds(access, change)) throw;
  }
  if (!holds(access, change))
    throw failure_of(change, ErrorCode::System, "a definition without it", "one with it");
}

}  // namespace

Progressed perform(Access& access, const SetDevice& change, milliseconds ask_again) {
  if (holds(access, change) == change.present) return Progressed::Reached;
  if (change.present) {
    if (!access.domain(change.domain)) throw failure_of(change, ErrorCode::NotFound, "no such domain", "one");
    give(access, change);
    return Progressed::Reached;
  }
  if (change.scope == Scope::Live) return LiveDetach(access, change, ask_again).run();
  access.guests().detach(change.domain, change.xml, change.scope);
  if (holds(access, change))
    throw failure_of(change, ErrorCode::System, "a definition with it", "one without it");
  return Progressed::Reached;
}

}  // namespace gpupass
