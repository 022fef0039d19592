// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/slice/mig_guards.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "policy/guard/guards.hpp"
#include "policy/slice/mig_cards.hpp"
#include "policy/slice/slices.hpp"
#include "values/card.hpp"
#include "values/shell_word.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

Finding busy_finding(const PciFunction& gpu, Verdict verdict, std::string message, std::string remedy) {
  return {"gpu.in-use", verdict, gpu.address.to_string(), std::move(message), std::move(remedy)};
}

/// How those go that have it open.
std::string ending_of(const std::vector<DeviceUser>& users) {
  std::set<std::string> services;
  std::set<int> strangers;
  for (const DeviceUser& user : users)
    if (user.service.empty())
      strangers.insert(user.pid);
    else
      services.insert(shell_word(user.service));
  std::vector<std::string> commands;
  if (!services.empty()) commands.push_back(fmt::format("systemctl stop {}", fmt::join(services, " ")));
  if (!strangers.empty()) commands.push_back(fmt::format("kill {}", fmt::join(strangers, " ")));
  return fmt::format("end them, and start them again afterwards: {}", fmt::join(commands, "; "));
}

}  // namespace

bool is_reset_for_mig(const PciFunction& gpu) {
  const MigCard* card = find_mig_card(gpu);
  return card && card->reset_for_mode;
}

std::vector<Finding> vgpus_on(const Host& host, const PciFunction& gpu) {
  std::vector<Finding> findings;
  const auto add = [&](const char* id, const std::string& slice, const std::string& what) {
    findings.push_back({id, Verdict::Fail, gpu.address.to_string(),
                        fmt::format("{} of it may have one of its MIG instances: {}", what, slice),
                        "gpupass slice destroy " + slice});
  };
  for (const PciFunction* function : sliced_functions(host, gpu)) {
    if (function->vgpu_type.value_or(0) != 0) add("gpu.vgpu", function->address.to_string(), "a vGPU");
    if (!function->slicing) continue;
    for (const MediatedType& type : function->slicing->mediated_types.value_or({}))
      for (const std::string& uuid : type.devices.value_or({}))
        add("gpu.has-mdevs", uuid, "a mediated device");
  }
  return findings;
}

std::vector<Finding> openers_of(const Host& host, const PciFunction& gpu) {
  const std::string name = gpu.address.to_string();
  std::vector<Finding> findings = users_of(host, gpu.address, {gpu.address});
  if (host.users.unknown())
    findings.push_back(busy_finding(gpu, Verdict::Unknown,
                                    fmt::format("it is not known who uses {}: {}", name, host.users.why()),
                                    kRunAsRoot));
  std::vector<DeviceUser> users;
  std::set<std::string> told;
  for (const DeviceUser& user : host.users.value_or({})) {
    if (user.device != gpu.address) continue;
    users.push_back(user);
    told.insert(fmt::format("{} (process {})", user.command, user.pid));
  }
  if (!users.empty())
    findings.push_back(
        busy_finding(gpu, Verdict::Fail,
                     fmt::format("{} is open in {}, and the driver changes the MIG mode only of a "
                                 "GPU that nobody has open",
                                 name, fmt::join(told, ", ")),
                     ending_of(users)));
  return findings;
}

std::vector<Finding> computing_on(const PciFunction& gpu, const MigGpuInstance& instance,
                                  const std::string& name) {
  std::vector<Finding> findings;
  const auto unknown = [&](const std::string& why) {
    findings.push_back(
        busy_finding(gpu, Verdict::Unknown,
                     fmt::format("it is not known who computes on its MIG instance {}: {}", name, why),
                     "nvidia-smi lists the processes on each instance"));
  };
  if (!instance.compute) unknown(why_unknown(instance.compute));
  for (const MigComputeInstance& each : instance.compute.value_or({})) {
    if (!each.processes) {
      unknown(why_unknown(each.processes));
    } else if (!each.processes->empty()) {
      const std::string pids = fmt::format("{}", fmt::join(*each.processes, " "));
      findings.push_back(busy_finding(gpu, Verdict::Fail,
                                      fmt::format("processes compute on its MIG instance {}: {}", name, pids),
                                      "end them: kill " + pids));
    }
  }
  return findings;
}

}  // namespace gpupass
