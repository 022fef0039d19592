// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "gpupass/finding.hpp"
#include "gpupass/host.hpp"
#include "guest/model/memory.hpp"

/// The parts of check_definition(). Each adds its findings; an unknown fact of the host is not a fault.
namespace gpupass {

/// A definition under examination, on the host where it shall run.
class DomainCheck {
 public:
  DomainCheck(const Host& host, pugi::xml_node domain);

  const Host& host() const { return host_; }
  pugi::xml_node domain() const { return domain_; }
  const std::string& name() const { return name_; }
  pugi::xml_node devices() const { return domain_.child("devices"); }

  /// The nodes of the host that a guest's cell has its memory from; nullopt: the definition leaves it open.
  std::optional<CpuSet> backing_of(unsigned cell) const { return memory_nodes_.of(cell); }

  void fail(const char* id, std::string message, std::string remedy) {
    add(id, Verdict::Fail, name_, std::move(message), std::move(remedy));
  }
  void add(const char* id, Verdict verdict, std::string subject, std::string message, std::string remedy) {
    add({id, verdict, std::move(subject), std::move(message), std::move(remedy)});
  }
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  std::vector<Finding> findings() && { return std::move(findings_); }

 private:
  const Host& host_;
  pugi::xml_node domain_;
  std::string name_;
  MemoryNodes memory_nodes_;
  std::vector<Finding> findings_;
};

/// CPUs that guests are pinned to, and nodes that their memory comes from.
void check_cpus(DomainCheck& check);
void check_nodes(DomainCheck& check);
/// Whether vCPUs, memory and GPUs are near to each other, as the guest is told.
void check_locality(DomainCheck& check);
/// Whether the huge pages that it needs are free now.
void check_pages(DomainCheck& check);
/// Whether all of its memory may be locked.
void check_locked_memory(DomainCheck& check);
/// Whether QEMU takes the host's devices behind the guest's own IOMMU.
void check_iommu(DomainCheck& check);
/// Functions of the host, and whether each is the device that the definition was written for.
void check_devices(DomainCheck& check);
/// Bus numbers of the guest, and which GPUs are below which expander.
void check_buses(DomainCheck& check);
/// Whether the guest has addresses for the memory of all its cards.
void check_window(DomainCheck& check);

}  // namespace gpupass
