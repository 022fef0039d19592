// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/typed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policy/slice/offers.hpp"
#include "policy/slice/slices.hpp"
#include "values/number.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// Whether a driver makes any by type. Unknown: one of the functions does not tell what it has.
Answer tells_types(const std::vector<const PciFunction*>& functions, std::string& why) {
  bool makes = false;
  for (const PciFunction* function : functions) {
    const std::string name = function->address.to_string();
    if (!function->slicing)
      why = fmt::format("{}: {}", name, why_unknown(function->slicing));
    else if (function->slicing->mediated_types.unknown() || function->vgpu_type.unknown())
      why = fmt::format("{}: {}{}", name, function->slicing->mediated_types.why(), function->vgpu_type.why());
    else
      makes = makes || function->slicing->mediated_types || !function->slicing->creatable_vgpus.absent() ||
              function->vgpu_type;
    if (!why.empty()) return Answer::Unknown;
  }
  return makes ? Answer::Yes : Answer::No;
}

/// No function carries a vGPU, and one of them tells what it can become: then nothing is left out.
bool lists_all_vgpus(const std::vector<const PciFunction*>& functions) {
  bool any = false;
  for (const PciFunction* function : functions) {
    if (function->vgpu_type.value_or(0) != 0) return false;
    any = any || (function->slicing && !function->slicing->creatable_vgpus.value_or({}).empty());
  }
  return any;
}

bool has_vgpus(const std::vector<const PciFunction*>& functions) {
  return std::ranges::any_of(functions, [](const PciFunction* function) {
    return function->vgpu_type || (function->slicing && function->slicing->creatable_vgpus);
  });
}

void note_type(std::vector<KnownType>& types, SliceKind kind, const std::string& id,
               const std::string& name) {
  const auto same = [&](const KnownType& each) { return each.kind == kind && each.id == id; };
  const auto known = std::ranges::find_if(types, same);
  if (known == types.end())
    types.push_back({kind, id, name});
  else if (known->name.empty())
    known->name = name;
}

}  // namespace

Fact<std::vector<TypedSlice>> typed_slices(const Host& host, const PciFunction& gpu) {
  const std::vector<const PciFunction*> functions = sliced_functions(host, gpu);
  std::string why;
  switch (tells_types(functions, why)) {
    case Answer::No:
      return Absent{};
    case Answer::Unknown:
      return Unknown{why};
    case Answer::Yes:
      break;
  }
  std::vector<TypedSlice> slices;
  for (const PciFunction* function : functions) {
    for (const MediatedType& type : function->slicing->mediated_types.value_or({})) {
      if (!type.devices)
        return Unknown{fmt::format("mediated devices of {}: {}", type.type, why_unknown(type.devices))};
      for (const std::string& uuid : *type.devices)
        if (const auto device = DeviceId::parse(uuid))
          slices.push_back({SliceKind::Mediated, type.type, *device});
    }
    if (const unsigned type = function->vgpu_type.value_or(0))
      slices.push_back({SliceKind::Vgpu, fmt::to_string(type), function->address});
  }
  std::ranges::sort(slices, {}, &TypedSlice::device);
  return slices;
}

std::vector<KnownType> known_types(const Host& host, const PciFunction& gpu) {
  std::vector<KnownType> types;
  for (const PciFunction* function : sliced_functions(host, gpu)) {
    if (!function->slicing) continue;
    for (const MediatedType& type : function->slicing->mediated_types.value_or({}))
      note_type(types, SliceKind::Mediated, type.type, type.name.value_or(""));
    for (const VgpuType& type : function->slicing->creatable_vgpus.value_or({}))
      note_type(types, SliceKind::Vgpu, fmt::to_string(type.id), type.name);
    if (const unsigned type = function->vgpu_type.value_or(0))
      note_type(types, SliceKind::Vgpu, fmt::to_string(type), "");
  }
  return types;
}

Fact<KnownType> type_called(const Host& host, const PciFunction& gpu, const std::string& asked) {
  std::vector<KnownType> called = known_types(host, gpu);
  std::erase_if(called, [&](const KnownType& type) { return !is_called(type.id, type.name, asked); });
  if (called.size() == 1) return std::move(called.front());
  if (called.size() > 1)
    return Unknown{fmt::format("{} types are called {:?}: name one by its id", called.size(), asked)};
  const std::vector<const PciFunction*> functions = sliced_functions(host, gpu);
  std::string why;
  if (tells_types(functions, why) == Answer::Unknown) return Unknown{why};
  for (const PciFunction* function : functions)
    if (function->slicing->creatable_vgpus.unknown())
      return Unknown{function->slicing->creatable_vgpus.why()};
  if (!has_vgpus(functions) || lists_all_vgpus(functions)) return Absent{};
  if (parse_number<unsigned>(asked)) return KnownType{SliceKind::Vgpu, asked, ""};
  return Unknown{
      "NVIDIA's driver tells the names of those types alone that it can make now: the id is certain"};
}

}  // namespace gpupass
