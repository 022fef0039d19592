// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/request.hpp"

/// The jobs around a guest's definition: its libvirt XML, as text. Pure functions of values. A job that
/// changes a definition keeps every byte that it need not change.
#pragma GCC visibility push(default)
namespace gpupass {

// --- making ---

/// The definition that a new one begins with.
struct Base {
  enum class Use {
    Patch,  ///< The new definition takes its place: the guest keeps its identity and its devices.
    Copy,   ///< It belongs to another guest, which keeps its identity and its devices for itself.
  };
  std::string xml;  ///< With its secrets. Empty: there is none, and the definition is written from nothing.
  Use use = Use::Patch;
  friend bool operator==(const Base&, const Base&) = default;
};

/// Takes what a request leaves open from a base definition: vCPUs, memory and its pages, type, firmware, and
/// the devices that go with the GPUs. keep_gpus() does this for the GPUs themselves.
/// @throws Error Malformed when `base` is not a domain.
Request complete_request(Request request, std::string_view base);
/// The same; a copy gets no devices.
Request complete_request(const Request& request, const Base& base);

/// Takes the GPUs of this host, and slices of them, from a base definition, if the request names neither GPUs
/// nor their number. @throws Error Malformed when `base` is not a domain; Refused when mediated devices that
/// this host does not have are all that it gives.
Request keep_gpus(Request request, const Host& host, const std::string& base);

/// A definition that was made, and what was chosen for it.
struct MadeDefinition {
  Request request;  ///< As it was placed: with the GPUs that the base gives.
  Placement placement;
  std::string xml;
  std::vector<Finding> findings;  ///< Of check_domain(). Some may fail: expect_sound() tells.
  friend bool operator==(const MadeDefinition&, const MadeDefinition&) = default;
};

/// Places the guest of a request on this host and writes its definition, from nothing or from a base. A copy
/// gets as many GPUs as its base has, chosen by gpupass.
/// @param asked what the user named.
/// @param completed the result of complete_request(). Probe the host with these devices, wherever they are.
/// @throws Error as place() does; Usage for a request that contradicts itself; Malformed when the base is not
/// a domain.
MadeDefinition make_definition(const Host& host, const Request& asked, const Request& completed,
                               const Base& base = {});
/// @throws Error Refused when the definition has a failing finding; the error names each: those of
/// check_domain(), and devices of the base that should be kept but no longer exist.
void expect_sound(const MadeDefinition& definition);

/// The complete domain for a placement; patches `base` where there is one, keeping the rest byte for byte.
/// @throws Error Malformed when `base` is not a domain.
std::string render_domain(const Host& host, const Request& request, const Placement& placement,
                          std::string_view base = {});

/// A definition as the start of another guest's, without what two guests cannot share: UUIDs, serial numbers,
/// MAC addresses, the file of UEFI variables, and devices of the host.
/// @throws Error Malformed when it is not a domain.
std::string without_identity(std::string_view definition);

// --- asking ---

/// The faults of a definition on this host that libvirt does not detect: CPUs, nodes and devices that do not
/// exist, bus numbers that clash or are too few, a GPU below the expander of another node. Empty: no fault.
/// @throws Error Malformed when `xml` is no domain.
std::vector<Finding> check_domain(const Host& host, const std::string& xml);

/// The files and block devices that only this guest may write to.
/// @throws Error Malformed when it is not a domain.
std::vector<std::string> writable_disks(std::string_view definition);

/// A definition fit for display: "****" stands for passwords and cookies, for what QEMU, the firmware and the
/// kernel are told, and for the metadata of others. Every other byte stays as it is. A text that cannot be
/// parsed becomes empty.
std::string redacted(std::string_view xml);

}  // namespace gpupass
#pragma GCC visibility pop
