// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/export.hpp"

namespace GPUPASS_EXPORT gpupass {

/// A guest as the hypervisor itself describes it.
struct DomainXml {
  std::string name;
  bool active = false;
  bool persistent = false;
  bool autostart = false;
  std::string live_xml;        ///< Empty when not active.
  std::string persistent_xml;  ///< Empty when transient.
  bool paused = false;         ///< Active, but its CPUs stand still: it is paused, asleep or crashed.
  friend bool operator==(const DomainXml&, const DomainXml&) = default;
};

/// Which of a domain's two definitions.
enum class Scope { Live, Config };
/// "live", "config".
std::string_view to_string(Scope scope);

}  // namespace GPUPASS_EXPORT gpupass
