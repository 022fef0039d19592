// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/request.hpp"

/// What the declared state of a host means for its verbs.
namespace gpupass {

/// What the settings say; none where nothing is declared, or where it cannot be read: `limits` tells that.
Settings settings_of(const Host& host);

/// The request, with the host's defaults for what it leaves open.
Request with_defaults(const Host& host, Request request);

/// The services that may be stopped: those named, and those declared.
std::vector<std::string> may_stop(const Host& host, std::vector<std::string> named);

/// The name that the user gave this GPU. Empty: none.
std::string name_of(const Host& host, const PciFunction& gpu);

}  // namespace gpupass
