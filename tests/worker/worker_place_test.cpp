// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Where gpupass-worker is looked for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "system/worker/worker.hpp"
#include "worker_double.hpp"

namespace gpupass::worker_place_test {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPlace, IsBesideTheLibraryWhateverTheEnvironmentSays) {
  const ScopedVariable variable("GPUPASS_WORKER", "/nonexistent/gpupass-worker");
  const auto domains = Worker("", 120s).domains({"test:///default"});
  EXPECT_TRUE(domains.known()) << domains.why();
}

TEST(WorkerPlace, IsThatOfTheOptions) {
  const TempTree tree;
  tree.folder("/sys");
  SystemOptions options;
  options.root = tree.root();
  options.worker = "/nonexistent/gpupass-worker";
  options.libvirt_uri = "test:///default";
  options.uri_given = true;
  EXPECT_THAT(open_system(options)->ask(DomainsQuestion{}).why(),
              testing::HasSubstr("cannot start /nonexistent/gpupass-worker"));
}

}  // namespace
}  // namespace gpupass::worker_place_test
