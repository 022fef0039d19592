// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "support/folders.hpp"
#include "support/host_builder.hpp"
#include "support/open_host.hpp"
#include "support/two_sockets.hpp"
#include "values/sizes.hpp"

/// What check() says of the devices near a GPU, and of the sizes of its BARs, on the example hosts.
namespace gpupass::neighbours_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> said(const Host& host, const char* gpu, std::string_view id) {
  std::vector<std::string> messages;
  for (const Finding& finding : check(host, {address(gpu)}))
    if (finding.id == id) messages.push_back(finding.message);
  return messages;
}

class Neighbours : public testing::Test {
 protected:
  Host host = probe(*open_host(source_path("examples/hosts/8gpu-2socket.host")),
                    {.parts = needs(Verb::Check), .named = {}});
};

TEST_F(Neighbours, AreNamedByTheWayToTheNearest) {
  EXPECT_THAT(
      said(host, "0000:9a:00.0", "gpu.near-network"),
      ElementsAre("the network card that is nearest to 0000:9a:00.0 is 0000:9c:00.0: below one switch"));
  EXPECT_THAT(said(host, "0000:9a:00.0", "gpu.near-disk"),
              ElementsAre(HasSubstr("0000:f1:00.0: on one node")));
}

TEST_F(Neighbours, OnAnotherNodeAreToldAsWhatTheyAre) {
  std::erase_if(host.functions, [&](const PciFunction& function) {
    return function.class_code.value_or(0) >> 16 == 0x02 && nearest_numa_node(host, function) == Fact<int>(1);
  });
  EXPECT_THAT(said(host, "0000:9a:00.0", "gpu.near-network"), ElementsAre(HasSubstr("their nodes at most")));
}

TEST_F(Neighbours, ThatAreNotThereAreNotTold) {
  std::erase_if(host.functions,
                [](const PciFunction& function) { return function.class_code.value_or(0) >> 8 == 0x0108; });
  EXPECT_THAT(said(host, "0000:9a:00.0", "gpu.near-disk"), IsEmpty());
}

TEST_F(Neighbours, BarsTellTheirSizeAndTheLargest) {
  EXPECT_THAT(said(host, "0000:9a:00.0", "gpu.bar-size"), IsEmpty()) << "the capture does not tell";
  function_of(host, address("0000:9a:00.0")).config->resizable_bars =
      std::vector<ResizableBar>{{0, 16384 * kMiB, 16384 * kMiB}, {2, 256 * kMiB, 8192 * kMiB}};
  EXPECT_THAT(said(host, "0000:9a:00.0", "gpu.bar-size"),
              ElementsAre(HasSubstr("BAR 0 of 0000:9a:00.0 has 16G, all that the card allows"),
                          HasSubstr("BAR 2 of 0000:9a:00.0 has 256M, and could have 8G")));
}

}  // namespace
}  // namespace gpupass::neighbours_test
