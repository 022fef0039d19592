// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "change/kind.hpp"
#include "gpupass/guest.hpp"
#include "guest/edit/changed.hpp"
#include "guest/model/domain_facts.hpp"
#include "guest/model/domain_xml.hpp"
#include "values/error.hpp"

namespace gpupass {

/// The guest of this name in a host that will be changed; nullptr: there is none, or the guests are not
/// known.
inline Domain* domain_in(Host& host, const std::string& name) {
  return const_cast<Domain*>(find_domain(host, name));
}

/// Brings the facts of a guest in line with its definitions.
inline void follow_definitions(Domain& domain) {
  take_facts(domain, facts_of(domain.live_xml), facts_of(domain.persistent_xml));
}

/// A guest's definition, as a whole.
template <>
struct Kind<SetDomain> : PlainKind {
  static constexpr const char* kName = "domain";

  static void fields(auto& visit, auto& change) {
    visit("domain", change.name);
    visit("xml", change.xml);
  }

  static Json shown(const SetDomain& change) {
    return {{"domain", change.name},
            {"xml", change.xml ? text_or_null(redacted(*change.xml)) : Json(nullptr)}};
  }

  static std::string words(const SetDomain& change) {
    return (change.xml ? "set the definition of domain " : "undefine domain ") + change.name;
  }

  static std::string subject(const SetDomain& change) { return "the definition of " + change.name; }

  static std::optional<std::string> guest(const SetDomain& change) { return change.name; }

  static bool lasts(const SetDomain&) { return true; }

  static void require_well_formed(const SetDomain& change) {
    if (!change.xml) return;
    if (const std::string name = domain_name(*change.xml); name != change.name)
      throw failure(ErrorCode::Malformed, "define domain", change.name, fmt::format("{:?} as its name", name),
                    "the same name");
  }

  static void effect(Host& host, const SetDomain& change) {
    if (!host.domains) return;
    Domain* domain = domain_in(host, change.name);
    if (!change.xml) {
      if (!domain) return;
      if (!domain->active) {
        std::erase_if(*host.domains, [&](const Domain& other) { return other.name == change.name; });
        return;
      }
      domain->persistent = domain->autostart = false;
      domain->persistent_xml.clear();
      return follow_definitions(*domain);
    }
    if (!domain) {
      const auto place = std::ranges::lower_bound(*host.domains, change.name, {}, &Domain::name);
      domain = &*host.domains->insert(place, Domain());
      domain->name = change.name;
    }
    domain->persistent = true;
    domain->persistent_xml = redacted(*change.xml);
    follow_definitions(*domain);
  }
};

/// What gpupass writes into a guest's definition for itself.
template <>
struct Kind<SetMetadata> : GuestKind {
  static constexpr const char* kName = "metadata";

  static void fields(auto& visit, auto& change) {
    visit("domain", change.domain);
    visit("xml", change.xml);
  }

  static Json shown(const SetMetadata& change) {
    return {{"domain", change.domain}, {"xml", text_or_null(change.xml)}};
  }

  static std::string words(const SetMetadata& change) {
    return fmt::format("{} which devices the definition of domain {} means",
                       change.xml.empty() ? "forget" : "record", change.domain);
  }

  static std::string subject(const SetMetadata& change) { return "the metadata of " + change.domain; }

  static bool lasts(const SetMetadata&) { return true; }

  static void effect(Host& host, const SetMetadata& change) {
    Domain* domain = domain_in(host, change.domain);
    if (domain && domain->persistent && !domain->persistent_xml.empty())
      domain->persistent_xml = with_own_metadata(domain->persistent_xml, change.xml);
  }
};

/// Whether a guest runs.
template <>
struct Kind<SetPower> : GuestKind {
  static constexpr const char* kName = "power";

  static void fields(auto& visit, auto& change) {
    visit("domain", change.domain);
    visit("running", change.running);
  }

  static std::string words(const SetPower& change) {
    return change.running ? "start domain " + change.domain : "stop domain " + change.domain + " at once";
  }

  static std::string subject(const SetPower& change) { return "the power of " + change.domain; }

  static bool needs_running_guest(const SetPower&) { return true; }

  static void effect(Host& host, const SetPower& change) {
    Domain* domain = domain_in(host, change.domain);
    if (!domain || domain->active == change.running) return;
    if (!change.running && !domain->persistent) {
      std::erase_if(*host.domains, [&](const Domain& other) { return other.name == change.domain; });
      return;
    }
    domain->active = change.running;
    domain->live_xml = change.running ? domain->persistent_xml : "";
    follow_definitions(*domain);
  }
};

}  // namespace gpupass
