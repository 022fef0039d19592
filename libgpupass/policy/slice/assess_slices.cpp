// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gpupass/policy.hpp"
#include "policy/asked.hpp"
#include "policy/slice/makers.hpp"
#include "policy/slice/mig_now.hpp"
#include "policy/slice/slices.hpp"
#include "values/card.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

const std::string kVfioPci = "vfio-pci";
const Unknown kNotListed{"the driver names only types that it can make now"};

SliceType virtual_functions_of(const PciFunction& gpu, const VfObstacle& obstacle) {
  const Sriov& sriov = *gpu.sriov;
  SliceType type;
  type.name = type.description = Absent{};
  type.device_api = kVfioPci;
  type.existing = sriov.vfs;
  // Another number goes through 0, and how many the driver really makes is its own affair.
  const bool no_driver = gpu.driver.absent() || on_vfio(gpu);
  type.capacity = SliceCapacity{0, no_driver ? 0 : sriov.total_vfs - sriov.vfs};
  if (gpu.driver.unknown()) type.capacity = Unknown{obstacle.why};
  return type;
}

void add_one(Fact<unsigned>& sum, const Fact<unsigned>& more) {
  if (!sum) return;
  if (more)
    *sum += *more;
  else
    sum = Unknown{why_unknown(more)};
}

/// What one parent has room for is certain. Several parents that are virtual functions of one GPU share its
/// memory.
void add_capacity(Fact<SliceCapacity>& sum, const Fact<unsigned>& available) {
  if (!sum) return;
  if (available)
    sum = SliceCapacity{std::max(sum->least, *available), sum->most + *available};
  else
    sum = Unknown{why_unknown(available)};
}

/// By the name of the type.
using Types = std::map<std::string, SliceType>;

void add_mediated(const Slicing& slicing, Types& types) {
  for (const MediatedType& type : slicing.mediated_types.value_or({})) {
    const auto [place, is_new] = types.try_emplace(type.type);
    SliceType& known = place->second;
    if (is_new)
      known = {SliceKind::Mediated, type.type, type.name,      type.description,
               type.device_api,     0u,        SliceCapacity{}};
    if (type.devices)
      add_one(known.existing, static_cast<unsigned>(type.devices->size()));
    else
      add_one(known.existing, type.devices.without_value<unsigned>());
    add_capacity(known.capacity, type.available);
  }
}

/// The driver lists what it would make of a virtual function: then one can be made, and each that is made
/// takes memory that the others share. A type that is in use is listed no more, so its name may be gone.
void add_vgpus(const PciFunction& function, Types& types) {
  const auto entry = [&](unsigned id) -> SliceType& {
    const auto [place, is_new] = types.try_emplace(fmt::format("{:010}", id));
    if (is_new)
      place->second = {SliceKind::Vgpu, fmt::to_string(id), kNotListed, Absent{}, kVfioPci, 0u,
                       SliceCapacity{}};
    return place->second;
  };
  const unsigned now = function.vgpu_type.value_or(0);
  if (now != 0) add_one(entry(now).existing, 1u);
  for (const VgpuType& type : function.slicing->creatable_vgpus.value_or({})) {
    SliceType& known = entry(type.id);
    known.name = type.name;
    if (now == 0 && function.vgpu_type) known.capacity = SliceCapacity{1, known.capacity->most + 1};
  }
}

/// What one function does not tell may be room for more.
template <typename T>
void doubt(Types& types, const Fact<T>& fact) {
  if (!fact.unknown()) return;
  for (auto& [name, type] : types) type.capacity = Unknown{fact.why()};
}

template <typename T>
void note_unknown(std::vector<std::string>& unknown, const Fact<T>& fact, std::string what) {
  if (fact.unknown()) unknown.push_back(fmt::format("{}: {}", what, fact.why()));
}

/// One line for all types of a function: the reason is the same most often.
template <typename T>
void note_types(std::vector<std::string>& unknown, const Slicing& slicing, const std::string& function,
                Fact<T> MediatedType::* fact, const char* what) {
  std::size_t count = 0;
  const MediatedType* first = nullptr;
  for (const MediatedType& type : *slicing.mediated_types)
    if ((type.*fact).unknown() && ++count == 1) first = &type;
  if (!first) return;
  const std::string others = count > 1 ? fmt::format(" and {} more", count - 1) : "";
  unknown.push_back(
      fmt::format("{} of {}{} of {}: {}", what, first->type, others, function, (first->*fact).why()));
}

std::vector<std::string> unknown_of(const Host& host, const std::vector<const PciFunction*>& functions) {
  std::vector<std::string> unknown;
  for (const PciFunction* function : functions) {
    const std::string name = function->address.to_string();
    const auto note = [&](const auto& fact, const char* what) {
      note_unknown(unknown, fact, fmt::format("{} of {}", what, name));
    };
    note(function->sriov, "SR-IOV");
    note(function->virtual_functions, "virtual functions");
    note(function->driver, "driver");
    note(function->vgpu_type, "vGPU type");
    if (!function->slicing) continue;
    const Slicing& slicing = *function->slicing;
    note(slicing.drivers_autoprobe, "sriov_drivers_autoprobe");
    note(slicing.sriov_admin, "sriov_admin");
    note(slicing.mediated_types, "types of mediated devices");
    note(slicing.creatable_vgpus, "creatable types of vGPU");
    if (!slicing.mediated_types) continue;
    note_types(unknown, slicing, name, &MediatedType::available, "available instances");
    note_types(unknown, slicing, name, &MediatedType::devices, "mediated devices");
  }
  note_unknown(unknown, host.domains, "guests that have slices");
  note_unknown(unknown, host.holders, "processes that hold slices");
  const bool mediated = std::ranges::any_of(functions, [](const PciFunction* function) {
    return function->slicing && function->slicing->mediated_types;
  });
  if (mediated) note_unknown(unknown, host.mediated_definitions, "mediated devices that boots make");
  return unknown;
}

SliceAssessment assess_one(const Host& host, const PciFunction& gpu,
                           const std::vector<Assessment>& assessments) {
  const std::vector<const PciFunction*> functions = sliced_functions(host, gpu);
  SliceAssessment assessment;
  assessment.gpu = gpu.address;
  assessment.sriov = gpu.sriov;
  assessment.drivers_autoprobe = gpu.slicing->drivers_autoprobe;
  assessment.sriov_admin = gpu.slicing->sriov_admin;
  if (gpu.sriov && gpu.sriov->total_vfs > 0) {
    const VfObstacle obstacle = vf_obstacle(gpu);
    assessment.types.push_back(virtual_functions_of(gpu, obstacle));
    assessment.how = obstacle.why + (obstacle.remedy.empty() ? "" : ": " + obstacle.remedy);
  }
  Types mediated, vgpus;
  for (const PciFunction* function : functions)
    if (function->slicing) {
      add_mediated(*function->slicing, mediated);
      add_vgpus(*function, vgpus);
    }
  for (const PciFunction* function : functions) {
    if (function->slicing) doubt(mediated, function->slicing->mediated_types);
    if (function->slicing) doubt(vgpus, function->slicing->creatable_vgpus);
    doubt(vgpus, function->vgpu_type);
  }
  for (Types* types : {&mediated, &vgpus})
    for (auto& [name, type] : *types) assessment.types.push_back(std::move(type));
  for (SliceType& type : mig_types(host, gpu)) assessment.types.push_back(std::move(type));
  assessment.slices = slices_of(host, functions, assessments);
  assessment.unknown = unknown_of(host, functions);
  assessment.mig = assess_mig(gpu, assessment.unknown);
  return assessment;
}

/// Those that the user named; all physical GPUs, if he named none.
std::vector<const PciFunction*> chosen(const Host& host, const std::vector<PciAddress>& gpus) {
  std::vector<const PciFunction*> functions;
  for (const PciAddress address : gpus) functions.push_back(&function_at(host, address));
  if (!gpus.empty()) return functions;
  for (const PciFunction& function : host.functions)
    if (is_gpu(function) && !is_virtual(function)) functions.push_back(&function);
  return functions;
}

/// Of each function that may be a slice of these.
std::vector<Assessment> assess_all(const Host& host, const std::vector<const PciFunction*>& gpus) {
  std::vector<PciAddress> addresses;
  for (const PciFunction* gpu : gpus)
    for (const PciFunction* function : sliced_functions(host, *gpu)) addresses.push_back(function->address);
  return assess(host, addresses);
}

}  // namespace

std::vector<SliceAssessment> assess_slices(const Host& host, const std::vector<PciAddress>& gpus) {
  expect_asked(host, needs(Verb::Slices), "tell the slices of", gpus.empty() ? "GPUs" : addresses_text(gpus));
  const std::vector<const PciFunction*> functions = chosen(host, gpus);
  const std::vector<Assessment> each = assess_all(host, functions);
  std::vector<SliceAssessment> assessments;
  for (const PciFunction* gpu : functions)
    if (gpu->slicing) assessments.push_back(assess_one(host, *gpu, each));
  return assessments;
}

}  // namespace gpupass
