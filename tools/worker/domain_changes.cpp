// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

template <typename Order>
DomainHandle domain_of(Connections& connections, const Order& order) {
  return find_domain(connections.read_write(order.uri), order.name);
}

unsigned affected(Scope scope) {
  return scope == Scope::Live ? VIR_DOMAIN_AFFECT_LIVE : VIR_DOMAIN_AFFECT_CONFIG;
}

}  // namespace

void carry_out(Connections& connections, const DefineDomain& order) {
  const Connection& connection = connections.read_write(order.uri);
  // Without the check against the schema libvirt drops what it does not know without a word.
  const DomainHandle domain(
      virDomainDefineXMLFlags(connection.handle, order.xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
  if (!domain) throw libvirt_error("define", "the domain", connection.handle);
}

void carry_out(Connections& connections, const UndefineDomain& order) {
  // The definition goes; firmware variables and TPM state are not ours to delete. A driver refuses flags that
  // it does not know, and then has nothing of the kind to keep.
  constexpr unsigned kAttempts[] = {VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_TPM,
                                    VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, 0};
  const DomainHandle domain = domain_of(connections, order);
  for (const unsigned flags : kAttempts) {
    if (virDomainUndefineFlags(domain.get(), flags) == 0) return;
    if (virGetLastErrorCode() != VIR_ERR_INVALID_ARG) break;
  }
  throw libvirt_error("undefine", domain.get());
}

/// Removing the last entry leaves an empty <metadata/>, which libvirt cannot remove.
void carry_out(Connections& connections, const SetDomainMetadata& order) {
  const DomainHandle domain = domain_of(connections, order);
  if (virDomainSetMetadata(domain.get(), VIR_DOMAIN_METADATA_ELEMENT,
                           order.xml.empty() ? nullptr : order.xml.c_str(), "gpupass",
                           order.xml_namespace.c_str(), VIR_DOMAIN_AFFECT_CONFIG) != 0)
    throw libvirt_error("write the metadata of", domain.get());
}

void carry_out(Connections& connections, const StartDomain& order) {
  const DomainHandle domain = domain_of(connections, order);
  if (virDomainCreate(domain.get()) != 0) throw libvirt_error("start", domain.get());
}

void carry_out(Connections& connections, const DestroyDomain& order) {
  const DomainHandle domain = domain_of(connections, order);
  if (virDomainDestroy(domain.get()) != 0) throw libvirt_error("stop", domain.get());
}

void carry_out(Connections& connections, const AttachDevice& order) {
  const DomainHandle domain = domain_of(connections, order);
  if (virDomainAttachDeviceFlags(domain.get(), order.xml.c_str(), affected(order.scope)) != 0)
    throw libvirt_error("attach a device to", domain.get());
}

void carry_out(Connections& connections, const DetachDevice& order) {
  const DomainHandle domain = domain_of(connections, order);
  connections.read_write(order.uri).changes.forget_refusals(order.name);
  if (virDomainDetachDeviceFlags(domain.get(), order.xml.c_str(), affected(order.scope)) != 0)
    throw libvirt_error("detach a device from", domain.get());
}

}  // namespace gpupass
