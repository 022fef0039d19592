// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/host_difference.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpupass {

namespace {

std::string functions_that_differ(const Host& left, const Host& right) {
  std::string text;
  for (const PciFunction& function : left.functions) {
    const PciFunction* other = find_function(right, function.address);
    if (!other || *other != function) text += ' ' + function.address.to_string();
  }
  return text;
}

std::string limits_only_in(const Host& left, const Host& right) {
  std::string text;
  for (const Limit& limit : left.limits)
    if (std::ranges::find(right.limits, limit) == right.limits.end())
      text += fmt::format("\n  {}: {}", limit.what, limit.why);
  return text;
}

}  // namespace

std::string difference(const Host& left, const Host& right) {
  std::string text;
  if (left.functions != right.functions) text += "functions:" + functions_that_differ(left, right) + '\n';
  if (left.groups != right.groups) text += "IOMMU groups\n";
  if (left.iommu != right.iommu) text += "IOMMU\n";
  if (left.architecture != right.architecture) text += "architecture\n";
  if (left.cpu_vendor != right.cpu_vendor) text += "CPU vendor\n";
  if (left.cpu_address_bits != right.cpu_address_bits) text += "CPU address bits\n";
  if (left.cpus != right.cpus)
    text += fmt::format("CPUs: \"{}\" and \"{}\"\n", left.cpus.why(), right.cpus.why());
  if (left.offline_cpus != right.offline_cpus || left.isolated_cpus != right.isolated_cpus)
    text += "offline or isolated CPUs\n";
  if (left.efficient_cpus != right.efficient_cpus) text += "efficient CPUs\n";
  if (left.numa_nodes != right.numa_nodes) text += "NUMA nodes\n";
  if (left.direct_links != right.direct_links) text += "direct links\n";
  if (left.domains != right.domains) text += "domains\n";
  if (left.holders != right.holders) text += "holders\n";
  if (left.users != right.users) text += "users\n";
  if (left.homes != right.homes) text += "homes\n";
  if (left.boot_bindings != right.boot_bindings) text += "boot bindings\n";
  if (left.boot_images != right.boot_images) text += "boot images\n";
  if (left.wedged != right.wedged) text += "wedged\n";
  if (left.limits != right.limits)
    text += fmt::format("limits:{}\nand:{}\n", limits_only_in(left, right), limits_only_in(right, left));
  return text;
}

}  // namespace gpupass
