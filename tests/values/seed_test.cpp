// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/seed.hpp"

#include <gtest/gtest.h>

namespace gpupass::seed_test {
namespace {

TEST(Seed, IsAFileOfItsGuestAlone) {
  EXPECT_EQ(seed_path("guest1"), "/var/lib/libvirt/images/guest1-cloud-init.iso");
  for (const char* guest : {"guest1", "two words", "b\xc3\xbcro", "a.b"})
    EXPECT_TRUE(is_seed(seed_path(guest)));
  for (const char* guest : {"", ".", "..", ".hidden", "a/b", "../../../etc/passwd"})
    EXPECT_FALSE(is_seed(seed_path(guest))) << guest;
  EXPECT_FALSE(is_seed("/var/lib/libvirt/images/guest1.iso"));
  EXPECT_FALSE(is_seed("/var/lib/libvirt/images/-cloud-init.iso"));
  EXPECT_FALSE(is_seed("/etc/guest1-cloud-init.iso"));
}

TEST(Seed, NamesTheHostInLettersThatAHostNameCanHave) {
  const auto name = [](std::string_view guest) {
    const std::string text = meta_data(guest, "");
    return text.substr(text.find('\n') + 1);
  };
  EXPECT_EQ(name("guest1"), "local-hostname: \"guest1\"\n");
  EXPECT_EQ(name("_My guest: \"1\"\n"), "local-hostname: \"My-guest-1\"\n");
  EXPECT_EQ(name("42"), "local-hostname: \"42\"\n") << "no number";
  EXPECT_EQ(name("__"), "");
  EXPECT_EQ(name(std::string(100, 'a')).size(), std::string("local-hostname: \"\"\n").size() + 63);
}

TEST(Seed, HasAnotherIdForOtherUserDataAndForAnotherGuest) {
  const std::string known = meta_data("guest1", "#cloud-config\n");
  EXPECT_EQ(meta_data("guest1", "#cloud-config\n"), known);
  EXPECT_NE(meta_data("guest1", "#cloud-config\n\n"), known);
  EXPECT_NE(meta_data("guest_1", "#cloud-config\n"), meta_data("guest-1", "#cloud-config\n"));
}

}  // namespace
}  // namespace gpupass::seed_test
