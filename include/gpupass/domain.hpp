// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"

/// Guests: as the hypervisor describes one, and as a Host has it.
#pragma GCC visibility push(default)
namespace gpupass {

/// Which of a domain's two definitions.
enum class Scope { Live, Config };
/// "live", "config".
std::string_view to_string(Scope scope);

/// A guest as the hypervisor describes it. It includes the guest's secrets if it is used for undo.
struct DomainXml {
  std::string name;
  bool active = false;      ///< Running or paused.
  bool persistent = false;  ///< Has a definition that outlives it.
  bool autostart = false;
  std::string live_xml;        ///< Empty when not active.
  std::string persistent_xml;  ///< Empty when transient.
  bool paused = false;         ///< Active, but its CPUs stand still: it is paused, asleep or crashed.
  friend bool operator==(const DomainXml&, const DomainXml&) = default;
};

/// One guest that libvirt knows, and what its definitions say about this host. Never includes secrets.
struct Domain {
  std::string name;
  std::string uuid;
  bool active = false;
  bool persistent = false;
  bool autostart = false;
  std::vector<DeviceId> live_devices;        ///< Host devices it holds now; empty when not active.
  std::vector<DeviceId> persistent_devices;  ///< Host devices its definition wants.
  CpuSet pinned_cpus;                        ///< Host CPUs its vCPUs are pinned to.
  std::string live_xml;                      ///< Empty when not active. Without secrets.
  std::string persistent_xml;                ///< Empty when transient. Without secrets.
  friend bool operator==(const Domain&, const Domain&) = default;
};

/// Whether a libvirt URI names another machine, whose guests hold devices of that machine:
/// qemu+ssh://host/system. An alias of libvirt.conf may name one too, and so may any transport but a socket:
/// qemu+ext:///system.
bool is_remote_uri(std::string_view uri);
/// Whether a libvirt URI tells libvirt to run a program: qemu+ext:///system?command=/some/program.
bool runs_program(std::string_view uri);
/// Whether a libvirt URI keeps its guests inside the process that asks, and so touches no machine: test:,
/// qemu:///embed.
bool is_in_process_uri(std::string_view uri);

}  // namespace gpupass
#pragma GCC visibility pop
