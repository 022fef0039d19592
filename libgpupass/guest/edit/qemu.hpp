// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

#include "guest/text/definition.hpp"

/// What libvirt hands to QEMU as it is: elements of a namespace of their own. Those of a base stay.
namespace gpupass {

void add_qemu_argument(Definition& text, const std::string& value);
/// A number among the properties of a device, by its alias. One that is as large already is not touched.
void set_qemu_property(Definition& text, const std::string& alias, const std::string& name,
                       std::uint64_t value);
/// A property that is switched on.
void set_qemu_flag(Definition& text, const std::string& alias, const std::string& name);

}  // namespace gpupass
