// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/asked.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Whether a fact of each GPU was asked for.
template <typename T>
bool asked_of_gpus(const Host& host, Fact<T> PciFunction::* fact) {
  return std::ranges::all_of(host.functions, [&](const PciFunction& function) {
    return !is_gpu(function) || (function.*fact).asked();
  });
}

bool asked_of_all(const Host& host) {
  return std::ranges::all_of(host.functions, [](const PciFunction& function) {
    return function.vendor.asked() && function.driver.asked();
  });
}

}  // namespace

std::string parts_not_asked(const Host& host, const Parts& parts) {
  std::string missing;
  const auto expect = [&](bool needed, bool asked, const char* name) {
    if (needed && !asked) append_once(missing, name, ", ");
  };
  expect(parts.all_functions, asked_of_all(host), "all_functions");
  expect(parts.links, asked_of_gpus(host, &PciFunction::link), "links");
  expect(parts.all_links,
         std::ranges::all_of(host.functions, [](const PciFunction& each) { return each.link.asked(); }),
         "all_links");
  expect(parts.details, asked_of_gpus(host, &PciFunction::mdev_types), "details");
  expect(parts.config, asked_of_gpus(host, &PciFunction::config), "config");
  expect(parts.overrides, asked_of_gpus(host, &PciFunction::driver_override), "overrides");
  expect(parts.iommu, host.iommu.asked(), "iommu");
  expect(parts.cpus, host.cpus.asked() && host.numa_nodes.asked(), "cpus");
  expect(parts.domains, host.domains.asked(), "domains");
  expect(parts.holders, host.holders.asked(), "holders");
  expect(parts.users, host.users.asked() && host.own_session.asked(), "users");
  expect(parts.uses, host.uses.asked() && host.keyboards.asked() && host.claims.asked(), "uses");
  expect(parts.health, host.platform.asked() && host.numa_nodes.asked(), "health");
  expect(parts.slices, asked_of_gpus(host, &PciFunction::slicing), "slices");
  expect(parts.mig, asked_of_gpus(host, &PciFunction::mig), "mig");
  expect(parts.preparation, host.own_files.asked() && host.numa_nodes.asked(), "preparation");
  expect(parts.tuning, host.tunables.asked() && host.tuned.asked(), "tuning");
  expect(parts.boot, host.boot_images.asked() && host.own_files.asked(), "boot");
  return missing;
}

void expect_asked(const Host& host, const Parts& parts, const std::string& verb, const std::string& subject) {
  const std::string missing = parts_not_asked(host, parts);
  if (!missing.empty())
    refuse(verb, subject, fmt::format("saw a host that was probed without {}, expected one with it", missing),
           "needs() names the parts to probe");
}

}  // namespace gpupass
