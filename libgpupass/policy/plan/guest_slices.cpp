// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/plan/guest_slices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "guest/edit/hostdev.hpp"
#include "guest/model/domain_xml.hpp"
#include "policy/guests_of.hpp"
#include "policy/plan/guest.hpp"

namespace gpupass {

void attach_slices(Plan& plan, const DomainXml& domain, const std::vector<DeviceId>& slices, Scope scope,
                   const AttachOptions& options) {
  const auto present = claimed_devices(definition_of(domain, scope));
  for (const DeviceId slice : slices) {
    if (std::ranges::binary_search(present, slice)) continue;
    SetDevice given{domain.name, slice, scope, true, hostdev_xml(slice), options.timeout_seconds};
    SetDevice taken = given;
    taken.present = false;
    plan.steps.push_back({fmt::format("attach {} to {}guest {}{}", slice.to_string(),
                                      scope == Scope::Live ? "" : "the definition of ", domain.name,
                                      scope == Scope::Live ? " while it runs" : ""),
                          kAskedFor, std::move(given), std::move(taken)});
  }
}

void note_slices(Plan& plan, const Host& host, const std::string& guest,
                 const std::vector<DeviceId>& slices) {
  for (const DeviceId slice : slices) {
    const std::string name = slice.to_string();
    for (const std::string& other : guests_of(host, slice).wanted_by)
      if (other != guest)
        plan.notes.push_back(
            fmt::format("guest {} is defined with {} too: only one of the two can run with it", other, name));
    if (slice.is_mediated())
      plan.notes.push_back(
          fmt::format("the next boot forgets {0}, unless it was made with --persist: gpupass slice create "
                      "GPU --type TYPE "
                      "--uuid {0} --persist",
                      name));
    else
      plan.notes.push_back(fmt::format(
          "after a reboot: gpupass slice create {} --type {}, before the guest starts; libvirt 9.7 or newer "
          "takes it from NVIDIA's driver",
          name, *find_function(host, slice)->vgpu_type));
  }
}

}  // namespace gpupass
