// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "gpupass/policy.hpp"

/// The steps for slices that go to a guest as they are (policy/slice/givable.hpp).
namespace gpupass {

/// Adds the steps that give a guest the slices that one of its definitions does not have yet.
void attach_slices(Plan& plan, const DomainXml& domain, const std::vector<DeviceId>& slices, Scope scope,
                   const AttachOptions& options);

/// Adds what the user should know of them.
void note_slices(Plan& plan, const Host& host, const std::string& guest, const std::vector<DeviceId>& slices);

}  // namespace gpupass
