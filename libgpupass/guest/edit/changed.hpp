// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gpupass/device.hpp"

/// What a definition says after a change that libvirt makes in it. libvirt's own text differs: it adds
/// addresses, aliases and white space.
namespace gpupass {

/// With the <hostdev> element, behind the other devices.
/// @throws Error Malformed for what is no domain; this and the following, all of them.
std::string with_hostdev(const std::string& domain_xml, const std::string& element);
/// Without the elements that claim the device.
std::string without_hostdev(const std::string& domain_xml, DeviceId device);
/// With gpupass's own metadata as own_metadata_text() gives it; empty: without any.
std::string with_own_metadata(const std::string& domain_xml, const std::string& metadata);

}  // namespace gpupass
