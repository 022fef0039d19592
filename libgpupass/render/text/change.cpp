// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/change.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "codec/boot_file.hpp"

namespace gpupass {

namespace {

std::string or_none(const std::string& driver) {
  return driver.empty() ? "none" : driver;
}

std::string words(const SetHome& change) {
  const std::string device = change.device.to_string();
  if (!change.home) return fmt::format("forget where {} belongs", device);
  return fmt::format("write down that {} belongs to driver {}", device, or_none(change.home->state.driver));
}

std::string words(const SetDriver& change) {
  const std::string device = change.device.to_string();
  if (change.kernel_chooses) return fmt::format("let the kernel choose the driver of {}", device);
  return fmt::format("set the driver of {} to {}, its override to {}", device, or_none(change.state.driver),
                     or_none(change.state.driver_override));
}

std::string words(const SetD3cold& change) {
  return fmt::format("{} the kernel to cut the power of {}", change.allowed ? "allow" : "forbid",
                     change.device.to_string());
}

std::string words(const SetService& change) {
  return (change.running ? "start " : "stop ") + change.unit;
}

std::string words(const SetPersistence& change) {
  return fmt::format("switch the persistence mode of {} {}", change.device.to_string(),
                     change.on ? "on" : "off");
}

std::string words(const LoadModule& change) {
  return "load module " + change.module;
}

std::string words(const SetDomain& change) {
  return (change.xml ? "set the definition of domain " : "undefine domain ") + change.name;
}

std::string words(const SetMetadata& change) {
  return change.xml.empty()
             ? fmt::format("forget which devices the definition of domain {} means", change.domain)
             : fmt::format("write down which devices the definition of domain {} means", change.domain);
}

std::string words(const SetPower& change) {
  return (change.running ? "start domain " : "stop domain ") + change.domain +
         (change.running ? "" : " at once");
}

std::string words(const SetDevice& change) {
  return fmt::format("{} {} {} domain {}{}", change.present ? "give" : "take", change.device.to_string(),
                     change.present ? "to" : "from", change.domain,
                     change.scope == Scope::Live ? ", as it runs" : "'s definition");
}

std::string words(const SetBootBindings& change) {
  std::vector<std::string> devices, images;
  for (const BootBinding& binding : change.bindings) devices.push_back(binding.address.to_string());
  for (const BootImage& image : change.images) images.push_back(image.path);
  return fmt::format("bind {} at boot: {} {}, build {}",
                     devices.empty() ? "nothing" : fmt::format("{}", fmt::join(devices, ", ")),
                     devices.empty() ? "remove" : "write", kBootFile, fmt::join(images, ", "));
}

}  // namespace

std::string words_for(const Change& change) {
  return std::visit([](const auto& what) { return words(what); }, change);
}

std::string_view words_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done:
      return "done";
    case Outcome::Already:
      return "already so";
    case Outcome::RolledBack:
      return "failed; everything was undone, the host is as it was found";
    case Outcome::RollbackIncomplete:
      return "failed, and not all of it could be undone: see the steps above";
    case Outcome::Pending:
      return "pending: the guest has not let go yet";
    case Outcome::Wedged:
      break;
  }
  return "wedged: the kernel did not return from a write; the device needs a reboot of the host";
}

}  // namespace gpupass
