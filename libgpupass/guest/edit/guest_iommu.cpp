// SPDX-License-Identifier: LGPL-2.1-or-later
// The guest's own IOMMU: what many vCPUs, and the host's devices behind it, need.
#include "guest/model/guest_iommu.hpp"

#include <fmt/format.h>

#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/buses.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

/// With fewer vCPUs the guest starts, though some of them may stay off.
void refuse_many(const Definition& text, const std::string& seen, const std::string& expected) {
  if (vcpus_of(text.root()).value_or(0) <= kMostPlainVcpus) return;
  throw Error(ErrorCode::Refused, text.child("name").child_value(),
              fmt::format("cannot write the domain XML: saw {}, expected {} for more than {} vCPUs", seen,
                          expected, kMostPlainVcpus),
              fmt::format("--vcpus {} fits", kMostPlainVcpus));
}

void switch_on(Definition& text, pugi::xml_node iommu, const char* name) {
  pugi::xml_document scratch;
  if (!iommu.child("driver")) text.insert(iommu, scratch.append_child("driver"));
  text.set(iommu.child("driver"), name, "on");
}

/// Only an IOMMU that remaps interrupts brings them to ids of more than 8 bits, and QEMU's does so where it
/// has the IOAPIC itself. It is Intel's also beside CPUs of AMD's: libvirt takes no other before 12.2.
void widen_interrupts(Definition& text) {
  if (!is_q35(text.root()))
    return refuse_many(text,
                       fmt::format("the machine \"{}\"",
                                   printable(text.child("os").child("type").attribute("machine").value())),
                       "q35");
  pugi::xml_document scratch;
  if (!iommu_of(text.root())) {
    pugi::xml_node iommu = scratch.append_child("iommu");
    iommu.append_attribute("model") = "intel";
    text.insert(devices_of(text), iommu);
  }
  const pugi::xml_node iommu = iommu_of(text.root());
  const std::string model = iommu.attribute("model").value();
  if (model != "intel")
    return refuse_many(text, fmt::format("<iommu model='{}'>", printable(model)), "<iommu model='intel'>");
  switch_on(text, iommu, "intremap");
  switch_on(text, iommu, "eim");
  pugi::xml_node ioapic = scratch.append_child("ioapic");
  ioapic.append_attribute("driver") = "qemu";
  text.put(features_of(text), ioapic);
}

}  // namespace

void set_iommu(Definition& text) {
  if (has_wide_ids(text.root())) widen_interrupts(text);
  const pugi::xml_node iommu = iommu_of(text.root());
  if (hides_mappings(iommu) && !claimed_functions(text.root()).empty())
    switch_on(text, iommu, "caching_mode");
}

}  // namespace gpupass
