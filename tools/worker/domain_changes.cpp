// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <libvirt/virterror.h>

#include "connection.hpp"
#include "operations.hpp"

using gpupass::Error;
using gpupass::ErrorCode;
using nlohmann::json;

namespace {

DomainHandle named_domain(Connections& connections, const Request& request) {
  return find_domain(connections.read_write(request.text("uri")), request.text("name"));
}

unsigned affected(const Request& request) {
  const std::string scope = request.text("scope");
  if (scope == "live") return VIR_DOMAIN_AFFECT_LIVE;
  if (scope == "config") return VIR_DOMAIN_AFFECT_CONFIG;
  throw Error(ErrorCode::Malformed, "scope",
              fmt::format("cannot read the request: saw the scope \"{}\", expected live or config", scope));
}

}  // namespace

json define_domain(Connections& connections, const Request& request) {
  const Connection& connection = connections.read_write(request.text("uri"));
  // Without the check against the schema libvirt drops what it does not know without a word.
  const DomainHandle domain(
      virDomainDefineXMLFlags(connection.handle, request.text("xml").c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
  if (!domain) throw libvirt_error("define", "the domain", connection.handle);
  return nullptr;
}

json undefine_domain(Connections& connections, const Request& request) {
  // The definition goes; firmware variables and TPM state are not ours to delete. A driver refuses flags that
  // it does not know, and then has nothing of the kind to keep.
  constexpr unsigned kAttempts[] = {VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_TPM,
                                    VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, 0};
  const DomainHandle domain = named_domain(connections, request);
  for (const unsigned flags : kAttempts) {
    if (virDomainUndefineFlags(domain.get(), flags) == 0) return nullptr;
    if (virGetLastErrorCode() != VIR_ERR_INVALID_ARG) break;
  }
  throw libvirt_error("undefine", domain.get());
}

/// Of none, an empty <metadata/> is left; libvirt offers nothing that takes that away.
json set_metadata(Connections& connections, const Request& request) {
  const DomainHandle domain = named_domain(connections, request);
  const std::string xml = request.text("xml");
  if (virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_ELEMENT, xml.empty() ? nullptr : xml.c_str(),
                           "gpupass", request.text("namespace").c_str(), VIR_DOMAIN_AFFECT_CONFIG) != 0)
    throw libvirt_error("write the metadata of", domain.get());
  return nullptr;
}

json start_domain(Connections& connections, const Request& request) {
  const DomainHandle domain = named_domain(connections, request);
  if (virDomainCreate(domain.get()) != 0) throw libvirt_error("start", domain.get());
  return nullptr;
}

json destroy_domain(Connections& connections, const Request& request) {
  const DomainHandle domain = named_domain(connections, request);
  if (virDomainDestroy(domain.get()) != 0) throw libvirt_error("stop", domain.get());
  return nullptr;
}

json attach_device(Connections& connections, const Request& request) {
  const DomainHandle domain = named_domain(connections, request);
  if (virDomainAttachDeviceFlags(domain.get(), request.text("xml").c_str(), affected(request)) != 0)
    throw libvirt_error("attach a device to", domain.get());
  return nullptr;
}

json detach_device(Connections& connections, const Request& request) {
  const DomainHandle domain = named_domain(connections, request);
  connections.read_write(request.text("uri")).changes.forget_refusals(request.text("name"));
  if (virDomainDetachDeviceFlags(domain.get(), request.text("xml").c_str(), affected(request)) != 0)
    throw libvirt_error("detach a device from", domain.get());
  return nullptr;
}
