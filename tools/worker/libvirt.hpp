// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

/// libvirt, by the names of its public interface. It is opened when one of its functions is first called: it
/// brings fifty other libraries, which takes ten times as long as what most workers are started for.
namespace gpupass {

/// @throws Error Unavailable where there is no libvirt.
void* libvirt_function(const char* name);
/// The same of the library for what only QEMU has.
void* libvirt_qemu_function(const char* name);

/// A function of libvirt's, called as if the worker were linked with it.
template <typename Signature>
class LibvirtFunction {
 public:
  using Find = void*(const char* name);
  explicit constexpr LibvirtFunction(const char* name, Find* find = libvirt_function)
      : name_(name), find_(find) {}
  template <typename... Arguments>
  auto operator()(Arguments... arguments) const {
    return reinterpret_cast<Signature*>(find_(name_))(arguments...);
  }

 private:
  const char* name_;
  Find* find_;
};

#define GPUPASS_LIBVIRT(name) inline constexpr LibvirtFunction<decltype(::name)> name(#name)
GPUPASS_LIBVIRT(virConnectClose);
GPUPASS_LIBVIRT(virConnectDomainEventRegisterAny);
GPUPASS_LIBVIRT(virConnectIsAlive);
GPUPASS_LIBVIRT(virConnectListAllDomains);
GPUPASS_LIBVIRT(virConnectListAllNetworks);
GPUPASS_LIBVIRT(virConnectOpen);
GPUPASS_LIBVIRT(virConnectOpenReadOnly);
GPUPASS_LIBVIRT(virDomainAttachDeviceFlags);
GPUPASS_LIBVIRT(virDomainCreate);
GPUPASS_LIBVIRT(virDomainDefineXMLFlags);
GPUPASS_LIBVIRT(virDomainDestroy);
GPUPASS_LIBVIRT(virDomainDetachDeviceFlags);
GPUPASS_LIBVIRT(virDomainFree);
GPUPASS_LIBVIRT(virDomainGetAutostart);
GPUPASS_LIBVIRT(virDomainGetConnect);
GPUPASS_LIBVIRT(virDomainGetName);
GPUPASS_LIBVIRT(virDomainGetState);
GPUPASS_LIBVIRT(virDomainGetXMLDesc);
GPUPASS_LIBVIRT(virDomainIsActive);
GPUPASS_LIBVIRT(virDomainIsPersistent);
GPUPASS_LIBVIRT(virDomainLookupByName);
GPUPASS_LIBVIRT(virDomainSetMetadata);
GPUPASS_LIBVIRT(virDomainUndefineFlags);
GPUPASS_LIBVIRT(virEventRegisterDefaultImpl);
GPUPASS_LIBVIRT(virEventRunDefaultImpl);
GPUPASS_LIBVIRT(virGetLastError);
GPUPASS_LIBVIRT(virGetLastErrorCode);
GPUPASS_LIBVIRT(virGetLastErrorMessage);
GPUPASS_LIBVIRT(virNetworkFree);
GPUPASS_LIBVIRT(virNetworkGetName);
GPUPASS_LIBVIRT(virConnectListAllNodeDevices);
GPUPASS_LIBVIRT(virNodeDeviceDefineXML);
GPUPASS_LIBVIRT(virNodeDeviceFree);
GPUPASS_LIBVIRT(virNodeDeviceGetName);
GPUPASS_LIBVIRT(virNodeDeviceIsPersistent);
GPUPASS_LIBVIRT(virNodeDeviceSetAutostart);
GPUPASS_LIBVIRT(virNodeDeviceUndefine);
GPUPASS_LIBVIRT(virSetErrorFunc);
#undef GPUPASS_LIBVIRT
inline constexpr LibvirtFunction<decltype(::virDomainQemuAgentCommand)> virDomainQemuAgentCommand(
    "virDomainQemuAgentCommand", libvirt_qemu_function);

}  // namespace gpupass
