// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/settings.hpp"

#include "values/lasting_identity.hpp"
#include "values/sort_unique.hpp"

namespace gpupass {

namespace {

template <typename T>
void fill(std::optional<T>& wanted, const std::optional<T>& usual) {
  if (!wanted) wanted = usual;
}

}  // namespace

Settings settings_of(const Host& host) {
  return host.settings.value_or(Settings());
}

Request with_defaults(const Host& host, Request request) {
  if (!host.settings) return request;
  const RequestDefaults& defaults = host.settings->defaults;
  fill(request.numa, defaults.numa);
  fill(request.page_size_bytes, defaults.page_size_bytes);
  fill(request.virt_type, defaults.virt_type);
  fill(request.firmware, defaults.firmware);
  return request;
}

std::vector<std::string> may_stop(const Host& host, std::vector<std::string> named) {
  if (!host.settings) return named;
  named.insert(named.end(), host.settings->stop.begin(), host.settings->stop.end());
  sort_unique(named);
  return named;
}

std::string name_of(const Host& host, const PciFunction& gpu) {
  if (!host.settings) return {};
  for (const GpuName& name : host.settings->names)
    if (may_mean(name, gpu)) return name.name;
  return {};
}

}  // namespace gpupass
