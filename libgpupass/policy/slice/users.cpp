// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/users.hpp"

#include <fmt/format.h>

#include <utility>

#include "policy/guests_of.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

bool has(const Host& host, const Holder& holder, DeviceId slice) {
  if (slice.is_mediated()) return holder.mediated == slice.to_string();
  const PciFunction* function = find_function(host, slice);
  return function && function->iommu_group && holder.mediated.empty() &&
         holder.iommu_group == *function->iommu_group;
}

/// How a guest comes to start without it.
std::string remedy_against_wish(const std::string& guest, DeviceId slice) {
  if (slice.function())
    return fmt::format("gpupass detach --config {} {}", shell_word(guest), slice.to_string());
  return fmt::format("take it out of the definition: virsh edit {}", shell_word(guest));
}

}  // namespace

std::vector<Finding> users_of_slice(const Host& host, DeviceId slice) {
  std::vector<Finding> users;
  const std::string name = slice.to_string();
  const auto add = [&](const char* id, Verdict verdict, std::string message, std::string remedy) {
    users.push_back({id, verdict, name, std::move(message), std::move(remedy)});
  };
  const std::string guest = guests_of(host, slice).running;
  if (!guest.empty())
    add("gpu.assigned", Verdict::Fail, fmt::format("guest {} runs with {}", guest, name),
        fmt::format("shut {} down, or detach it from there", guest));
  for (const Holder& holder : host.holders.value_or({}))
    if (has(host, holder, slice))
      add("gpu.held", Verdict::Fail,
          fmt::format("{} is held by {} (process {})", name, holder.command, holder.pid),
          "end the guest that the process runs");
  if (!users.empty()) return users;
  if (!host.domains && !host.domains.absent())
    add("gpu.assigned", Verdict::Unknown,
        fmt::format("it is not known which guest has {}: {}", name, why_unknown(host.domains)), "");
  if (!host.holders && !host.holders.absent())
    add("gpu.held", Verdict::Unknown,
        fmt::format("it is not known who has {} open: {}", name, why_unknown(host.holders)), kRunAsRoot);
  return users;
}

std::vector<Finding> wishes_for_slice(const Host& host, DeviceId slice) {
  std::vector<Finding> wishes;
  const std::string name = slice.to_string();
  for (const std::string& guest : guests_of(host, slice).wanted_by)
    wishes.push_back({"slice.wanted", Verdict::Fail, name,
                      fmt::format("guest {} is defined with {}", guest, name),
                      remedy_against_wish(guest, slice)});
  return wishes;
}

}  // namespace gpupass
