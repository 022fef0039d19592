// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/model/guest_iommu.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace gpupass::guest_iommu_test {
namespace {

bool wide(unsigned sockets, unsigned cores, unsigned threads) {
  pugi::xml_document document;
  document.load_string(
      fmt::format("<domain><cpu><topology sockets='{}' cores='{}' threads='{}'/></cpu></domain>", sockets,
                  cores, threads)
          .c_str());
  return has_wide_ids(document.child("domain"));
}

TEST(GuestIommu, EachPackageBeginsAtAPowerOfTwo) {
  EXPECT_FALSE(wide(1, 255, 1));
  EXPECT_TRUE(wide(1, 128, 2));
  EXPECT_FALSE(wide(2, 60, 2)) << "the second begins at 128, and its last is 247";
  EXPECT_TRUE(wide(3, 40, 2)) << "240 vCPUs, but the third package begins at 256";
}

TEST(GuestIommu, MayHideWhatTheGuestMaps) {
  const auto hides = [](const char* iommu) {
    pugi::xml_document document;
    document.load_string(iommu);
    return hides_mappings(document.first_child());
  };
  EXPECT_TRUE(hides("<iommu model='intel'/>"));
  EXPECT_TRUE(hides("<iommu model='intel'><driver caching_mode='off'/></iommu>"));
  EXPECT_FALSE(hides("<iommu model='intel'><driver caching_mode='on'/></iommu>"));
  EXPECT_FALSE(hides("<iommu model='intel'><driver dma_translation='off'/></iommu>"));
  EXPECT_FALSE(hides("<iommu model='virtio'/>"));
}

}  // namespace
}  // namespace gpupass::guest_iommu_test
