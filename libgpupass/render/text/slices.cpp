// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "values/card.hpp"

namespace gpupass {

namespace {

/// "0 to 30"; "4" where both are the same.
std::string capacity_words(const Fact<SliceCapacity>& capacity) {
  if (!capacity) return "?";
  if (capacity->least == capacity->most) return fmt::to_string(capacity->least);
  return fmt::format("{} to {}", capacity->least, capacity->most);
}

std::string type_words(const std::string& type) {
  return type.empty() ? "-" : printable(type);
}

/// The types of one GPU; a row without a type where there are none.
void add_types(Table& table, const Host& host, const SliceAssessment& gpu, const NameLookup& names) {
  const PciFunction* function = find_function(host, gpu.gpu);
  const std::string address = short_address(host, gpu.gpu);
  const std::string model = function ? model_name(*function, names) : "?";
  if (gpu.types.empty()) {
    const char* kind = gpu.unknown.empty() ? "none" : "?";
    return table.add({address, model, kind, "-", "-", "-", "-"});
  }
  for (const SliceType& type : gpu.types)
    table.add({address, model, to_string(type.kind), type_words(type.type), text_of(type.name),
               type.existing ? fmt::to_string(*type.existing) : "?", capacity_words(type.capacity)});
}

std::string state_words(const Slice& slice) {
  if (!slice.domain.empty()) return "in " + printable(slice.domain);
  std::string state = slice.state                   ? std::string(to_string(*slice.state))
                      : slice.in_use == Answer::Yes ? "in use"
                      : slice.in_use == Answer::No  ? "free"
                                                    : "?";
  if (slice.state && slice.in_use == Answer::Yes) state += ", in use";
  if (!slice.wanted_by.empty()) state += " for " + joined(slice.wanted_by);
  return slice.at_boot.value_or(false) ? state + ", at every boot" : state;
}

void add_slices(Table& table, const Host& host, const SliceAssessment& gpu) {
  for (const Slice& slice : gpu.slices)
    table.add({short_address(host, slice.device), to_string(slice.kind), type_words(slice.type),
               short_address(host, slice.parent), text_of(slice.driver), text_of(slice.iommu_group),
               state_words(slice)});
}

/// Each by its place on the card, as `slice destroy --mig` takes it.
void add_mig_instances(Table& table, const Host& host, const SliceAssessment& gpu) {
  if (!gpu.mig) return;
  for (const MigSlice& slice : gpu.mig->instances) {
    const char* state = slice.in_use == Answer::Yes ? "in use" : slice.in_use == Answer::No ? "free" : "?";
    table.add({fmt::format("{}:{}", printable(slice.profile), slice.instance.start),
               to_string(SliceKind::Mig), printable(slice.profile), short_address(host, gpu.gpu), "nvidia",
               "-", state});
  }
}

std::string mig_words(const MigAssessment& mig) {
  std::string words = fmt::format("MIG mode is {}", mig.enabled ? "on" : "off");
  if (mig.pending != mig.enabled)
    words += fmt::format(", and {} after the next reset of the GPU", mig.pending ? "on" : "off");
  return words + "; an instance is no device: a guest gets one only as the place of a vGPU";
}

/// The UUIDs by which programs open the parts of an instance.
std::string mig_instance_words(const MigSlice& slice) {
  std::string words = fmt::format("{}:{} is GPU instance {}", slice.profile, slice.instance.start,
                                  text_of(slice.instance.id));
  if (!slice.instance.compute) return words + ", and its compute instances are not known";
  if (slice.instance.compute->empty()) return words + ", without a compute instance: no program can use it";
  for (const MigComputeInstance& each : *slice.instance.compute)
    words += fmt::format(", compute instance {} of {} slice{}: {}", each.id, each.span.size,
                         each.span.size == 1 ? "" : "s", text_of(each.uuid));
  return words;
}

/// What the tables do not tell.
std::string remarks(const Host& host, const SliceAssessment& gpu, const View& view) {
  std::string text;
  const auto add = [&](const std::string& remark) {
    text += wrapped(fmt::format("{}: {}", short_address(host, gpu.gpu), printable(remark)), view, 4) + '\n';
  };
  if (!gpu.how.empty()) add(gpu.how);
  if (gpu.sriov_admin.value_or(false)) add("xe has the share of each virtual function in sriov_admin");
  if (gpu.mig) add(mig_words(*gpu.mig));
  if (gpu.mig && view.verbose)
    for (const MigSlice& slice : gpu.mig->instances) add(mig_instance_words(slice));
  for (const std::string& unknown : gpu.unknown) add("not known: " + unknown);
  if (view.verbose)
    for (const SliceType& type : gpu.types)
      if (type.description) add(fmt::format("{}: {}", type.type, *type.description));
  return text;
}

}  // namespace

std::string render_slices(const Host& host, const std::vector<SliceAssessment>& gpus, const NameLookup& names,
                          const View& view) {
  if (gpus.empty()) return "no GPU: no function of class 03xx (display) or 12xx (accelerator)\n";
  Table types, slices;
  types.add({"GPU", "MODEL", "KIND", "TYPE", "NAME", "EXIST", "MORE"});
  for (const SliceAssessment& gpu : gpus) add_types(types, host, gpu, names);
  types.may_narrow(1, 12);
  types.may_narrow(4, 12);
  for (const SliceAssessment& gpu : gpus) {
    if (gpu.slices.empty() && (!gpu.mig || gpu.mig->instances.empty())) continue;
    if (slices.empty()) slices.add({"SLICE", "KIND", "TYPE", "OF", "DRIVER", "GROUP", "STATE"});
    add_slices(slices, host, gpu);
    add_mig_instances(slices, host, gpu);
  }
  slices.may_narrow(6, 12);
  std::string text = types.to_string(view);
  if (!slices.empty()) text += '\n' + slices.to_string(view);
  std::string more;
  for (const SliceAssessment& gpu : gpus) more += remarks(host, gpu, view);
  if (!more.empty()) text += '\n' + more;
  return text;
}

}  // namespace gpupass
