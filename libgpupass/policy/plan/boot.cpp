// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codec/boot_file.hpp"
#include "gpupass/policy.hpp"
#include "policy/guard/guards.hpp"
#include "policy/plan/boot_bindings.hpp"
#include "policy/plan/rebind.hpp"
#include "policy/refuse.hpp"
#include "values/card.hpp"
#include "values/closure.hpp"
#include "values/lasting_identity.hpp"
#include "values/text.hpp"

namespace gpupass {

namespace {

using Bindings = std::vector<BootBinding>;

/// What is bound at boot now. @throws Error Refused where nobody knows: it would be overwritten.
Bindings present_bindings(const Host& host, const std::string& verb, const std::string& subject) {
  if (host.boot_bindings) return *host.boot_bindings;
  refuse(verb, subject,
         fmt::format("it is not known what is bound at boot: {}", why_unknown(host.boot_bindings)),
         fmt::format("remove {}, and bind with --persist again", kBootFile));
}

BootImages present_images(const Host& host, const std::string& verb, const std::string& subject) {
  BootImages images = known_boot_images(host, verb, subject);
  if (images.images.empty())
    refuse(verb, subject, "saw no boot image in /boot of a kernel in /lib/modules, expected one");
  return images;
}

/// @throws Error Refused where a hook is missing: the images would bind nothing.
void expect_hooks(const BootImages& images, const std::string& subject) {
  for (const OwnFile& hook : images.hooks)
    if (!hook.content)
      refuse("bind", subject,
             hook.content.absent()
                 ? fmt::format("saw no hook of gpupass at {}, expected one that binds at boot", hook.path)
                 : fmt::format("{} is not known: {}", hook.path, why_unknown(hook.content)),
             "gpupass boot install");
}

/// @throws Error Refused where an id is not known.
BootBinding binding_of(const PciFunction& function) {
  const std::string name = function.address.to_string();
  if (is_virtual(function))
    refuse("bind", name, "it is a virtual function, which does not exist yet when the host boots");
  const auto expect = [&](const Fact<std::uint16_t>& id, const char* what) {
    if (!id)
      refuse("bind", name,
             fmt::format("saw no {} id ({}), expected the id that a boot binding records", what,
                         why_unknown(id)));
  };
  expect(function.vendor, "vendor");
  expect(function.device, "device");
  expect(function.subsystem_vendor, "subsystem vendor");
  expect(function.subsystem_device, "subsystem device");
  return {function.address, lasting_identity(function)};
}

/// The guards look at displays in use now. A display on vfio-pci is not in use, but after the change no boot
/// would use it either.
void refuse_last_display(const Host& host, const std::vector<PciAddress>& closure, const Bindings& bindings,
                         const std::vector<PciAddress>& force) {
  std::vector<Finding> findings;
  const auto bound = [&](const PciFunction& function) {
    return std::ranges::any_of(bindings, [&](const BootBinding& binding) {
      return binding.address == function.address && is_device_of(binding, function) == Answer::Yes;
    });
  };
  const bool another = std::ranges::any_of(host.functions, [&](const PciFunction& function) {
    return can_show_console(function) && !bound(function);
  });
  for (const PciAddress address : closure) {
    if (std::ranges::find(force, address) != force.end()) continue;
    const PciFunction& function = function_at(host, address);
    const bool last = can_show_console(function) && !another;
    if (const auto missed = missed_display(function, last, " after the next boot"))
      findings.push_back(*missed);
  }
  if (!findings.empty()) refuse("bind", addresses_text(closure), findings);
}

/// @throws Error Refused for a function with a driver of VFIO's own: the boot images have vfio-pci alone.
void expect_vfio_pci(const Host& host, const std::vector<PciAddress>& closure) {
  for (const PciAddress address : closure)
    if (const std::string driver = vfio_driver_of(function_at(host, address)); driver != kVfioDriver)
      refuse("bind", address.to_string(),
             fmt::format("saw that {} is the driver of VFIO's for it, expected vfio-pci, which is the one "
                         "that boot images have",
                         driver),
             "bind it without --persist, after each boot");
}

std::string images_text(const BootImages& images) {
  std::vector<std::string> paths;
  for (const BootImage& image : images.images) paths.push_back(image.path);
  return fmt::format("{} rebuilds {}", images.tool == BootTool::Dracut ? "dracut" : "mkinitramfs",
                     fmt::join(paths, ", "));
}

void add_boot_step(Plan& plan, std::string summary, const std::string& why, const Bindings& before,
                   const Bindings& after, const BootImages& images) {
  std::string file = to_boot_file(before);
  if (!file.empty()) file.pop_back();
  plan.assumes.push_back({Assumption::Kind::Attribute, std::string(kBootFile), file});
  plan.steps.push_back({std::move(summary),
                        fmt::format("{}; {} is {}, and {}, each beside the old one", why, kBootFile,
                                    after.empty() ? "removed" : "written", images_text(images)),
                        SetBootBindings{after, images.tool, images.images},
                        SetBootBindings{before, images.tool, images.images}});
}

/// What the boots bind once these closures joined it.
Bindings with(const Host& host, Bindings bindings, const std::vector<PciAddress>& closure) {
  std::erase_if(bindings, [&](const BootBinding& binding) {
    return std::ranges::binary_search(closure, binding.address);
  });
  for (const PciAddress address : closure) bindings.push_back(binding_of(function_at(host, address)));
  std::ranges::sort(bindings, {}, &BootBinding::address);
  return bindings;
}

/// What they bind without these cards. A former function of a card may be gone today.
Bindings without(Bindings bindings, const std::vector<PciAddress>& named) {
  std::erase_if(bindings, [&](const BootBinding& binding) {
    return std::ranges::any_of(named, [&](PciAddress address) { return address.same_slot(binding.address); });
  });
  return bindings;
}

}  // namespace

void add_boot_bindings(Plan& plan, const Host& host, const std::vector<PciAddress>& gpus,
                       const std::vector<PciAddress>& force) {
  const std::vector<PciAddress> closure = closure_of(host, gpus);
  const std::string subject = addresses_text(gpus);
  const Bindings before = present_bindings(host, "bind", subject);
  const BootImages images = present_images(host, "bind", subject);
  expect_hooks(images, subject);
  expect_vfio_pci(host, closure);
  const Bindings after = with(host, before, closure);
  refuse_last_display(host, closure, after, force);
  if (plan.steps.empty()) plan.assumes = assumptions_of(host, closure);
  add_boot_step(plan, fmt::format("bind {} to vfio-pci on every boot", addresses_text(closure)), kAskedFor,
                before, after, images);
}

void remove_boot_bindings(Plan& plan, const Host& host, const std::vector<PciAddress>& named) {
  const std::string subject = addresses_text(named);
  const Bindings before = present_bindings(host, "release", subject);
  const Bindings after = without(before, named);
  if (after == before) return;
  add_boot_step(plan, fmt::format("no longer bind {} at boot", subject), kAskedFor, before, after,
                present_images(host, "release", subject));
}

Plan plan_bind_at_boot(const Host& host, const std::vector<PciAddress>& gpus, const BindOptions& options) {
  Plan plan = plan_bind(host, gpus, options);
  add_boot_bindings(plan, host, gpus, options.force);
  plan.notes.push_back(
      fmt::format("from the next boot on, until gpupass release --persist {}", addresses_as_arguments(gpus)));
  return plan;
}

Plan plan_release_at_boot(const Host& host, const std::vector<PciAddress>& gpus,
                          const std::vector<PciAddress>& unplugged) {
  Plan plan = gpus.empty() ? Plan() : release_now(host, gpus);
  std::vector<PciAddress> named = closure_of(host, gpus);
  named.insert(named.end(), unplugged.begin(), unplugged.end());
  remove_boot_bindings(plan, host, named);
  return plan;
}

BootPlans plan_boot(const Host& host) {
  WantedAtBoot wanted = wanted_at_boot(host);
  BootPlans result;
  result.findings = std::move(wanted.findings);
  for (const std::vector<PciAddress>& gpus : wanted.gpus) try {
      result.plans.push_back(plan_bind(host, gpus));
    } catch (const Error& error) {
      result.refusals.push_back(error);
    }
  return result;
}

}  // namespace gpupass
