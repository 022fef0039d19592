// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "support/error_of.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

namespace gpupass::place_slices_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUuid = "c73f1fa6-489e-4834-9476-d70dabd98c40";
const DeviceId kMediated = *DeviceId::parse(kUuid);
constexpr PciAddress kVgpu{0, 0xc1, 0, 4}, kVirtual{0, 0xc1, 0, 5};

PciFunction slice_of(const PciFunction& gpu, PciAddress address, std::uint32_t group) {
  PciFunction slice = gpu;
  slice.address = address;
  slice.iommu_group = group;
  slice.physical_function = gpu.address;
  return slice;
}

/// The GPU of node 1 is cut: into a mediated device, a vGPU, and a virtual function that is on vfio-pci.
Host with_slices() {
  Host host = two_sockets();
  function_of(host, kGpu1).driver = std::string("nvidia");
  PciFunction vgpu = slice_of(function_of(host, kGpu1), kVgpu, 20);
  vgpu.vgpu_type = 1145u;
  PciFunction plain = slice_of(function_of(host, kGpu1), kVirtual, 21);
  plain.driver = std::string("vfio-pci");
  function_of(host, kGpu1).virtual_functions = std::vector<PciAddress>{kVgpu, kVirtual};
  host.functions.push_back(vgpu);
  host.functions.push_back(plain);
  host.groups->push_back({20, {kVgpu}, std::string("DMA-FQ"), {}});
  host.groups->push_back({21, {kVirtual}, std::string("DMA-FQ"), {}});
  host.uses = std::vector<DeviceUse>{{kGpu1, DeviceUse::Kind::Mdev, kUuid}};
  return host;
}

Request asked(const std::vector<std::string>& devices) {
  Request request;
  request.vcpus = 4;
  request.memory_bytes = 4 * kGiB;
  request.devices = devices;
  return request;
}

TEST(PlaceSlices, StandOnTheNodeOfTheirParentWithoutAnotherGpu) {
  for (const DeviceId slice : {kMediated, DeviceId(kVgpu), DeviceId(kVirtual)}) {
    const Placement placement = place(with_slices(), asked({slice.to_string()}));
    EXPECT_THAT(placement.gpus, IsEmpty());
    EXPECT_THAT(placement.devices, ElementsAre(slice));
    ASSERT_EQ(placement.cells.size(), 1u);
    EXPECT_EQ(placement.cells[0].node, 1u) << slice.to_string();
  }
  EXPECT_THAT(
      place(with_slices(), asked({kUuid})).reasons,
      Contains("0000:c1:00.0, of which c73f1fa6-489e-4834-9476-d70dabd98c40 is a slice, is on node 1"));
}

TEST(PlaceSlices, CountAsGpusForWhatTheGuestGetsBesides) {
  Request three = asked({kUuid, kVgpu.to_string(), kVirtual.to_string()});
  three.vcpus.reset();
  three.memory_bytes.reset();
  const Placement placement = place(with_slices(), three);
  EXPECT_EQ(placement.vcpu_pins.size(), 12u);
  EXPECT_THAT(placement.devices, ElementsAre(DeviceId(kVgpu), DeviceId(kVirtual), kMediated));
}

TEST(PlaceSlices, GoBesideGpusThatAreAskedFor) {
  Request both = asked({kUuid});
  both.gpu_count = 1;
  const Placement placement = place(with_slices(), both);
  EXPECT_THAT(placement.gpus, ElementsAre(kGpu0));
  EXPECT_THAT(placement.devices, ElementsAre(kMediated));
  both.gpu_count.reset();
  both.gpus = {kGpu0.to_string()};
  EXPECT_EQ(place(with_slices(), both).devices, placement.devices);
}

TEST(PlaceSlices, AreRefusedWhereNobodyMadeThemOrAnotherHasThem) {
  const auto refusal = [](const Host& host, const std::string& slice) {
    return error_of([&] { place(host, asked({slice})); });
  };
  Host host = with_slices();
  host.uses = std::vector<DeviceUse>();
  EXPECT_EQ(refusal(host, kUuid).code(), ErrorCode::Refused);
  EXPECT_THAT(refusal(host, kUuid).what(), HasSubstr("cannot place guest: there is no mediated device"));
  host = with_slices();
  host.domains = std::vector<Domain>{running_guest("other", {kMediated, kVgpu, kVirtual}, {})};
  for (const DeviceId slice : {kMediated, DeviceId(kVgpu), DeviceId(kVirtual)})
    EXPECT_THAT(refusal(host, slice.to_string()).what(), HasSubstr("other")) << slice.to_string();
  EXPECT_EQ(refusal(host, "c73f1fa6").code(), ErrorCode::Usage);
}

TEST(PlaceSlices, AreInTheDefinitionByTheirCellAndStayThere) {
  const Host host = with_slices();
  const Request request = asked({kUuid, kVgpu.to_string()});
  const MadeDefinition made = make_definition(host, request, request);
  EXPECT_THAT(made.xml, HasSubstr("type='mdev' managed='no' model='vfio-pci'"));
  EXPECT_THAT(made.xml, HasSubstr(kUuid));
  EXPECT_THAT(made.xml,
              HasSubstr("<gpupass:device address='c73f1fa6-489e-4834-9476-d70dabd98c40' cell='0'/>"));
  EXPECT_THAT(made.xml, HasSubstr("model='pcie-expander-bus'"));
  Request again;
  again.name = request.name;
  const MadeDefinition same =
      make_definition(host, again, complete_request(again, Base{made.xml}), Base{made.xml});
  EXPECT_EQ(same.xml, made.xml);
  Request other = again;
  other.devices = {kVgpu.to_string()};
  const MadeDefinition without =
      make_definition(host, other, complete_request(other, Base{made.xml}), Base{made.xml});
  EXPECT_THAT(without.xml, testing::Not(HasSubstr(kUuid)));
  EXPECT_THAT(without.placement.devices, ElementsAre(DeviceId(kVgpu)));
}

TEST(PlaceSlices, StayWithTheGuestThatACopyIsMadeFrom) {
  const Host host = with_slices();
  const MadeDefinition made = make_definition(host, asked({kUuid}), asked({kUuid}));
  const Base base{made.xml, Base::Use::Copy};
  Request copy;
  copy.name = "copy";
  const Error error = error_of([&] { make_definition(host, copy, complete_request(copy, base), base); });
  EXPECT_EQ(error.code(), ErrorCode::Refused);
  EXPECT_THAT(error.hint(), HasSubstr("--slice"));
}

TEST(PlaceSlices, ThatGoAsTheyAreAreNotBoundForAGuestThatStarts) {
  const Host host = with_slices();
  const Request request = asked({kUuid, kVgpu.to_string()});
  const MadeDefinition made = make_definition(host, request, request);
  const Plan plan = plan_define(host, {"guest", made.xml, made.placement, std::nullopt, Start::Yes, {}});
  ASSERT_EQ(plan.steps.size(), 2u);
  EXPECT_EQ(plan.steps[0].summary, "define guest guest");
  EXPECT_EQ(plan.steps[1].summary, "start guest guest");
}

TEST(PlaceSlices, AreGivenToAGuestThatIsOff) {
  const Host host = with_slices();
  Request request = asked({});
  request.gpus = {kGpu0.to_string()};
  const DomainXml guest{"guest", false, true, false, "", make_definition(host, request, request).xml};
  const Plan plan = plan_give(host, guest, {kMediated}, {});
  ASSERT_EQ(plan.steps.size(), 1u);
  const std::string xml = *std::get<SetDomain>(plan.steps[0].change).xml;
  EXPECT_THAT(xml, HasSubstr(kUuid));
  EXPECT_THAT(xml, HasSubstr("<gpupass:gpu address='0000:41:00.0'"));
  const DomainXml given{"guest", false, true, false, "", xml};
  EXPECT_EQ(plan_take(host, given, {kMediated}, {}).steps.size(), 1u);
}

}  // namespace
}  // namespace gpupass::place_slices_test
