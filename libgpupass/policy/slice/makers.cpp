// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/makers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// A driver that does not make virtual functions by sriov_numvfs. "{}" is the address.
struct Maker {
  std::string_view driver;
  std::string_view why;
  std::string_view remedy;
};

/// Sources: NVIDIA's vGPU guide on sriov-manage; AMD's MxGPU-Virtualization on the parameters of gim;
/// drivers/gpu of Linux 7.2, where amdgpu, nouveau and radeon have no sriov_configure().
constexpr auto kOtherMakers = std::to_array<Maker>({
    {"nvidia", "NVIDIA's driver makes the virtual functions itself, and refuses sriov_numvfs",
     "run /usr/lib/nvidia/sriov-manage -e {0} to make them, -d {0} to take them away"},
    {"gim", "AMD's driver gim makes as many virtual functions as its parameter vf_num says when it is loaded",
     "set it in /etc/modprobe.d: options gim vf_num=N; and load gim again"},
    {"amdgpu", "amdgpu makes no virtual functions",
     "AMD's driver gim does, for the models that it knows, in the place of amdgpu"},
    {"nouveau", "nouveau makes no virtual functions", "NVIDIA's vGPU driver does, in the place of nouveau"},
    {"radeon", "radeon makes no virtual functions", ""},
    {"pci-stub", "pci-stub makes no virtual functions", "bind {0} to its own driver"},
});

}  // namespace

VfObstacle vf_obstacle(const PciFunction& function) {
  const std::string name = function.address.to_string();
  if (function.driver.absent())
    return {"no driver is bound to it, which could make them",
            "load the module of its driver, with modprobe"};
  if (!function.driver)
    return {fmt::format("its driver is not known: {}", why_unknown(function.driver)), kRunAsRoot};
  if (on_vfio(function))
    return {fmt::format("it is on {}, and its own driver makes them", *function.driver),
            "gpupass release " + name};
  const auto maker = std::ranges::find(kOtherMakers, *function.driver, &Maker::driver);
  if (maker == kOtherMakers.end()) return {};
  return {std::string(maker->why), fmt::format(fmt::runtime(maker->remedy), name)};
}

}  // namespace gpupass
