// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gpupass {

/// What each identifier in a definition is replaced by.
struct Replacements {
  using Replace = std::function<std::string(const std::string&)>;
  Replace serial;         ///< What the firmware or a disk tells the guest.
  Replace device_serial;  ///< World-wide names.
  Replace identifier;     ///< Serial numbers and UUIDs in gpupass's own metadata.
};

/// The definition with its identifiers replaced and without passwords. nullopt: it is no XML.
std::optional<std::string> replace_identifiers(std::string_view domain_xml, const Replacements& by);

}  // namespace gpupass
