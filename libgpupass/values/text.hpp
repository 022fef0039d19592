// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/names.hpp"

/// The phrases that several verdicts and plans share.
namespace gpupass {

/// The remedy where something is hidden.
inline constexpr const char* kRunAsRoot =
    "run gpupass as root; in a container root also needs CAP_SYS_ADMIN and CAP_SYS_PTRACE";

/// The reason for a step that the user named himself.
inline constexpr const char* kAskedFor = "you asked for it";

/// "this host has these GPUs:", and each on a line of its own: "0000:41:00.0  10de:2330  node 0  GH100".
std::string gpus_text(const Host& host, const NameLookup& names = {});
/// Such a line.
std::string gpu_line(const Host& host, const PciFunction& gpu, const NameLookup& names);
/// "0000:65:00.1 (class 040300, driver snd_hda_intel)".
std::string device_text(const PciFunction& function);
/// Such texts, with commas.
std::string devices_text(const std::vector<const PciFunction*>& functions);
/// Adds a part to a list, once.
void append_once(std::string& list, const std::string& part, const char* separator);
/// "0000:65:00.0, 0000:65:00.1": addresses, or devices.
std::string addresses_text(const auto& devices, const char* separator = ", ") {
  std::string text;
  for (const auto& device : devices) append_once(text, device.to_string(), separator);
  return text;
}
/// "0000:65:00.0 0000:65:00.1": as the arguments of a command that a user may paste.
std::string addresses_as_arguments(const auto& devices) {
  return addresses_text(devices, " ");
}
/// Why a fact has no value: its own reason, or that nobody asked for it.
template <typename T>
std::string why_unknown(const Fact<T>& fact) {
  return fact.asked() ? fact.why() : std::string("it was not read");
}

}  // namespace gpupass
