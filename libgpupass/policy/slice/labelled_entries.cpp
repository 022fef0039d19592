// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/labelled_entries.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "gpupass/error.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

constexpr auto kMatch = "match GPUs with";

template <typename T>
T known(const Fact<T>& fact, const PciFunction& gpu, const char* what) {
  if (fact) return *fact;
  refuse(kMatch, "the entries",
         fmt::format("{} of {} is not known: {}", what, gpu.address.to_string(), why_unknown(fact)),
         kRunAsRoot);
}

}  // namespace

std::vector<const PciFunction*> nvidia_gpus(const Host& host) {
  std::vector<const PciFunction*> gpus;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function) &&
        known(function.vendor, function, "the vendor") == kNvidia)
      gpus.push_back(&function);
  return gpus;
}

bool matches(const MigDeviceFilter& filter, const PciFunction& gpu) {
  if (filter.vendor != kNvidia || filter.device != known(gpu.device, gpu, "the device id")) return false;
  if (!filter.subsystem_vendor) return true;
  return filter.subsystem_vendor == known(gpu.subsystem_vendor, gpu, "the subsystem's vendor") &&
         filter.subsystem_device == known(gpu.subsystem_device, gpu, "the subsystem's id");
}

void refuse_label(const std::string& label, const std::vector<std::string>& labels) {
  throw Error(
      ErrorCode::NotFound, label, fmt::format("cannot find label {}: saw no such label in the file", label),
      labels.empty() ? "the file has no labels" : fmt::format("the file has:\n{}", fmt::join(labels, "\n")));
}

}  // namespace gpupass
