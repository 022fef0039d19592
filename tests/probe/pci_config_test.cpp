// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <string>

#include "probe/pci/config.hpp"
#include "values/sizes.hpp"

namespace gpupass::pci_config_test {
namespace {

Fact<PciConfig> config_of(std::string_view bytes) {
  return parse_config(ConfigSpace(bytes));
}

/// A configuration space of zeros but for what a test puts in.
class Space {
 public:
  explicit Space(std::size_t size) : bytes_(size, '\0') {}

  Space& put(std::size_t offset, std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) bytes_.at(offset++) = static_cast<char>(byte);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  std::string first(std::size_t count) const { return bytes_.substr(0, count); }

 private:
  std::string bytes_;
};

/// A root port with PCI Express at 0x40, a serial number at 0x100 and ACS behind it.
Space root_port() {
  return Space(4096)
      .put(0x00, {0x86, 0x80, 0x30, 0x20})
      .put(0x06, {0x10, 0x00})
      .put(0x0e, {0x81})
      .put(0x34, {0x40})
      .put(0x40, {0x10, 0x00, 0x42, 0x00})
      .put(0x100, {0x03, 0x00, 0x01, 0x14, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11})
      .put(0x140, {0x0d, 0x00, 0x01, 0x00, 0x5f, 0x00, 0x1d, 0x00});
}

TEST(ParseConfig, ReadsHeaderTypeAcsAndSerialOfARootPort) {
  const auto config = config_of(root_port().bytes());
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->bridge);
  EXPECT_TRUE(config->multifunction);
  EXPECT_EQ(config->express, Fact<ExpressType>(ExpressType::RootPort));
  EXPECT_EQ(config->acs, (Fact<Acs>(Acs{0x5f, 0x1d})));
  EXPECT_EQ(config->function_reset, Fact<bool>(false));
  EXPECT_EQ(config->serial, Fact<std::string>("1122334455667788"));
  EXPECT_EQ(serial_offset(root_port().bytes()), 0x104u);
}

TEST(ParseConfig, ReadsDoubleWordsOfAcsInPortsThatHaveThem) {
  const auto wide = [](unsigned low, unsigned high) {
    return config_of(root_port()
                         .put(0x02, {low, high})
                         .put(0x140, {0x0d, 0x00, 0x01, 0x00, 0x1f, 0x00, 0x00, 0x00, 0x1d, 0x00})
                         .bytes())
        ->acs;
  };
  EXPECT_EQ(wide(0x10, 0xa1), (Fact<Acs>(Acs{0x1f, 0x1d})));
  EXPECT_EQ(wide(0x20, 0xa1), (Fact<Acs>(Acs{0x1f, 0x00}))) << "the next is of another kind";
}

TEST(ParseConfig, KnowsWhetherAPortLeadsToASlot) {
  EXPECT_EQ(config_of(root_port().bytes())->slot, Fact<bool>(false));
  EXPECT_EQ(config_of(root_port().put(0x42, {0x62, 0x01}).bytes())->slot, Fact<bool>(true));
  EXPECT_TRUE(config_of(root_port().put(0x42, {0x52, 0x00}).bytes())->slot.absent()) << "an upstream port";
  EXPECT_TRUE(config_of(root_port().first(64))->slot.unknown());
}

/// A card whose BARs 1 and 3 can be resized, by what stands in their registers.
Space with_resizable_bars() {
  return root_port()
      .put(0x0e, {0x00})
      .put(0x40, {0x10, 0x00, 0x02, 0x00})
      .put(0x100, {0x15, 0x00, 0x01, 0x00})
      .put(0x104, {0xf0, 0xff, 0x07, 0x00, 0x41, 0x08, 0x00, 0x00})   // 1 MiB to 16 GiB; 256 MiB now.
      .put(0x10c, {0x00, 0x00, 0x00, 0x80, 0x43, 0x1d, 0x03, 0x00});  // Up to 512 TiB.
}

TEST(ParseConfig, ReadsTheSizesOfBarsThatCanBeResized) {
  const auto bars = config_of(with_resizable_bars().bytes())->resizable_bars;
  ASSERT_TRUE(bars);
  ASSERT_EQ(bars->size(), 2u);
  EXPECT_EQ(bars->at(0), (ResizableBar{1, 256 * kMiB, 16384 * kMiB}));
  EXPECT_EQ(bars->at(1), (ResizableBar{3, kMiB << 29, kMiB << 29}));
  EXPECT_TRUE(config_of(root_port().bytes())->resizable_bars.absent());
  EXPECT_TRUE(config_of(with_resizable_bars().first(256))->resizable_bars.unknown());
  EXPECT_TRUE(config_of(with_resizable_bars().first(0x110))->resizable_bars.unknown());
}

TEST(ParseConfig, KnowsThatACapabilityIsNotThereWhenItSawTheWholeList) {
  const auto config = config_of(root_port().put(0x100, {0x02, 0x00, 0x01, 0x00}).bytes());
  EXPECT_TRUE(config->acs.absent());
  EXPECT_TRUE(config->serial.absent());
}

TEST(ParseConfig, SaysNothingOfWhatRootAloneCanRead) {
  const auto config = config_of(root_port().first(64));
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->bridge);
  const Unknown why{"needs root: only 64 bytes could be read"};
  EXPECT_EQ(config->express, Fact<ExpressType>(why));
  EXPECT_EQ(config->acs, Fact<Acs>(why));
  EXPECT_EQ(config->function_reset, Fact<bool>(why));
  EXPECT_EQ(config->serial, Fact<std::string>(why));
}

TEST(ParseConfig, KnowsThatTheListIsEmptyFromTheHeaderAlone) {
  const auto config = config_of(root_port().put(0x04, {0x06, 0x00, 0x00, 0x00}).first(64));
  EXPECT_TRUE(config->express.absent());
  EXPECT_TRUE(config->acs.absent());
  EXPECT_EQ(config->function_reset, Fact<bool>(false));
}

TEST(ParseConfig, DoesNotTakeMissingExtendedSpaceForMissingAcs) {
  const auto config = config_of(root_port().first(256));
  EXPECT_EQ(config->express, Fact<ExpressType>(ExpressType::RootPort));
  EXPECT_TRUE(config->acs.unknown());
  EXPECT_NE(config->acs.why().find("only 256 bytes"), std::string::npos);
}

TEST(ParseConfig, FindsNoAcsInConventionalPci) {
  const auto config = config_of(root_port().put(0x40, {0x01}).first(256));
  EXPECT_TRUE(config->express.absent());
  EXPECT_TRUE(config->acs.absent());
  EXPECT_TRUE(config->serial.absent());
}

TEST(ParseConfig, FindsFunctionResetInPciExpressAndInAdvancedFeatures) {
  EXPECT_EQ(config_of(root_port().put(0x47, {0x10}).bytes())->function_reset, Fact<bool>(true));
  const auto conventional = root_port().put(0x40, {0x13, 0x00, 0x06, 0x02});
  EXPECT_EQ(config_of(conventional.first(256))->function_reset, Fact<bool>(true));
}

TEST(ParseConfig, ReadsAVirtualFunctionWhoseIdsAreOnes) {
  const auto config = config_of(root_port().put(0x00, {0xff, 0xff, 0xff, 0xff}).bytes());
  EXPECT_TRUE(config);
}

TEST(ParseConfig, KnowsAFunctionThatDoesNotAnswer) {
  const auto config = config_of(std::string(4096, '\xff'));
  EXPECT_EQ(config.why(), "saw nothing but ones: the function does not answer");
}

/// Converted captures have made-up headers of ids; to take them for conventional PCI would be to invent
/// missing ACS.
TEST(ParseConfig, DoesNotBelieveAHeaderOfIdsAlone) {
  auto made_up = Space(256).put(0x00, {0xde, 0x10, 0xb0, 0x20}).put(0x0a, {0x02, 0x03});
  EXPECT_EQ(config_of(made_up.bytes()).why(), "saw a header that holds ids alone");
  EXPECT_TRUE(config_of(made_up.put(0x0a, {0x00, 0x06}).bytes())->express.absent())
      << "AMD's empty host bridge";
}

TEST(LinkInConfig, IsThatOfThePciExpressCapability) {
  const auto with_link = [](unsigned type) {
    return root_port().put(0x42, {type}).put(0x4c, {0x04, 0x01}).put(0x52, {0x83, 0x00});
  };
  const auto link = link_in_config(with_link(0x42).bytes());
  ASSERT_TRUE(link);
  EXPECT_EQ(*link, (PciLink{8, 8, 16, 16}));
  EXPECT_TRUE(link_in_config(with_link(0x92).bytes()).absent()) << "integrated into the root complex";
  EXPECT_TRUE(link_in_config(with_link(0x42).first(64)).unknown());
  EXPECT_TRUE(link_in_config("").unknown());
  EXPECT_TRUE(link_in_config(Space(256).put(0x04, {0x07}).bytes()).absent()) << "conventional PCI";
}

TEST(ParseConfig, LeavesAListThatLeadsBackIntoItself) {
  const auto config = config_of(root_port().put(0x40, {0x01, 0x48}).put(0x48, {0x05, 0x40}).bytes());
  EXPECT_TRUE(config->express.unknown());
  EXPECT_TRUE(config->acs.unknown());
  const auto extended = config_of(root_port().put(0x100, {0x02, 0x00, 0x01, 0x10}).bytes());
  EXPECT_EQ(extended->express, Fact<ExpressType>(ExpressType::RootPort));
  EXPECT_TRUE(extended->acs.unknown());
}

TEST(ParseConfig, RefusesACapabilityInsideTheHeader) {
  EXPECT_TRUE(config_of(root_port().put(0x34, {0x10}).bytes())->express.unknown());
  EXPECT_TRUE(config_of(root_port().put(0x102, {0x01, 0x01}).bytes())->acs.unknown());
}

TEST(ParseConfig, RefusesACapabilityThatEndsBehindTheLastByte) {
  EXPECT_TRUE(config_of(root_port().put(0x34, {0xfc}).put(0xfc, {0x10}).first(256))->express.unknown());
}

TEST(ParseConfig, RefusesATypeThatIsNotAssigned) {
  EXPECT_TRUE(config_of(root_port().put(0x42, {0xb2}).bytes())->express.unknown());
}

TEST(ParseConfig, RefusesWhatIsNoConfigurationSpace) {
  EXPECT_EQ(config_of("").why(), "saw 0 bytes, expected at least 64");
  EXPECT_EQ(config_of(std::string(1 << 20, 'A')).why(), "saw 1048576 bytes, expected at most 4096");
  EXPECT_EQ(config_of(std::string(256, 'A')).why(), "saw header type 0x41, expected 0, 1 or 2");
}

/// Whatever the bytes are, and wherever they end, an answer comes back.
TEST(ParseConfig, ReturnsForEveryPrefixAndEveryByte) {
  const std::string whole = root_port().bytes();
  for (std::size_t size = 0; size < 600; ++size) config_of(whole.substr(0, size));
  for (std::size_t at = 0; at < 0x150; ++at) {
    for (const char byte : {'\x00', '\x01', '\x7f', '\x80', '\xfc', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      config_of(changed);
      config_of(changed.substr(0, 256));
      serial_offset(changed);
    }
  }
}

}  // namespace
}  // namespace gpupass::pci_config_test
