// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>

#include "gpupass/policy.hpp"
#include "guest/check/identities.hpp"
#include "guest/model/domain_xml.hpp"
#include "policy/asked.hpp"
#include "policy/plan/file_step.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/own_files.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

/// The file as it is. nullopt: there is none.
std::optional<std::string> present_hook(const Host& host, const std::string& verb) {
  const std::string path(kHookFile);
  expect_asked(host, needs(Verb::Hook), verb, path);
  const auto file = std::ranges::find(*host.own_files, path, &OwnFile::path);
  if (file == host.own_files->end() || file->content.absent()) return std::nullopt;
  if (!file->content)
    refuse(verb, path, fmt::format("the file is not known: {}", why_unknown(file->content)));
  return *file->content;
}

/// The host, with the guests left out: who asks libvirt in its hook waits for ever.
Host without_domains(const Host& host) {
  Host seen = host;
  seen.domains = Absent{};
  return seen;
}

/// A virtual function that its vendor's driver gives to guests itself stays on that driver.
bool is_for_vfio(const PciFunction& gpu) {
  return is_gpu(gpu) && !(is_virtual(gpu) && gpu.driver && !on_vfio(gpu));
}

std::vector<PciAddress> gpus_in(const Host& host, const std::string& xml) {
  std::vector<PciAddress> gpus;
  for (const DeviceId device : claimed_devices(xml))
    if (const PciFunction* function = find_function(host, device); function && is_for_vfio(*function))
      gpus.push_back(function->address);
  return gpus;
}

void refuse_another_device(const Host& host, const std::string& guest, const std::string& xml) {
  std::vector<Finding> findings;
  for (const auto& [address, doubt] : identity_doubts(host, guest, xml))
    if (doubt.finding.verdict == Verdict::Fail) findings.push_back(doubt.finding);
  if (!findings.empty()) refuse("start", guest, findings);
}

}  // namespace

Plan plan_guest_start(const Host& host, const std::string& guest, const std::string& xml) {
  const std::vector<PciAddress> gpus = gpus_in(host, xml);
  if (gpus.empty()) return {};
  const Host seen = without_domains(host);
  refuse_another_device(seen, guest, xml);
  return plan_bind(seen, gpus, {.guest = guest});
}

Plan plan_guest_end(const Host& host, const std::string& guest, const std::string& xml) {
  std::vector<PciAddress> bound;
  for (const PciAddress gpu : gpus_in(host, xml))
    if (const Home* home = find_home(host, gpu); home && home->guest == guest) bound.push_back(gpu);
  return bound.empty() ? Plan() : plan_release(without_domains(host), bound);
}

Plan plan_hook_install(const Host& host, const std::string& content) {
  const std::string path(kHookFile);
  const auto before = present_hook(host, "install");
  if (before == content) return {};
  Plan plan;
  add_file_step(plan, fmt::format("{} {}", before ? "replace" : "install", path),
                before ? "the file is not the one of this version"
                       : "libvirt asks it about each guest, whoever starts the guest",
                path, before, content);
  if (!before)
    plan.notes.push_back(
        "libvirt looks for hooks when its daemon starts: restart libvirtd or virtqemud once; running guests "
        "go on");
  return plan;
}

Plan plan_hook_remove(const Host& host) {
  const std::string path(kHookFile);
  const auto before = present_hook(host, "remove");
  Plan plan;
  if (before)
    add_file_step(plan, "remove " + path, "guests start without gpupass from now on", path, before,
                  std::nullopt);
  return plan;
}

}  // namespace gpupass
