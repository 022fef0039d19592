// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/offers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "policy/refuse.hpp"
#include "policy/slice/makers.hpp"
#include "policy/slice/slices.hpp"
#include "values/lower.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

void add_offer(std::vector<Offer>& offers, SliceKind kind, const std::string& type, const std::string& name,
               const PciFunction& function) {
  auto offer =
      std::ranges::find_if(offers, [&](const Offer& each) { return each.kind == kind && each.type == type; });
  if (offer == offers.end()) offer = offers.insert(offers.end(), {kind, type, name, {}});
  offer->functions.push_back(&function);
}

std::vector<Offer> offers_of(const std::vector<const PciFunction*>& functions) {
  std::vector<Offer> offers;
  for (const PciFunction* function : functions) {
    if (!function->slicing) continue;
    for (const MediatedType& type : function->slicing->mediated_types.value_or({}))
      if (type.available.value_or(0) > 0)
        add_offer(offers, SliceKind::Mediated, type.type, type.name.value_or(""), *function);
    if (!function->vgpu_type || *function->vgpu_type != 0) continue;
    for (const VgpuType& type : function->slicing->creatable_vgpus.value_or({}))
      add_offer(offers, SliceKind::Vgpu, fmt::to_string(type.id), type.name, *function);
  }
  return offers;
}

/// "1145 (NVIDIA L40S-1B)".
std::string words_of(const Offer& offer) {
  return offer.name.empty() ? offer.type : fmt::format("{} ({})", offer.type, offer.name);
}

std::string list_of(const std::vector<Offer>& offers) {
  std::vector<std::string> words;
  for (const Offer& offer : offers) words.push_back(words_of(offer));
  return fmt::format("{}", fmt::join(words, ", "));
}

/// What of all this cannot be read, so that a type may be missing for that reason alone.
std::string what_is_unknown(const std::vector<const PciFunction*>& functions) {
  for (const PciFunction* function : functions) {
    const std::string name = function->address.to_string();
    if (function->vgpu_type.unknown()) return fmt::format("{}: {}", name, function->vgpu_type.why());
    if (!function->slicing) return fmt::format("{}: {}", name, why_unknown(function->slicing));
    const Slicing& slicing = *function->slicing;
    if (slicing.mediated_types.unknown()) return fmt::format("{}: {}", name, slicing.mediated_types.why());
    if (slicing.creatable_vgpus.unknown()) return fmt::format("{}: {}", name, slicing.creatable_vgpus.why());
    for (const MediatedType& type : slicing.mediated_types.value_or({}))
      if (type.available.unknown()) return fmt::format("{}: {}", name, type.available.why());
  }
  return {};
}

/// Whether any of them could have slices by type, or has some.
bool makes_types(const std::vector<const PciFunction*>& functions) {
  return std::ranges::any_of(functions, [](const PciFunction* function) {
    return function->slicing && (function->slicing->mediated_types || function->slicing->creatable_vgpus);
  });
}

[[noreturn]] void refuse_gpu_without_types(const PciFunction& gpu) {
  const std::string name = gpu.address.to_string();
  if (gpu.sriov && gpu.sriov->total_vfs > 0 && gpu.sriov->vfs == 0) {
    const std::string remedy = vf_obstacle(gpu).remedy;
    refuse(kSliceVerb, name, "its driver makes no slices by type while it has no virtual functions",
           remedy.empty() ? fmt::format("gpupass slice create {} --vfs N", name) : remedy);
  }
  refuse(kSliceVerb, name, "its driver makes no slices by type",
         "types come with a driver for vGPUs, such as NVIDIA's; gpupass slices tells what each GPU can be "
         "cut into");
}

}  // namespace

Parts parts_for_slices() {
  Parts parts = needs(Verb::Slice);
  parts.mig = false;
  return parts;
}

bool is_called(const std::string& type, const std::string& name, const std::string& asked) {
  if (type == asked) return true;
  const std::string full = lower(name), part = lower(asked);
  return !part.empty() && (full == part || full == "nvidia " + part || full == "grid " + part);
}

Offer offer_called(const Host& host, const PciFunction& gpu, const std::string& type) {
  const std::string name = gpu.address.to_string();
  const std::vector<const PciFunction*> functions = sliced_functions(host, gpu);
  const std::string unknown = what_is_unknown(functions);
  if (!makes_types(functions) && unknown.empty()) refuse_gpu_without_types(gpu);
  std::vector<Offer> offers = offers_of(functions);
  std::vector<Offer> called;
  std::ranges::copy_if(offers, std::back_inserter(called),
                       [&](const Offer& offer) { return is_called(offer.type, offer.name, type); });
  if (called.size() == 1) return std::move(called.front());
  if (called.size() > 1)
    refuse(kSliceVerb, name, fmt::format("saw {} types called {:?}, expected one", called.size(), type),
           "name one by its id: " + list_of(called));
  if (!unknown.empty())
    refuse(kSliceVerb, name, fmt::format("whether type {:?} can be made is not known: {}", type, unknown),
           kRunAsRoot);
  const std::string why = fmt::format(
      "type {:?} cannot be made now: this GPU has no such type, has no room for it, or its slices must all "
      "be of "
      "another one",
      type);
  refuse(kSliceVerb, name, why,
         offers.empty() ? "none can be made now: gpupass slices shows those that there are"
                        : "these can be made: " + list_of(offers));
}

}  // namespace gpupass
