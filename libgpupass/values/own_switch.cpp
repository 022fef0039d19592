// SPDX-License-Identifier: LGPL-2.1-or-later
#include "values/own_switch.hpp"

#include <algorithm>

#include "values/card.hpp"

namespace gpupass {

namespace {

/// Whether it is such a port, or nothing says that it is not.
bool may_be(const PciFunction& port, ExpressType type) {
  return !port.config || !port.config->express || *port.config->express == type;
}

bool leads_to_slot(const PciFunction& port) {
  return port.config && port.config->slot.value_or(false);
}

const PciFunction* parent_of(const Host& host, const PciFunction& function) {
  return function.parent ? find_function(host, *function.parent) : nullptr;
}

/// Whether one port of the switch, and no other, has GPUs below it.
bool has_gpus_below_one_port(const Host& host, const PciFunction& top) {
  const PciFunction* only = nullptr;
  for (const PciFunction& gpu : host.functions) {
    if (!is_gpu(gpu)) continue;
    const PciFunction* port = parent_of(host, gpu);
    if (!port || parent_of(host, *port) != &top) continue;
    if (only && only != port) return false;
    only = port;
  }
  return only != nullptr;
}

}  // namespace

const PciFunction* own_switch(const Host& host, const PciFunction& function) {
  if (is_virtual(function) || !function.vendor) return nullptr;
  const PciFunction* port = parent_of(host, function);
  const PciFunction* top = port ? parent_of(host, *port) : nullptr;
  if (!top || !top->parent) return nullptr;  // A root port has no parent.
  if (port->vendor != function.vendor || top->vendor != function.vendor) return nullptr;
  if (!may_be(*port, ExpressType::DownstreamPort) || !may_be(*top, ExpressType::UpstreamPort)) return nullptr;
  return !leads_to_slot(*port) && has_gpus_below_one_port(host, *top) ? top : nullptr;
}

const PciFunction& at_slot(const Host& host, const PciFunction& function) {
  const PciFunction* own = own_switch(host, function);
  return own ? *own : function;
}

}  // namespace gpupass
