// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>

#include "gpupass/cpu_set.hpp"
#include "guest/model/libvirt_values.hpp"

/// How libvirt writes numbers.
namespace gpupass {

/// The size that an element like <memory unit='GiB'>16</memory> gives.
std::optional<std::uint64_t> bytes_of(pugi::xml_node element);

/// The largest of KiB, MiB and GiB that tells a size exactly.
struct Size {
  std::string number;
  std::string unit;
};
Size size_of(std::uint64_t bytes);

/// Whether an attribute gives this set, however it is written.
bool says(pugi::xml_attribute attribute, const CpuSet& cpus);

/// How many vCPUs a definition has. @throws Error Malformed when it does not say a number.
std::optional<unsigned> vcpus_of(pugi::xml_node domain);
bool has_uefi(pugi::xml_node domain);

/// Text from outside, for XML. @throws Error Usage when no XML can hold it: control characters, broken UTF-8.
std::string fit_for_xml(const std::string& text, const char* what);

}  // namespace gpupass
