// SPDX-License-Identifier: LGPL-2.1-or-later
#include "apply/verify.hpp"

#include "apply/failure.hpp"
#include "codec/boot_file.hpp"
#include "codec/home_file.hpp"
#include "guest/model/domain_xml.hpp"

namespace gpupass {

namespace {

[[noreturn]] void fail(const std::string& subject, const std::string& saw, std::string_view expected) {
  throw failure(ErrorCode::Malformed, "plan a change of", subject, fmt::format("{:?}", saw), expected);
}

/// The kinds of change that carry names into paths, or say a thing twice.
struct Form {
  void operator()(const SetDriver& change) const {
    for (const std::string& name : {change.state.driver, change.state.driver_override})
      if (!name.empty() && !is_driver_name(name)) fail(change.device.to_string(), name, "a driver's name");
  }
  void operator()(const SetHome& change) const {
    if (!change.home) return;
    if (change.home->address != change.device)
      throw failure(ErrorCode::Malformed, "record the home of", change.device.to_string(),
                    change.home->address.to_string(), "the same address");
    (*this)(SetDriver{change.device, change.home->state});
  }
  void operator()(const LoadModule& change) const {
    // It becomes an argument of modprobe, and must not be taken for an option.
    if (!is_driver_name(change.module) || change.module.starts_with('-'))
      fail("modules", change.module, "the name of a module");
  }
  void operator()(const SetService& change) const {
    const bool service = change.unit.ends_with(".service") && change.unit.find('/') == change.unit.npos;
    if (!service || change.unit.starts_with('-')) fail("services", change.unit, "the name of a service");
  }
  void operator()(const SetDomain& change) const {
    if (!change.xml) return;
    if (const std::string name = domain_name(*change.xml); name != change.name)
      throw failure(ErrorCode::Malformed, "define domain", change.name, fmt::format("{:?} as its name", name),
                    "the same name");
  }
  void operator()(const SetBootBindings& change) const {
    if (std::string file = to_boot_file(change.bindings); !file.empty()) {
      file.pop_back();
      parse_boot_file(file);
    }
    for (const BootImage& image : change.images) {
      const bool named = image.path == "/boot/initrd.img-" + image.kernel ||
                         image.path == fmt::format("/boot/initramfs-{}.img", image.kernel);
      if (!named || !is_kernel_name(image.kernel))
        throw failure(ErrorCode::Malformed, "plan a change of", image.path,
                      fmt::format("kernel {:?}", image.kernel),
                      "/boot/initrd.img-KERNEL or /boot/initramfs-KERNEL.img");
    }
  }
  void operator()(const auto&) const {}
};

std::string unknown(const std::string& why) {
  return "unknown (" + why + ")";
}

/// The text of a fact; what is absent is empty.
std::string text(const Fact<std::string>& fact) {
  return fact.unknown() ? unknown(fact.why()) : fact.value_or("");
}

std::string link_seen(const System& system, const std::string& path) {
  const Fact<std::string> target = system.link(path);
  return target ? target->substr(target->rfind('/') + 1) : text(target);
}

std::string attribute_seen(const System& system, const std::string& path) {
  // Reading this one may wait for the device's lock for ever.
  return text(path.ends_with("/driver_override") ? system.read_guarded(path) : system.read(path));
}

std::string domain_seen(System& system, const std::string& name) {
  const Fact<DomainXml> domain = system.hypervisor().domain(name);
  return domain.unknown() ? unknown(domain.why()) : fingerprint(domain ? &*domain : nullptr);
}

/// What the machine says now, in the assumption's own terms.
std::string seen(System& system, const Assumption& assumption) {
  switch (assumption.kind) {
    case Assumption::Kind::Link:
      return link_seen(system, assumption.subject);
    case Assumption::Kind::Attribute:
      return attribute_seen(system, assumption.subject);
    case Assumption::Kind::Domain:
      return domain_seen(system, assumption.subject);
  }
  return {};
}

std::string quoted(const std::string& text) {
  return text.empty() ? "nothing" : text;
}

}  // namespace

void require_well_formed(const Plan& plan) {
  for (const Step& step : plan.steps) {
    std::visit(Form{}, step.change);
    if (step.undo) std::visit(Form{}, *step.undo);
  }
}

void require_fresh(System& system, const Plan& plan) {
  for (const Assumption& assumption : plan.assumes)
    if (const std::string now = seen(system, assumption); now != assumption.expected)
      throw Error(ErrorCode::Busy, assumption.subject,
                  fmt::format("cannot go by the plan for {}: saw {}, expected {}", assumption.subject,
                              quoted(now), quoted(assumption.expected)),
                  "the machine changed after it was looked at: try again");
}

}  // namespace gpupass
