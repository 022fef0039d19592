// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/words.hpp"

namespace gpupass {

std::string_view word(Answer answer) {
  switch (answer) {
    case Answer::Yes:
      return "yes";
    case Answer::No:
      return "no";
    case Answer::Unknown:
      break;
  }
  return "unknown";
}

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass:
      return "pass";
    case Verdict::Warn:
      return "warn";
    case Verdict::Fail:
      return "fail";
    case Verdict::Unknown:
      break;
  }
  return "unknown";
}

std::string_view word(GpuState state) {
  switch (state) {
    case GpuState::Host:
      return "host";
    case GpuState::Vfio:
      return "vfio";
    case GpuState::Assigned:
      return "assigned";
    case GpuState::Unbound:
      return "unbound";
    case GpuState::Sliced:
      return "sliced";
    case GpuState::Wedged:
      return "wedged";
    case GpuState::Unknown:
      break;
  }
  return "unknown";
}

std::string_view word(Role role) {
  switch (role) {
    case Role::Gpu:
      return "gpu";
    case Role::Companion:
      return "companion";
    case Role::Bridge:
      return "bridge";
    case Role::Other:
      break;
  }
  return "other";
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done:
      return "done";
    case Outcome::Already:
      return "already";
    case Outcome::RolledBack:
      return "rolled-back";
    case Outcome::RollbackIncomplete:
      return "rollback-incomplete";
    case Outcome::Pending:
      return "pending";
    case Outcome::Wedged:
      break;
  }
  return "wedged";
}

std::string_view word(Assumption::Kind kind) {
  switch (kind) {
    case Assumption::Kind::Link:
      return "link";
    case Assumption::Kind::Attribute:
      return "attribute";
    case Assumption::Kind::Domain:
      break;
  }
  return "domain";
}

std::string_view word(Scope scope) {
  return scope == Scope::Live ? "live" : "config";
}

std::string_view word(BootTool tool) {
  return tool == BootTool::Dracut ? "dracut" : "initramfs-tools";
}

std::string_view word(ExpressType type) {
  switch (type) {
    case ExpressType::Endpoint:
      return "endpoint";
    case ExpressType::LegacyEndpoint:
      return "legacy endpoint";
    case ExpressType::RootPort:
      return "root port";
    case ExpressType::UpstreamPort:
      return "switch upstream port";
    case ExpressType::DownstreamPort:
      return "switch downstream port";
    case ExpressType::PcieToPciBridge:
      return "PCIe to PCI bridge";
    case ExpressType::PciToPcieBridge:
      return "PCI to PCIe bridge";
    case ExpressType::RootComplexEndpoint:
      return "root complex endpoint";
    case ExpressType::RootComplexEventCollector:
      return "event collector";
  }
  return "PCIe function";
}

Answer answer_of(const Fact<bool>& fact) {
  if (fact) return *fact ? Answer::Yes : Answer::No;
  return fact.absent() ? Answer::No : Answer::Unknown;
}

std::string_view class_word(std::uint32_t class_code) {
  switch (class_code >> 8) {
    case 0x0300:
      return "VGA";
    case 0x0302:
      return "3D controller";
    case 0x0108:
      return "NVMe";
    case 0x0403:
      return "audio";
    case 0x0600:
      return "host bridge";
    case 0x0601:
      return "ISA bridge";
    case 0x0604:
      return "PCI bridge";
    case 0x0c03:
      return "USB";
    default:
      break;
  }
  switch (class_code >> 16) {
    case 0x01:
      return "storage";
    case 0x02:
      return "network";
    case 0x03:
      return "display";
    case 0x06:
      return "bridge";
    case 0x12:
      return "accelerator";
    default:
      return "device";
  }
}

}  // namespace gpupass
