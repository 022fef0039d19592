// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpupass/error.hpp"
#include "guest/text/definition.hpp"

namespace gpupass::text_test {
namespace {

using testing::HasSubstr;

/// One element, from its text.
class Element {
 public:
  explicit Element(const char* text) { document_.load_string(text); }
  operator pugi::xml_node() const { return document_.document_element(); }

 private:
  pugi::xml_document document_;
};

std::string inserted(const std::string& base, const char* parent, const char* element) {
  Definition text(base);
  text.insert(parent ? text.child(parent) : text.root(), Element(element));
  return text.text();
}

std::string complaint(const std::string& text) {
  try {
    const Definition parsed(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Malformed);
    return error.what();
  }
  return "no complaint";
}

// --- reading ---

TEST(Definition, WritesWhatItRead) {
  for (const char* text :
       {"<domain/>", "<domain></domain>", "\n<domain   ></domain  >\n\n",
        "<!DOCTYPE domain [<!ENTITY a \"]>\">]>\n<domain a = \"<>'\"\tb='>/>'\n/>",
        "<?xml version='1.0'?><!-->--><domain><!----><![CDATA[]]]]><![CDATA[>]]><?a "
        "?b?><c/>&lt;]]&#10;</domain>",
        "<domain>\r\n\t<a>&amp; text <b/> more</a>\r\n</domain><!-- - -->", "\xEF\xBB\xBF <domain/>"})
    EXPECT_EQ(Definition(text).text(), text);
}

TEST(Definition, KeepsNodesValid) {
  Definition text("<domain>\n  <cpu/>\n  <os/>\n  <clock/>\n</domain>");
  const pugi::xml_node os = text.child("os"), cpu = text.child("cpu");
  const pugi::xml_node topology = text.insert(cpu, Element("<topology/>"));
  text.remove(text.child("clock"));
  text.set(os, "firmware", "efi");
  text.set(topology, "cores", "2");
  text.insert(topology, Element("<note/>"));
  EXPECT_EQ(text.text(),
            "<domain>\n  <cpu>\n    <topology cores='2'>\n      <note/>\n    </topology>\n  </cpu>\n"
            "  <os firmware='efi'/>\n</domain>");
}

// --- inserting ---

TEST(Definition, InsertsWhereLibvirtWouldWriteIt) {
  EXPECT_EQ(
      inserted("<domain>\n  <name>a</name>\n  <vcpu>1</vcpu>\n</domain>\n", nullptr, "<memory>1</memory>"),
      "<domain>\n  <name>a</name>\n  <memory>1</memory>\n  <vcpu>1</vcpu>\n</domain>\n");
  EXPECT_EQ(inserted("<domain>\n  <vcpu>1</vcpu>\n</domain>\n", nullptr, "<name>a</name>"),
            "<domain>\n  <name>a</name>\n  <vcpu>1</vcpu>\n</domain>\n");
  EXPECT_EQ(inserted("<domain>\n  <vcpu>1</vcpu>\n</domain>", nullptr, "<devices><hub/></devices>"),
            "<domain>\n  <vcpu>1</vcpu>\n  <devices>\n    <hub/>\n  </devices>\n</domain>");
}

TEST(Definition, LeavesACommentWithWhatFollowsIt) {
  EXPECT_EQ(inserted("<domain>\n  <name>a</name>\n  <!-- two -->\n  <vcpu>2</vcpu>\n</domain>", nullptr,
                     "<memory>1</memory>"),
            "<domain>\n  <name>a</name>\n  <memory>1</memory>\n  <!-- two -->\n  <vcpu>2</vcpu>\n</domain>");
}

TEST(Definition, LeavesACommentOnTheSameLine) {
  EXPECT_EQ(inserted("<domain>\n  <name>a</name> <!-- mine -->\n</domain>", nullptr, "<vcpu>1</vcpu>"),
            "<domain>\n  <name>a</name> <!-- mine -->\n  <vcpu>1</vcpu>\n</domain>");
}

TEST(Definition, OpensAnEmptyElement) {
  for (const char* empty :
       {"<cpu mode='x'/>", "<cpu mode='x' />", "<cpu mode='x'></cpu>", "<cpu mode='x'>\n  </cpu>"})
    EXPECT_EQ(inserted(std::string("<domain>\n  ") + empty + "\n</domain>", "cpu", "<topology/>"),
              "<domain>\n  <cpu mode='x'>\n    <topology/>\n  </cpu>\n</domain>");
  EXPECT_EQ(inserted("<domain/>", nullptr, "<name>a</name>"), "<domain>\n  <name>a</name>\n</domain>");
}

TEST(Definition, StaysOnOneLineWhereAllIs) {
  EXPECT_EQ(inserted("<domain><name>a</name><os/></domain>", nullptr, "<cpu><numa><cell/></numa></cpu>"),
            "<domain><name>a</name><os/><cpu><numa><cell/></numa></cpu></domain>");
  EXPECT_EQ(inserted("<domain>\n  <devices><disk/></devices>\n</domain>", "devices", "<hostdev/>"),
            "<domain>\n  <devices><disk/><hostdev/></devices>\n</domain>");
}

TEST(Definition, FollowsTabsAndLineEnds) {
  EXPECT_EQ(inserted("<domain>\r\n\t<name>a</name>\r\n</domain>\r\n", nullptr, "<cpu><numa/></cpu>"),
            "<domain>\r\n\t<name>a</name>\r\n\t<cpu>\r\n\t\t<numa/>\r\n\t</cpu>\r\n</domain>\r\n");
  EXPECT_EQ(inserted("  <domain>\n     <name>a</name>\n  </domain>", nullptr, "<cpu><numa/></cpu>"),
            "  <domain>\n     <name>a</name>\n     <cpu>\n        <numa/>\n     </cpu>\n  </domain>");
}

TEST(Definition, SeesThroughWhatLooksLikeATag) {
  const std::string base =
      "<?xml version='1.0'?>\n<!-- </domain> -->\n<domain>\n  <title>a &lt;/domain&gt; "
      "<![CDATA[</domain><vcpu/>]]></title>\n"
      "  <description a='</x>' b='/>'/>\n  <os><!-- </os> --></os>\n</domain>\n<!-- end </domain> -->\n";
  Definition text(base);
  text.insert(text.root(), Element("<vcpu>1</vcpu>"));
  text.insert(text.child("os"), Element("<type>hvm</type>"));
  std::string expected = base;
  expected.replace(expected.find("\n  <os>"), 0, "\n  <vcpu>1</vcpu>");
  expected.replace(expected.find("<os><!-- </os> -->") + 18, 0, "\n    <type>hvm</type>\n  ");
  EXPECT_EQ(text.text(), expected);
}

// --- changing ---

TEST(Definition, PutsOnlyWhatDiffers) {
  const std::string base =
      "<domain>\n  <numatune>\n\n    <memory  nodeset=\"0\" mode='strict' />  \n  </numatune>\n</domain>";
  Definition text(base);
  text.put(text.root(), Element("<numatune><memory mode='strict' nodeset='0'/></numatune>"));
  EXPECT_EQ(text.text(), base);
  text.put(text.root(), Element("<numatune><memory mode='strict' nodeset='1'/></numatune>"));
  EXPECT_EQ(text.text(),
            "<domain>\n  <numatune>\n    <memory mode='strict' nodeset='1'/>\n  </numatune>\n</domain>");
}

TEST(Definition, SetsAttributesInPlace) {
  Definition text("<domain type = \"kvm\"\n   id='&lt;3'>\n  <cpu/>\n</domain>");
  text.set(text.root(), "type", "qemu");
  text.set(text.root(), "id", "4");
  text.set(text.root(), "new", "5");
  text.set(text.child("cpu"), "mode", "maximum");
  EXPECT_EQ(text.text(), "<domain type = \"qemu\"\n   id='4' new='5'>\n  <cpu mode='maximum'/>\n</domain>");
  text.remove(text.root(), text.root().attribute("id"));
  text.remove(text.root(), text.root().attribute("type"));
  EXPECT_EQ(text.text(), "<domain new='5'>\n  <cpu mode='maximum'/>\n</domain>");
}

TEST(Definition, EscapesWhatItSets) {
  Definition text("<domain a=\"1\"/>");
  text.set(text.root(), "a", "<'\"&>");
  text.set(text.root(), "b", "<'\"&>");
  EXPECT_EQ(text.text(), "<domain a=\"&lt;&apos;&quot;&amp;>\" b='&lt;&apos;&quot;&amp;>'/>");
  EXPECT_STREQ(Definition(text.text()).root().attribute("b").value(), "<'\"&>");
}

TEST(Definition, SetsAnEmptyAttribute) {
  Definition text("<domain type=''/>");
  text.set(text.root(), "type", "kvm");
  EXPECT_EQ(text.text(), "<domain type='kvm'/>");
}

TEST(Definition, WritesTextAndKeepsAttributes) {
  Definition text("<domain>\n  <memory dumpCore='off'>1</memory>\n  <name/>\n</domain>");
  text.write("memory", "2");
  text.write("name", "a<b");
  EXPECT_EQ(text.text(), "<domain>\n  <memory dumpCore='off'>2</memory>\n  <name>a&lt;b</name>\n</domain>");
}

TEST(Definition, RemovesALineWithItsElement) {
  Definition text("<domain>\r\n  <a/>\r\n  <b>\r\n  </b>\r\n  <c/> <d/>\r\n</domain>");
  text.remove(text.child("b"));
  EXPECT_EQ(text.text(), "<domain>\r\n  <a/>\r\n  <c/> <d/>\r\n</domain>");
  text.remove(text.child("c"));
  EXPECT_EQ(text.text(), "<domain>\r\n  <a/>\r\n   <d/>\r\n</domain>");
}

TEST(Definition, KeepsAByteOrderMark) {
  Definition text("\xEF\xBB\xBF<domain type='kvm'>\n  <name>a</name>\n</domain>");
  text.write("name", "b");
  text.set(text.root(), "type", "qemu");
  EXPECT_EQ(text.text(), "\xEF\xBB\xBF<domain type='qemu'>\n  <name>b</name>\n</domain>");
}

// --- refusing ---

TEST(Definition, NamesLineAndColumn) {
  EXPECT_THAT(complaint("<domain>\n  <name>a</nam>\n</domain>"), HasSubstr("at line 2, column"));
  EXPECT_THAT(complaint(""), HasSubstr("expected a libvirt domain"));
  EXPECT_THAT(complaint("<network/>"),
              HasSubstr("saw <network> at line 1, column 1, expected a libvirt domain"));
  EXPECT_THAT(complaint("<domain/>\n<domain/>"), HasSubstr("a second element <domain> at line 2, column 1"));
  EXPECT_THAT(complaint("<domain/> and more"), HasSubstr("text outside of any element"));
  EXPECT_THAT(complaint("<domain>\n\x1b[31m</domain>"),
              HasSubstr("the control character 0x1b at line 2, column 1"));
  EXPECT_THAT(complaint(std::string("<domain/>\0", 10)), HasSubstr("control character 0x00"));
  EXPECT_THAT(complaint("\x1f\x8b\x08"), HasSubstr("control character"));
}

TEST(Definition, HoldsADeepNest) {
  std::string deep = "<domain>";
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_THAT(complaint(deep), HasSubstr("at line 1"));
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  EXPECT_THAT(complaint(deep + "</domain>"), HasSubstr("more than 256 elements within each other at line 1"));
  std::string within = "<domain>";
  for (int i = 1; i < 256; ++i) within += "<a>";
  for (int i = 1; i < 256; ++i) within += "</a>";
  Definition text(within + "</domain>");
  text.insert(text.root(), Element("<vcpu>1</vcpu>"));
  EXPECT_THAT(text.text(), HasSubstr("<domain><vcpu>1</vcpu><a>"));
}

}  // namespace
}  // namespace gpupass::text_test
