// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <pugixml.hpp>
#include <string_view>

/// The parser knows nothing of namespaces: a name is its prefix and all.
namespace gpupass {

/// The URI that the prefix of an element stands for; empty where none is declared.
std::string_view namespace_of(pugi::xml_node element);
/// Its name without the prefix.
std::string_view local_name(pugi::xml_node element);

/// What libvirt hands to QEMU as it is.
inline constexpr std::string_view kQemuNamespace = "http://libvirt.org/schemas/domain/qemu/1.0";

}  // namespace gpupass
