// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "gpupass/capture.hpp"
#include "gpupass/error.hpp"
#include "gpupass/system.hpp"
#include "support/shared_hosts.hpp"
#include "support/temp_tree.hpp"

namespace gpupass::open_system_test {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<System> opened(const std::string& root) {
  SystemOptions options;
  options.root = root;
  return open_system(options);
}

Error error_of(const std::string& root) {
  try {
    opened(root);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::System, "", "opened");
}

TEST(OpenSystem, TheRunningMachineHoweverItIsSpelled) {
  const TempTree tree;
  for (const std::string root : {"/", "//", "/.", "/usr/..", "/proc/self/root"})
    EXPECT_TRUE(opened(root)->live()) << root;
  EXPECT_TRUE(opened(tree.link("/root", "/"))->live());
}

TEST(OpenSystem, AFolderIsACapturedTree) {
  const TempTree tree;
  tree.file("/sys/class", "x\n");
  const auto system = opened(tree.root());
  EXPECT_FALSE(system->live());
  EXPECT_EQ(system->read("/sys/class"), Fact(std::string("x")));
}

TEST(OpenSystem, AFileIsACapture) {
  const TempTree tree;
  const auto system = opened(tree.file("/a.host", "gpupass host 1\n[/sys]\nclass = x\n"));
  EXPECT_FALSE(system->live());
  EXPECT_EQ(system->read("/sys/class"), Fact(std::string("x")));
  EXPECT_EQ(system->read_guarded("/sys/class"), Fact(std::string("x")));
}

TEST(OpenSystem, AnythingElseIsAnErrorThatNamesIt) {
  const TempTree tree;
  const std::string nothing = tree.path("/nothing"), fifo = tree.fifo("/fifo"), empty = tree.folder("/empty"),
                    text = tree.file("/text", "hello\n");
  EXPECT_EQ(error_of(nothing).code(), ErrorCode::NotFound);
  EXPECT_EQ(error_of(nothing).what(),
            "cannot open " + nothing + ": No such file or directory, expected a folder or a capture");
  EXPECT_EQ(error_of(fifo).code(), ErrorCode::NotFound);
  EXPECT_EQ(error_of(empty).code(), ErrorCode::Malformed);
  EXPECT_THAT(error_of(empty).what(), HasSubstr("no folder \"sys\" in it"));
  EXPECT_EQ(error_of(text).code(), ErrorCode::Malformed);
  EXPECT_EQ(error_of(text).what(),
            "cannot read " + text + ", line 1: saw \"hello\", expected \"gpupass host 1\"");
  EXPECT_EQ(error_of("").code(), ErrorCode::NotFound);
}

TEST(OpenSystem, NoFactOfTheRunningMachineShowsThroughARoot) {
  const TempTree tree;
  tree.folder("/sys");
  setenv("LIBVIRT_DEFAULT_URI", "test:///default", 1);
  const auto system = opened(tree.root());
  EXPECT_TRUE(system->ask(CpuTopologyQuestion{}).absent());
  EXPECT_TRUE(system->ask(DomainsQuestion{}).absent());
  EXPECT_TRUE(system->list("/proc").absent());
  EXPECT_TRUE(system->read("/sys/devices/system/cpu/online").absent());

  const auto capture = open_capture("gpupass host 1\n", "empty.host");
  EXPECT_TRUE(capture->ask(CpuTopologyQuestion{}).absent());
  EXPECT_EQ(capture->ask(DomainsQuestion{}), Fact(std::vector<DomainXml>()));
  EXPECT_TRUE(capture->read("/sys/devices/system/cpu/online").unknown());
  unsetenv("LIBVIRT_DEFAULT_URI");
}

TEST(OpenSystem, OnlyAHypervisorWithoutRealGuestsStandsBesideARoot) {
  const TempTree tree;
  tree.folder("/sys");
  SystemOptions options;
  options.root = tree.root();
  const auto allowed = [&options](const std::string& uri, bool given) {
    options.libvirt_uri = uri;
    options.uri_given = given;
    const auto system = open_system(options);
    try {
      system->hypervisor();
      system->lock("a");
      return true;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Refused);
      EXPECT_TRUE(system->ask(DomainsQuestion{}).absent());
      return false;
    }
  };
  EXPECT_TRUE(allowed("test:///default", true));
  EXPECT_TRUE(allowed("qemu:///embed?root=/tmp/x", true));
  EXPECT_FALSE(allowed("test:///default", false));
  EXPECT_FALSE(allowed("qemu:///system", true));
  EXPECT_FALSE(allowed("qemu+ssh://host/system", true));
  EXPECT_FALSE(allowed("test+ssh://host/default", true));
  EXPECT_FALSE(allowed("", true));
}

TEST(OpenSystem, EveryTreeOfTheCollectionOpens) {
  SKIP_WITHOUT_SHARED_HOSTS();
  const auto trees = shared_trees();
  EXPECT_GE(trees.size(), 60U);
  for (const SharedTree& tree : trees) {
    const auto system = opened(tree.root);
    EXPECT_FALSE(system->live()) << tree.name;
    EXPECT_TRUE(system->list("/sys")) << tree.name;
  }
}

}  // namespace
}  // namespace gpupass::open_system_test
