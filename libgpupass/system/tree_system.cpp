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
        fmt::format("cannot open {}: saw no folder \"sys\" in it, expected the root of a captured machine",
                    options.root));
}

void TreeSystem::answer(AnyExchange& exchange) const {
  ReadOnlySystem::answer(exchange);
  if (auto* cpus = std::get_if<Exchange<CpuTopologyQuestion>>(&exchange))
    if (!files_.list("/sys/devices/system/cpu").absent())
      cpus->answer = Worker(options().worker, options().deadline).ask(ReadCpuTopology{root_});
}

}  // namespace gpupass
