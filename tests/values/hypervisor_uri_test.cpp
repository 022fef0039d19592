// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gpupass/domain.hpp"

namespace gpupass::hypervisor_uri_test {
namespace {

TEST(HypervisorUri, IsOfThisMachineOverASocketOnly) {
  for (const char* uri : {"qemu:///system", "qemu+unix:///system?socket=/run/a", "test:///default", ""})
    EXPECT_FALSE(is_remote_uri(uri)) << uri;
  for (const char* uri :
       {"qemu+ext:///system", "qemu+ssh:///system", "qemu+tcp:///system", "qemu+libssh2:///system",
        "qemu://other/system", "qemu+ssh://root@other/system", "an-alias"})
    EXPECT_TRUE(is_remote_uri(uri)) << uri;
}

TEST(HypervisorUri, ThatRunsAProgramIsKnownHoweverItIsSpelled) {
  for (const char* uri : {"qemu+ext:///system?command=/bin/a", "qemu+ssh://a/system?a=b&Command=/bin/a",
                          "qemu:///system?a=b;command=c", "qemu+ext:///system?%63ommand=a",
                          "qemu+ext:///system?c%4Fmmand=a", "qemu:///system?command"})
    EXPECT_TRUE(runs_program(uri)) << uri;
  for (const char* uri : {"qemu:///system", "", "qemu:///command=a", "qemu+unix:///system?socket=/command=a",
                          "a?%", "a?%4", "a?commands=b"})
    EXPECT_FALSE(runs_program(uri)) << uri;
}

}  // namespace
}  // namespace gpupass::hypervisor_uri_test
