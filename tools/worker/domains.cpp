// SPDX-License-Identifier: GPL-2.0-or-later
#include <libvirt/virterror.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connection.hpp"
#include "operations.hpp"

using nlohmann::json;

namespace {

std::vector<DomainHandle> all_domains(const Connection& connection, const std::string& uri) {
  virDomainPtr* list = nullptr;
  const int count = virConnectListAllDomains(connection.handle, &list, 0);
  if (count < 0) throw libvirt_error("list the domains of", uri, connection.handle);
  std::vector<DomainHandle> domains;
  for (int i = 0; i < count; ++i) domains.emplace_back(list[i]);
  std::free(list);
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

json describe(virDomainPtr domain, unsigned flags) {
  const bool active = yes(virDomainIsActive(domain), domain);
  const bool persistent = yes(virDomainIsPersistent(domain), domain);
  int autostart = 0;
  if (persistent && virDomainGetAutostart(domain, &autostart) != 0)
    throw libvirt_error("read the state of", domain);
  return {{"name", virDomainGetName(domain)},
          {"active", active},
          {"persistent", persistent},
          {"autostart", autostart != 0},
          {"paused", active && is_paused(domain)},
          {"live_xml", active ? xml_of(domain, flags) : ""},
          {"persistent_xml", persistent ? xml_of(domain, flags | VIR_DOMAIN_XML_INACTIVE) : ""}};
}

/// @returns nullopt when the domain ended or was undefined while it was looked at.
std::optional<json> describe_if_there(virDomainPtr domain, unsigned flags) {
  try {
    return describe(domain, flags);
  } catch (const gpupass::Error& error) {
    if (error.code() == gpupass::ErrorCode::NotFound) return std::nullopt;
    throw;
  }
}

}  // namespace

json list_domains(Connections& connections, const Request& request) {
  const std::string uri = request.text("uri");
  const Daemon daemon = request.says("may_start_daemon") ? Daemon::MayStart : Daemon::MustRun;
  const Connection* connection = connections.read_only(uri, daemon);
  if (!connection) return nullptr;
  json list = json::array();
  for (const DomainHandle& domain : all_domains(*connection, uri))
    if (auto description = describe_if_there(domain.get(), 0)) list.push_back(std::move(*description));
  return list;
}

json describe_domain(Connections& connections, const Request& request) {
  const std::string name = request.text("name");
  Connection& connection = connections.read_write(request.text("uri"));
  connection.changes.forget(name);
  const DomainHandle domain(virDomainLookupByName(connection.handle, name.c_str()));
  if (!domain && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return nullptr;
  if (!domain) throw libvirt_error("find", name, connection.handle);
  return describe_if_there(domain.get(), VIR_DOMAIN_XML_SECURE).value_or(json());
}

json wait_for_change(Connections& connections, const Request& request) {
  Connection& connection = connections.read_write(request.text("uri"));
  return {{"refused", connection.changes.wait(request.text("name"), request.duration("timeout_ms"))}};
}
