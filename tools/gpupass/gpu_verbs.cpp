// SPDX-License-Identifier: GPL-2.0-or-later
#include "gpu_verbs.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "carry_out.hpp"
#include "gpupass/error.hpp"
#include "machine.hpp"
#include "options/attach_options.hpp"

namespace gpupass {

int move_gpus(const Invocation& invocation, Verb verb, const PlanOfGpus& plan) {
  expect_arguments(invocation, 1, kAnyNumber);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(verb), now.arguments);
    Selection selection = chosen_gpus(now, host, now.arguments);
    Plan made = plan(host, selection.gpus);
    return {std::move(host), std::move(made), std::move(selection.passed_over)};
  });
}

int move_gpus_of_guest(const Invocation& invocation, Verb verb, const PlanOfGuest& plan) {
  expect_arguments(invocation, 2, kAnyNumber);
  const AttachOptions options = attach_options(invocation);
  const NamedDevices named = named_devices(invocation);
  const auto system = open_machine(invocation);
  return carry_out(invocation, *system, [&](const Invocation& now) -> Prepared {
    Host host = look(now, *system, needs(verb), named.gpus);
    const DomainXml domain = present_domain(now, *system, now.arguments.front());
    Selection selection;
    if (!named.gpus.empty()) selection = chosen_gpus(now, host, named.gpus);
    Plan made = plan(host, domain, all_devices(selection.gpus, named.mediated), options);
    return {std::move(host), std::move(made), std::move(selection.passed_over)};
  });
}

NamedDevices named_devices(const Invocation& invocation) {
  NamedDevices named;
  for (const std::string& name : std::span(invocation.arguments).subspan(1))
    if (const auto device = DeviceId::parse(name); device && device->is_mediated())
      named.mediated.push_back(*device);
    else
      named.gpus.push_back(name);
  return named;
}

std::vector<DeviceId> all_devices(const std::vector<PciAddress>& gpus,
                                  const std::vector<DeviceId>& mediated) {
  std::vector<DeviceId> devices(gpus.begin(), gpus.end());
  devices.insert(devices.end(), mediated.begin(), mediated.end());
  return devices;
}

PciAddress only_gpu(const Invocation& invocation, const std::vector<PciAddress>& gpus,
                    const std::string& name) {
  if (gpus.size() == 1) return gpus.front();
  throw Error(ErrorCode::Usage, name,
              fmt::format("cannot {} {}: saw a name of {} GPUs, expected one of one", invocation.verb->name,
                          name, gpus.size()),
              "name one GPU at a time");
}

}  // namespace gpupass
