// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/tree_system.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "gpupass/error.hpp"
#include "system/worker/worker.hpp"

namespace gpupass {

namespace {

/// The same folder, whatever the working directory of who asks.
std::string absolute(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  return real ? std::string(real.get()) : path;
}

}  // namespace

TreeSystem::TreeSystem(const SystemOptions& options)
    : ReadOnlySystem(options), root_(absolute(options.root)), files_(root_) {
  if (files_.list("/sys").absent())
    throw Error(
        ErrorCode::Malformed, options.root,
        fmt::format("cannot open {}: no folder \"sys\" in it, expected the root of a captured machine",
                    options.root));
}

Fact<CpuTopology> TreeSystem::cpu_topology() const {
  if (files_.list("/sys/devices/system/cpu").absent()) return Absent{};
  return Worker(deadline()).cpu_topology(root_);
}

}  // namespace gpupass
