// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "guest/check/definition.hpp"
#include "policy/place/gpu.hpp"
#include "policy/settings.hpp"

namespace gpupass {

namespace {

/// The GPUs of the base. A copy has as many, of gpupass's choice: the others stay with the guest that it is
/// from.
Request with_gpus_of_base(const Request& request, const Host& host, const Base& base) {
  Request kept = keep_gpus(request, host, base.xml);
  if (base.use == Base::Use::Patch || request == kept) return kept;
  if (kept.gpus.empty())
    throw Error(ErrorCode::Refused, request.name,
                fmt::format("cannot make {} from another guest: saw no GPU there but slices, which stay with "
                            "that guest: {}",
                            request.name, fmt::join(kept.devices, ", ")),
                "say which slices or GPUs the new guest is to have, with --slice, --gpu or --gpus");
  Request counted = request;
  counted.gpu_count = static_cast<unsigned>(kept.gpus.size());
  return counted;
}

/// A device of the base that is not there now keeps the guest from starting, but not the definition from
/// being patched.
void excuse_devices_of_base(std::vector<Finding>& findings, const std::vector<Finding>& of_base) {
  for (Finding& finding : findings)
    if ((finding.id == "domain.device-missing" || finding.id == "gpu.bridge") &&
        std::ranges::find(of_base, finding) != of_base.end())
      finding.verdict = Verdict::Warn;
}

/// Whether the definition keeps a device because its base has it. The user means a device that he names,
/// whatever the base says of it.
bool is_kept(const std::string& address, const Request& asked, const CheckedDefinition& checked) {
  const auto& devices = checked.base_devices;
  if (std::ranges::find(devices, address) != devices.end()) return asked.devices.empty();
  return asked.gpus.empty() && !asked.gpu_count;
}

}  // namespace

MadeDefinition make_definition(const Host& host, const Request& asked, const Request& completed,
                               const Base& base) {
  MadeDefinition made;
  made.request = with_defaults(host, with_gpus_of_base(completed, host, base));
  made.placement = place(host, made.request);
  CheckedDefinition checked = write_checked(host, made.request, made.placement, base);
  made.xml = std::move(checked.xml);
  made.findings = std::move(checked.findings);
  std::ranges::move(warnings_of(host, made.request, made.placement), std::back_inserter(made.findings));
  excuse_devices_of_base(made.findings, checked.base_findings);
  if (base.use == Base::Use::Patch)
    for (const Finding& finding : checked.base_findings)
      if (finding.id == "device.identity" && is_kept(finding.subject, asked, checked))
        made.findings.push_back(finding);
  return made;
}

void expect_sound(const MadeDefinition& definition) {
  std::vector<Finding> failures;
  std::ranges::copy_if(definition.findings, std::back_inserter(failures),
                       [](const Finding& finding) { return finding.verdict == Verdict::Fail; });
  const std::string& name = definition.request.name;
  if (!failures.empty())
    throw Error(ErrorCode::Refused, name, fmt::format("cannot write the definition of {}", name), failures);
}

}  // namespace gpupass
