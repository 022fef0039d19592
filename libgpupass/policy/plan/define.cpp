// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/units.hpp"
#include "guest/model/domain_xml.hpp"
#include "policy/asked.hpp"
#include "policy/guard/partial.hpp"
#include "policy/plan/guest.hpp"
#include "policy/plan/guest_slices.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/slice/givable.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/mediated.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The definition as libvirt must be given it.
std::string definition(const std::string& name, const std::string& xml, const DomainXml* existing) {
  if (const std::string own = domain_name(xml); own != name)
    throw Error(
        ErrorCode::Malformed, name,
        fmt::format("cannot define {}: saw {:?} as the name in the XML, expected {:?}", name, own, name));
  if (!existing) return xml;
  return with_uuid_of(existing->persistent ? existing->persistent_xml : existing->live_xml, xml);
}

/// "8 vCPUs and 64 GiB on node 1, with 0000:9a:00.0".
std::string words_for(const Placement& placement) {
  std::uint64_t memory = 0;
  std::string nodes;
  for (const Cell& cell : placement.cells) {
    memory += cell.memory_bytes;
    append_once(nodes, fmt::to_string(cell.node), " and ");
  }
  std::vector<DeviceId> devices = placement.gpus;
  devices.insert(devices.end(), placement.devices.begin(), placement.devices.end());
  const std::size_t vcpus = placement.vcpu_pins.size();
  return fmt::format("it gets {} vCPU{} and {} on node{} {}{}{}", vcpus, vcpus == 1 ? "" : "s",
                     format_size(memory), placement.cells.size() == 1 ? "" : "s", nodes,
                     devices.empty() ? "" : ", with ", addresses_text(devices));
}

void add_definition(Plan& plan, const DefineRequest& request, const std::string& xml,
                    const DomainXml* existing) {
  const std::string& name = request.name;
  SetDomain undo{name, std::nullopt};
  if (existing && existing->persistent) undo.xml = existing->persistent_xml;
  if (undo.xml == xml) return;
  plan.steps.push_back({(undo.xml ? "redefine guest " : "define guest ") + name, words_for(request.placement),
                        SetDomain{name, xml}, undo});
  if (undo.xml)
    plan.notes.push_back(fmt::format("gpupass undo brings the earlier definition of {} back", name));
  if (existing && existing->active)
    plan.notes.push_back(fmt::format("{} runs: the new definition takes effect at its next start", name));
}

/// Those that the definition has beside the placed ones: the guest starts with them, too.
void add_gpus_of(std::vector<PciAddress>& gpus, const Host& host, const std::string& xml) {
  for (const DeviceId device : claimed_devices(xml)) {
    const PciFunction* function = goes_as_it_is(host, device) ? nullptr : find_function(host, device);
    if (function && is_gpu(*function) && std::ranges::find(gpus, function->address) == gpus.end())
      gpus.push_back(function->address);
  }
}

void add_start(Plan& plan, const Host& host, const std::string& name,
               const std::vector<PciAddress>& functions) {
  plan.steps.push_back(
      {fmt::format("start guest {}", name), kAskedFor, SetPower{name, true}, SetPower{name, false}});
  append(plan, {assumptions_of(host, closure_of(host, functions)), {}, {}});
}

/// Devices with a driver of the host may be in use by the host: disks are mounted, network cards have
/// connections.
void note_leaving(Plan& plan, const Host& host, const std::vector<PciAddress>& devices) {
  for (const PciAddress address : devices)
    if (const PciFunction& device = function_at(host, address); device.driver && !on_vfio(device))
      plan.notes.push_back(fmt::format("{} leaves its driver {}: make sure that the host no longer needs it",
                                       address.to_string(), *device.driver));
}

void note_reboot_of_devices(Plan& plan, const std::string& name, const std::vector<PciAddress>& devices) {
  if (devices.empty()) return;
  plan.notes.push_back(
      fmt::format("{} must be on vfio-pci before {} starts: gpupass define --start does that, virsh start "
                  "does not; after a reboot gpupass bind --persist {} does",
                  addresses_text(devices), name, addresses_as_arguments(devices)));
}

/// A definition alone moves no device.
void note_partial(Plan& plan, const Host& host, const std::string& name,
                  const std::vector<PciAddress>& gpus) {
  for (const PciAddress gpu : gpus)
    if (const auto partial = partial_finding(host, function_at(host, gpu)))
      plan.notes.push_back(
          fmt::format("{}; before {} starts: gpupass bind {}", partial->message, name, gpu.to_string()));
}

}  // namespace

Plan plan_define(const Host& host, const DefineRequest& request) {
  const auto& [name, xml, placement, present, start, bind] = request;
  expect_asked(host, needs(Verb::Bind), "define", name);
  const DomainXml* existing = present ? &*present : nullptr;
  const std::string wanted = definition(name, xml, existing);
  const bool starts = start == Start::Yes && !(existing && existing->active);
  Plan plan;
  plan.assumes.push_back(assumption_of(name, existing));
  std::vector<PciAddress> gpus = functions_of(placement.gpus);
  add_gpus_of(gpus, host, wanted);
  const auto [devices, slices] = parted(host, placement.devices);
  std::vector<PciAddress> functions = gpus;
  functions.insert(functions.end(), devices.begin(), devices.end());
  if (starts) {
    refuse_other_guests(host, functions, name, "start");
    expect_givable(host, "start", name, slices);
    append(plan, plan_bind(host, gpus, devices, bind));
    note_leaving(plan, host, devices);
  }
  add_definition(plan, request, wanted, existing);
  if (starts) add_start(plan, host, name, functions);
  if (plan.steps.empty()) return {};
  if (!starts) note_partial(plan, host, name, gpus);
  note_other_wishes(plan, host, functions, name);
  note_reboot(plan, host, gpus);
  note_reboot_of_devices(plan, name, devices);
  note_slices(plan, host, name, slices);
  return plan;
}

}  // namespace gpupass
