// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "support/host_builder.hpp"
#include "support/plan_steps.hpp"

namespace gpupass::quiesce_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const PciAddress kGpu = address("0000:65:00.0");

Host watched(const std::string& unit, bool another = true) {
  HostBuilder builder = one_card();
  if (another) builder.gpu("0000:b3:00.0").group(9, {"0000:b3:00.0"});
  Host host = builder.build();
  host.users = std::vector<DeviceUser>{{kGpu, "/dev/nvidia0", 77, "watcher", unit}};
  return host;
}

std::size_t place_of(const Plan& plan, const std::string& summary) {
  const auto all = summaries(plan);
  return static_cast<std::size_t>(std::ranges::find(all, summary) - all.begin());
}

TEST(Quiesce, WhatOnlyWatchesIsStoppedForTheWhile) {
  const Host host = watched("dcgm-exporter.service");
  EXPECT_THAT(guards(host, kGpu), IsEmpty());
  const Plan plan = plan_bind(host, {kGpu});
  EXPECT_LT(place_of(plan, "aim 0000:65:00.0 at vfio-pci"), place_of(plan, "stop dcgm-exporter.service"));
  EXPECT_LT(place_of(plan, "stop dcgm-exporter.service"), place_of(plan, "unbind 0000:65:00.0 from nvidia"));
  EXPECT_EQ(summaries(plan).back(), "start dcgm-exporter.service again");
  std::vector<std::string> ids;
  for (const Finding& finding : check(host, {kGpu})) ids.push_back(finding.id);
  EXPECT_THAT(ids, Contains("gpu.watched"));
}

TEST(Quiesce, WithoutAGpuLeftThereIsNothingToStart) {
  const Plan plan = plan_bind(watched("nvidia-persistenced.service", false), {kGpu});
  EXPECT_THAT(summaries(plan), Contains("stop nvidia-persistenced.service"));
  EXPECT_THAT(summaries(plan), Not(Contains(HasSubstr("again"))));
  EXPECT_THAT(plan.notes, Contains(HasSubstr("nvidia-persistenced.service stays stopped")));
}

TEST(Quiesce, OthersMustBeNamed) {
  const Host host = watched("gdm.service");
  EXPECT_EQ(guards(host, kGpu).front().id, "gpu.in-use");
  EXPECT_THAT(guards(host, kGpu).front().remedy, HasSubstr("--stop gdm.service"));
  EXPECT_THROW(plan_bind(host, {kGpu}), Error);
  EXPECT_THAT(summaries(plan_bind(host, {kGpu}, {{}, {"gdm.service"}})), Contains("stop gdm.service"));
}

TEST(Quiesce, AProcessOfNoServiceIsNeverStopped) {
  Host host = watched("dcgm.service");
  host.users->push_back({kGpu, "/dev/nvidia0", 78, "python3", ""});
  EXPECT_EQ(guards(host, kGpu).front().id, "gpu.in-use");
  EXPECT_THAT(guards(host, kGpu).front().message, Not(HasSubstr("watcher")));
  EXPECT_THROW(plan_bind(host, {kGpu}, {{}, {"dcgm.service"}}), Error);
}

PciFunction& gpu_of(Host& host) {
  return *std::ranges::find(host.functions, kGpu, &PciFunction::address);
}

TEST(Quiesce, PersistenceIsSwitchedOffAndOnAgain) {
  Host host = one_card().build();
  gpu_of(host).persistence = true;
  const Plan bind = plan_bind(host, {kGpu});
  EXPECT_LT(place_of(bind, "switch the persistence mode of 0000:65:00.0 off"),
            place_of(bind, "unbind 0000:65:00.0 from nvidia"));
  Host away = after(host, bind);
  gpu_of(away).persistence = Absent{};
  const Plan release = plan_release(away, {kGpu});
  EXPECT_LT(place_of(release, "bind 0000:65:00.0 to nvidia"),
            place_of(release, "switch the persistence mode of 0000:65:00.0 on again"));
  EXPECT_LT(place_of(release, "switch the persistence mode of 0000:65:00.0 on again"), release.steps.size());
}

TEST(Quiesce, PersistenceThatNobodyKnowsIsForcedByNameOnly) {
  Host host = one_card().build();
  gpu_of(host).persistence = Unknown{"no NVML"};
  EXPECT_EQ(guards(host, kGpu).front().id, "gpu.persistence");
  EXPECT_THROW(plan_bind(host, {kGpu}), Error);
  EXPECT_FALSE(plan_bind(host, {kGpu}, {{kGpu}, {}}).steps.empty());
}

std::vector<Finding> claims(const Host& host) {
  std::vector<Finding> found = check(host, {kGpu});
  std::erase_if(found, [](const Finding& finding) { return !finding.id.starts_with("device."); });
  return found;
}

TEST(Claims, NameWhoElseGivesTheDeviceAway) {
  Host host = one_card().build();
  for (PciFunction& function : host.functions) {
    function.subsystem_vendor = std::uint16_t{0x10de};
    function.subsystem_device = std::uint16_t{0x1626};
  }
  const auto with = [&](const Claim& claim) {
    host.claims = std::vector<Claim>{claim};
    const auto found = claims(host);
    return found.empty() ? "" : found.front().remedy;
  };
  EXPECT_THAT(
      with({Claim::Owner::Driverctl, "/etc/driverctl.d/pci-0000:65:00.0", "0000:65:00.0", "vfio-pci"}),
      HasSubstr("unset-override"));
  EXPECT_THAT(with({Claim::Owner::Modprobe, "/etc/modprobe.d/vfio.conf", "10de:2330", "vfio-pci"}),
              HasSubstr("/etc/modprobe.d/vfio.conf"));
  EXPECT_THAT(with({Claim::Owner::Kernel, "/proc/cmdline", "10DE:2330:10de:1626", "vfio-pci"}),
              HasSubstr("command line"));
  for (const char* ids : {"10de:ffffffff:ffffffff:ffffffff:00030000:ffff00ff",
                          "10de:ffffffff:ffffffff:ffffffff:00040300:ffffffff", "10de:2330:ffffffff:1626"})
    EXPECT_THAT(with({Claim::Owner::Modprobe, "/etc/modprobe.d/vfio.conf", ids, "vfio-pci"}), HasSubstr(ids));
  for (const char* ids : {"10de:233", "1002:ffffffff:ffffffff:ffffffff:00030000:ffff00ff", "10de:2330:1043",
                          "10de:ffffffff:ffffffff:ffffffff:00010000:00ff0000", "10de", "10de:2330:x", ""})
    EXPECT_EQ(with({Claim::Owner::Kernel, "/proc/cmdline", ids, "vfio-pci"}), "") << ids;
  EXPECT_THAT(with({Claim::Owner::Unraid, "/boot/config/vfio-pci.cfg", "0000:65:00.1", "vfio-pci"}),
              HasSubstr("/boot/config/vfio-pci.cfg"));
  EXPECT_EQ(with({Claim::Owner::Driverctl, "/etc/driverctl.d/pci-0000:66:00.0", "0000:66:00.0", "vfio-pci"}),
            "");
}

TEST(Claims, AManagedDeviceIsLibvirtsToMove) {
  for (const bool managed : {false, true}) {
    Host host = one_card().guest("g", {}, {"0000:65:00.0"}).build();
    host.domains->front().persistent_xml =
        std::string("<domain><name>g</name><devices><hostdev mode='subsystem' type='pci' managed='") +
        (managed ? "yes" : "no") +
        "'><source><address domain='0' bus='0x65' slot='0' "
        "function='0'/></source></hostdev></devices></domain>";
    EXPECT_EQ(claims(host).size(), managed ? 1u : 0u);
    host.domains->front().name = "a $(reboot) b";
    if (managed) {
      EXPECT_THAT(claims(host).front().remedy,
                  HasSubstr("gpupass define 'a $(reboot) b' --from 'a $(reboot) b' makes"));
    }
  }
}

}  // namespace
}  // namespace gpupass::quiesce_test
