// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/host_builder.hpp"

namespace gpupass::outlook_test {
namespace {

const PciAddress kGpu = address("0000:65:00.0");

constexpr auto kEmpty = "<domain><name>guest1</name><devices/></domain>";
constexpr auto kHostdev =
    "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0x65' slot='0' function='0'/>"
    "</source></hostdev>";

Plan plan_of(std::vector<Change> changes) {
  Plan plan;
  for (Change& change : changes) plan.steps.push_back({"", "", std::move(change), {}});
  return plan;
}

std::string outlook(const Host& host, const Plan& plan) {
  return render_outlook(host, after(host, plan));
}

Host with_guest(bool active, DriverState driver = {"vfio-pci", "vfio-pci"}) {
  Host host = after(one_card().build(), plan_of({SetDriver{kGpu, std::move(driver)}}));
  Domain domain;
  domain.name = "guest1";
  domain.active = active;
  domain.persistent = true;
  domain.persistent_xml = kEmpty;
  if (active) domain.live_xml = kEmpty;
  host.domains->push_back(domain);
  return host;
}

TEST(Outlook, OfBindAndReleaseNamesTheDriver) {
  const Host host = one_card().build();
  const Plan bind = plan_bind(host, {kGpu});
  EXPECT_EQ(outlook(host, bind), "0000:65:00.0 is on vfio-pci, ready for a guest");
  const Host bound = after(host, bind);
  EXPECT_EQ(outlook(bound, plan_release(bound, {kGpu})), "0000:65:00.0 is on nvidia");
}

TEST(Outlook, OfSeveralGpusNamesThemTogether) {
  const Host host = HostBuilder().gpu("0000:65:00.0").gpu("0000:66:00.0").build();
  const DriverState vfio{"vfio-pci", "vfio-pci"};
  EXPECT_EQ(outlook(host, plan_of({SetDriver{kGpu, vfio}, SetDriver{address("0000:66:00.0"), vfio}})),
            "0000:65:00.0, 0000:66:00.0 are on vfio-pci, ready for a guest");
}

TEST(Outlook, DoesNotGuessTheDriverThatTheKernelChooses) {
  const Host host = HostBuilder().gpu("0000:65:00.0", "vfio-pci").overridden("vfio-pci").build();
  EXPECT_EQ(outlook(host, plan_of({SetDriver{kGpu, {}, true}})),
            "0000:65:00.0 is with the driver that the kernel chooses");
  EXPECT_EQ(outlook(host, plan_of({SetDriver{kGpu, {}}})), "0000:65:00.0 is without a driver");
}

TEST(Outlook, OfAttachAndDetachNamesTheGuest) {
  const SetDevice config{"guest1", kGpu, Scope::Config, true, kHostdev},
      live{"guest1", kGpu, Scope::Live, true, kHostdev};
  const Host off = with_guest(false), on = with_guest(true);
  EXPECT_EQ(outlook(off, plan_of({config})), "guest1 has 0000:65:00.0");
  EXPECT_EQ(outlook(on, plan_of({config, live})), "guest1 has 0000:65:00.0");
  EXPECT_EQ(outlook(on, plan_of({live})), "guest1 has 0000:65:00.0");
  EXPECT_EQ(outlook(on, plan_of({config})), "guest1 starts with 0000:65:00.0 the next time");
  const Host given = after(on, plan_of({config, live}));
  SetDevice no_config = config, no_live = live;
  no_config.present = no_live.present = false;
  EXPECT_EQ(outlook(given, plan_of({no_config, no_live})), "guest1 is without 0000:65:00.0");
  EXPECT_EQ(outlook(given, plan_of({no_config})), "guest1 starts without 0000:65:00.0 the next time");
}

TEST(Outlook, NamesTheMediatedDevicesOfAGuest) {
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  const SetDevice config{"guest1", mediated, Scope::Config, true,
                         "<hostdev type='mdev'><source><address uuid='c73f1fa6-489e-4834-9476-d70dabd98c40'/>"
                         "</source></hostdev>"};
  const Host host = with_guest(false), given = after(host, plan_of({config}));
  EXPECT_EQ(outlook(host, plan_of({config})), "guest1 has " + mediated.to_string());
  SetDevice taken = config;
  taken.present = false;
  EXPECT_EQ(after(given, plan_of({taken})).domains->back().persistent_devices, std::vector<DeviceId>{});
}

TEST(Outlook, OfABoundGpuThatAGuestGetsIsTheGuest) {
  const Host host = with_guest(true, {"nvidia", ""});
  EXPECT_EQ(outlook(host, plan_of({SetDriver{kGpu, {"vfio-pci", "vfio-pci"}},
                                   SetDevice{"guest1", kGpu, Scope::Live, true, kHostdev}})),
            "guest1 has 0000:65:00.0");
}

TEST(Outlook, OfADefinitionSaysWhetherTheGuestRuns) {
  const Host host = one_card().build();
  const SetDomain define{
      "guest2", std::string("<domain><name>guest2</name><devices>") + kHostdev + "</devices></domain>"};
  EXPECT_EQ(outlook(host, plan_of({define})), "guest2 is defined with 0000:65:00.0");
  EXPECT_EQ(outlook(host, plan_of({define, SetPower{"guest2", true}})), "guest2 runs with 0000:65:00.0");
  const Host defined = after(host, plan_of({define}));
  EXPECT_EQ(outlook(defined, plan_of({SetDomain{"guest2", std::nullopt}})), "guest2 is no more");
}

TEST(Outlook, SaysWhatEveryBootBinds) {
  Host host = one_card().build();
  host.boot_bindings = std::vector<BootBinding>();
  const Plan bind = plan_of({SetBootBindings{{{kGpu, {0x10de, 0x2330, 0, 0, ""}}}, {}, {}}});
  EXPECT_EQ(outlook(host, bind), "every boot binds 0000:65:00.0");
  EXPECT_EQ(outlook(after(host, bind), plan_of({SetBootBindings{}})), "no boot binds 0000:65:00.0");
}

TEST(Outlook, SaysIntoHowManySlicesAGpuIsCut) {
  const Host host =
      HostBuilder().gpu("0000:65:00.0", "xe").with([](PciFunction& gpu) { gpu.sriov = Sriov{4, 2}; }).build();
  EXPECT_EQ(outlook(host, plan_of({SetVirtualFunctions{kGpu, 4, true}})),
            "0000:65:00.0 has 4 virtual functions");
  EXPECT_EQ(outlook(host, plan_of({SetVirtualFunctions{kGpu, 1, true}})),
            "0000:65:00.0 has 1 virtual function");
  EXPECT_EQ(outlook(host, plan_of({SetVirtualFunctions{kGpu, 0, true}})),
            "0000:65:00.0 has no virtual functions");
}

TEST(Outlook, SaysWhatBecomesOfSlicesByType) {
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  Host host = HostBuilder().gpu("0000:65:00.0").build();
  host.mediated_definitions = std::vector<MediatedDefinition>();
  PciFunction& gpu = host.functions.front();
  gpu.vgpu_type = 0u;
  gpu.slicing = Slicing{
      Absent{}, Absent{},
      std::vector<MediatedType>{{"nvidia-222", Absent{}, Absent{}, Absent{}, 2u, std::vector<std::string>()}},
      Absent{}};
  const Plan type = plan_of({SetVgpuType{kGpu, 1145}});
  EXPECT_EQ(outlook(host, type), "0000:65:00.0 is a vGPU of type 1145");
  EXPECT_EQ(outlook(after(host, type), plan_of({SetVgpuType{kGpu, 0}})), "0000:65:00.0 is without a vGPU");
  const Plan make = plan_of({SetMediatedDefinition{mediated, kGpu, "nvidia-222", true},
                             SetMediatedDevice{mediated, kGpu, "nvidia-222", true}});
  EXPECT_EQ(outlook(host, make),
            mediated.to_string() + " is there; " + mediated.to_string() + " comes with every boot");
  EXPECT_EQ(outlook(after(host, make), plan_of({SetMediatedDevice{mediated, kGpu, "nvidia-222", false}})),
            mediated.to_string() + " is gone");
}

TEST(Outlook, SaysWhatBecomesOfMig) {
  Host host = HostBuilder().gpu("0000:65:00.0").build();
  host.functions.front().mig = Mig{};
  const Plan on = plan_of({SetMigMode{kGpu, true}});
  EXPECT_EQ(outlook(host, on), "0000:65:00.0 is in MIG mode, without an instance");
  const Plan make =
      plan_of({SetMigMode{kGpu, true}, SetMigInstance{kGpu, "3g.71gb", 9, 4, 4, {{0, 3}}, true}});
  EXPECT_EQ(outlook(host, make), "0000:65:00.0 has 1 MIG instance");
  EXPECT_EQ(outlook(after(host, make), plan_of({SetMigMode{kGpu, false}})),
            "0000:65:00.0 is not in MIG mode");
}

TEST(Outlook, IsEmptyWhereNoGpuAndNoGuestDiffers) {
  const Host host = one_card().build();
  EXPECT_EQ(outlook(host, {}), "");
  EXPECT_EQ(outlook(host, plan_of({LoadModule{"vfio-pci"}})), "");
}

}  // namespace
}  // namespace gpupass::outlook_test
