// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"
#include "support/folders.hpp"
#include "support/open_host.hpp"

namespace gpupass::check_generated_test {
namespace {

TEST(CheckDomain, FindsNothingWrongWithWhatIsRenderedForAnyExampleHost) {
  Parts parts = Parts::everything();
  unsigned hosts = 0;
  for (const auto& file : std::filesystem::directory_iterator(source_path("examples/hosts"))) {
    if (file.path().extension() != ".host") continue;
    const Host host = probe(*open_host(file.path().string()), {.parts = parts, .named = {}});
    Request request;
    request.vcpus = 2;
    const std::string xml = render_domain(host, request, place(host, request));
    EXPECT_THAT(check_domain(host, xml), testing::IsEmpty()) << file.path();
    ++hosts;
  }
  EXPECT_GT(hosts, 0u);
}

}  // namespace
}  // namespace gpupass::check_generated_test
