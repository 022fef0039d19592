// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "change/domain.hpp"

namespace gpupass {

/// Whether a guest has a device of the host, in one of its two definitions.
template <>
struct Kind<SetDevice> : PlainKind {
  static constexpr const char* kName = "device";

  static void fields(auto& visit, auto& change) {
    visit("domain", change.domain);
    visit("device", change.device);
    visit("scope", change.scope);
    visit("present", change.present);
    visit("xml", change.xml);
    visit("timeout_seconds", change.timeout_seconds, kAddedLater);
  }

  static Json shown(const SetDevice& change) {
    return {{"domain", change.domain},
            {"device", change.device.to_string()},
            {"scope", json_of_value(change.scope)},
            {"present", change.present},
            {"xml", text_or_null(redacted(change.xml))},
            {"timeout_seconds", change.timeout_seconds}};
  }

  static std::string words(const SetDevice& change) {
    return fmt::format("{} {} {} domain {}{}", change.present ? "give" : "take", change.device.to_string(),
                       change.present ? "to" : "from", change.domain,
                       change.scope == Scope::Live ? ", while it runs" : "'s definition");
  }

  static std::string subject(const SetDevice& change) {
    return fmt::format("{} in {} of {}", change.device.to_string(),
                       change.scope == Scope::Live ? "life" : "definition", change.domain);
  }

  static std::optional<DeviceId> device(const SetDevice& change) { return change.device; }

  static std::optional<std::string> guest(const SetDevice& change) { return change.domain; }

  static bool lasts(const SetDevice& change) { return change.scope == Scope::Config; }

  static bool needs_running_guest(const SetDevice& change) { return change.scope == Scope::Live; }

  static void effect(Host& host, const SetDevice& change) {
    Domain* domain = domain_in(host, change.domain);
    if (!domain) return;
    const bool live = change.scope == Scope::Live;
    std::string& xml = live ? domain->live_xml : domain->persistent_xml;
    const auto& devices = live ? domain->live_devices : domain->persistent_devices;
    if (xml.empty() || std::ranges::binary_search(devices, change.device) == change.present) return;
    xml = change.present ? with_hostdev(xml, change.xml) : without_hostdev(xml, change.device);
    follow_definitions(*domain);
  }
};

}  // namespace gpupass
