// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gpupass {

/// A definition with nothing but what gpupass reads of the guests of a host: their names, CPUs, memory and
/// PCI buses, the host's devices that they claim, and gpupass's own metadata. Whatever else stands there may
/// be a secret. `identifier` replaces the serial numbers and UUIDs in the metadata. Of a text that is no
/// domain, "damaged" is left.
std::string capturable(std::string_view domain_xml,
                       const std::function<std::string(const std::string&)>& identifier);

}  // namespace gpupass
