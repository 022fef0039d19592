// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/state/recorded_slices.hpp"

#include <algorithm>
#include <utility>

#include "gpupass/error.hpp"
#include "gpupass/identity.hpp"
#include "policy/plan/file_step.hpp"
#include "values/declared_slices.hpp"
#include "values/lasting_identity.hpp"
#include "values/own_files.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// nullopt: there is no file.
std::optional<std::string> to_slices_file(std::vector<DeclaredGpu> gpus) {
  if (gpus.empty()) return std::nullopt;
  std::ranges::sort(gpus, {}, &DeclaredGpu::key);
  State state;
  state.gpus = std::move(gpus);
  std::string text = to_toml(state);
  text.pop_back();  // As it is read.
  return text;
}

}  // namespace

Fact<std::vector<DeclaredGpu>> recorded_slices(const Host& host) {
  if (!host.own_files) return Unknown{why_unknown(host.own_files)};
  const auto file = std::ranges::find(*host.own_files, kSlicesFile, &OwnFile::path);
  if (file == host.own_files->end() || file->content.absent()) return std::vector<DeclaredGpu>();
  if (!file->content) return Unknown{why_unknown(file->content)};
  try {
    State state = parse_state(*file->content, std::string(kSlicesFile));
    std::erase_if(state.gpus, [](const DeclaredGpu& gpu) { return !gpu.slices; });
    return std::move(state.gpus);
  } catch (const Error& error) {
    return Unknown{error.what()};
  }
}

const DeclaredGpu* recorded_at(const std::vector<DeclaredGpu>& recorded, PciAddress gpu) {
  const auto found = std::ranges::find(recorded, gpu.to_string(), &DeclaredGpu::key);
  return found == recorded.end() ? nullptr : &*found;
}

bool is_record_of(const DeclaredGpu& record, const PciFunction& gpu) {
  return record.key == gpu.address.to_string() &&
         likeness(record.identity, identity_of(gpu)) != Likeness::Other;
}

std::optional<DeclaredGpu> record_of(const PciFunction& gpu, const DeclaredSlices& slices) {
  if (!slices.boot.value_or(true) || !wants_slices(slices)) return std::nullopt;
  DeclaredGpu record;
  record.key = gpu.address.to_string();
  record.identity = lasting_identity(gpu);
  record.slices = slices;
  record.slices->boot = std::nullopt;
  return record;
}

bool is_recorded(const std::vector<DeclaredGpu>& recorded, PciAddress gpu,
                 const std::optional<DeclaredGpu>& record) {
  const DeclaredGpu* present = recorded_at(recorded, gpu);
  if (!present || !record) return !present && !record;
  return to_slices_file({*present}) == to_slices_file({*record});
}

void add_record_step(Plan& plan, const std::vector<DeclaredGpu>& recorded,
                     const std::vector<std::pair<PciAddress, std::optional<DeclaredGpu>>>& records) {
  std::vector<DeclaredGpu> all = recorded;
  for (const auto& [gpu, record] : records) {
    std::erase_if(all, [&](const DeclaredGpu& each) { return each.key == gpu.to_string(); });
    if (record) all.push_back(*record);
  }
  const auto before = to_slices_file(recorded), after = to_slices_file(std::move(all));
  if (before != after)
    add_file_step(plan,
                  after ? "record what each boot cuts GPUs into" : "no longer cut GPUs into slices at boot",
                  "it is declared so", std::string(kSlicesFile), before, after);
}

}  // namespace gpupass
