// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "system/read_only_system.hpp"

namespace gpupass {

/// A machine made of the paths that a test names, folders on the way included. Links are not followed: what
/// is read stands under the path by which it is asked for. It counts what is asked.
class MemorySystem final : public ReadOnlySystem {
 public:
  MemorySystem() = default;
  MemorySystem(const MemorySystem& other) : ReadOnlySystem(), content_(other.content_) {}

  MemorySystem& file(const std::string& path, const std::string& content);
  MemorySystem& symlink(const std::string& path, const std::string& target);
  MemorySystem& denied(const std::string& path, const std::string& reason = "Permission denied");
  MemorySystem& folder(const std::string& path);
  MemorySystem& topology(Fact<CpuTopology> cpus);
  MemorySystem& guests(Fact<std::vector<DomainXml>> guests);

  /// The paths of all files, ascending.
  std::vector<std::string> files() const;
  /// The paths that were read, listed or followed so far.
  const std::set<std::string>& asked() const { return asked_; }

  Fact<std::string> read(std::string_view path) const override;
  Fact<std::vector<std::string>> list(std::string_view path) const override;
  Fact<std::string> link(std::string_view path) const override;
  Fact<std::string> read_guarded(std::string_view path) const override;

 private:
  void answer(AnyExchange& exchange) const override;
  struct Content {
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> links;
    std::map<std::string, std::string> denied;
    std::set<std::string> folders;
    Fact<CpuTopology> cpus = Absent{};
    Fact<std::vector<DomainXml>> guests = Absent{};
  };
  Fact<std::string> at(const std::map<std::string, std::string>& kind, std::string_view path) const;

  Content content_;
  mutable std::set<std::string> asked_;
};

/// A small PCI machine: a GPU 10de:2330 at 0000:02:00.0 below the root port 0000:00:01.0, both in IOMMU group
/// 7, on node 1 of 0 and 1, with its audio function 0000:02:00.1, and a network card elsewhere.
MemorySystem machine_with_gpu();

}  // namespace gpupass
