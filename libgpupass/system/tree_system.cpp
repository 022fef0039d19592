// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/tree_system.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "system/cpu_topology.hpp"

namespace gpupass {

TreeSystem::TreeSystem(const SystemOptions& options) : ReadOnlySystem(options), files_(options.root) {
  if (files_.list("/sys").absent())
    throw Error(
        ErrorCode::Malformed, options.root,
        fmt::format("cannot open {}: saw no folder \"sys\" in it, expected the root of a captured machine",
                    options.root));
}

void TreeSystem::answer(AnyExchange& exchange) const {
  ReadOnlySystem::answer(exchange);
  if (auto* cpus = std::get_if<Exchange<CpuTopologyQuestion>>(&exchange)) cpus->answer = cpu_topology(*this);
}

}  // namespace gpupass
