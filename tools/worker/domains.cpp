// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

std::vector<DomainHandle> all_domains(const Connection& connection, const std::string& uri) {
  virDomainPtr* list = nullptr;
  const int count = virConnectListAllDomains(connection.handle, &list, 0);
  if (count < 0) throw libvirt_error("list the domains of", uri, connection.handle);
  std::vector<DomainHandle> domains;
  for (int i = 0; i < count; ++i) domains.emplace_back(list[i]);
  std::free(static_cast<void*>(list));
  return domains;
}

std::string xml_of(virDomainPtr domain, unsigned flags) {
  const std::unique_ptr<char, decltype(&std::free)> xml(virDomainGetXMLDesc(domain, flags), &std::free);
  if (!xml) throw libvirt_error("read the definition of", domain);
  return xml.get();
}

bool yes(int answer, virDomainPtr domain) {
  if (answer < 0) throw libvirt_error("read the state of", domain);
  return answer == 1;
}

/// Whether an active domain's CPUs stand still, so that it answers nothing.
bool is_paused(virDomainPtr domain) {
  int state = 0;
  if (virDomainGetState(domain, &state, nullptr, 0) != 0) throw libvirt_error("read the state of", domain);
  return state == VIR_DOMAIN_PAUSED || state == VIR_DOMAIN_PMSUSPENDED || state == VIR_DOMAIN_CRASHED;
}

DomainXml describe(virDomainPtr domain, unsigned flags) {
  const bool active = yes(virDomainIsActive(domain), domain);
  const bool persistent = yes(virDomainIsPersistent(domain), domain);
  int autostart = 0;
  if (persistent && virDomainGetAutostart(domain, &autostart) != 0)
    throw libvirt_error("read the state of", domain);
  return {.name = virDomainGetName(domain),
          .active = active,
          .persistent = persistent,
          .autostart = autostart != 0,
          .live_xml = active ? xml_of(domain, flags) : "",
          .persistent_xml = persistent ? xml_of(domain, flags | VIR_DOMAIN_XML_INACTIVE) : "",
          .paused = active && is_paused(domain)};
}

/// @returns nullopt when the domain ended or was undefined while it was looked at.
std::optional<DomainXml> describe_if_there(virDomainPtr domain, unsigned flags) {
  try {
    return describe(domain, flags);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::NotFound) return std::nullopt;
    throw;
  }
}

}  // namespace

Fact<std::vector<DomainXml>> answer(Connections& connections, const ListDomains& question) {
  const Daemon daemon = question.may_start_daemon ? Daemon::MayStart : Daemon::MustRun;
  const Connection* connection = connections.read_only(question.uri, daemon);
  if (!connection) return Absent{};
  std::vector<DomainXml> list;
  for (const DomainHandle& domain : all_domains(*connection, question.uri))
    if (auto description = describe_if_there(domain.get(), 0)) list.push_back(std::move(*description));
  return list;
}

Fact<DomainXml> answer(Connections& connections, const DescribeDomain& question) {
  const std::string& name = question.name;
  Connection& connection = connections.read_write(question.uri);
  connection.changes.forget(name);
  const DomainHandle domain(virDomainLookupByName(connection.handle, name.c_str()));
  if (!domain && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return Absent{};
  if (!domain) throw libvirt_error("find", name, connection.handle);
  auto description = describe_if_there(domain.get(), VIR_DOMAIN_XML_SECURE);
  return description ? Fact<DomainXml>(std::move(*description)) : Absent{};
}

Fact<std::vector<std::string>> answer(Connections& connections, const WaitForChange& question) {
  const std::set<std::string> refused =
      connections.read_write(question.uri)
          .changes.wait(question.name, std::chrono::milliseconds(question.timeout_ms));
  return std::vector<std::string>(refused.begin(), refused.end());
}

}  // namespace gpupass
