// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>

#include "connection.hpp"
#include "operations.hpp"

namespace gpupass {

Fact<std::vector<std::string>> answer(Connections& connections, const ListNetworks& question) {
  const Daemon daemon = question.may_start_daemon ? Daemon::MayStart : Daemon::MustRun;
  const Connection* connection = connections.read_only(question.uri, daemon);
  if (!connection) return Absent{};
  virNetworkPtr* list = nullptr;
  const int count = virConnectListAllNetworks(connection->handle, &list, VIR_CONNECT_LIST_NETWORKS_ACTIVE);
  if (count < 0) throw libvirt_error("list the networks of", question.uri, connection->handle);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.emplace_back(virNetworkGetName(list[i]));
    virNetworkFree(list[i]);
  }
  std::free(static_cast<void*>(list));
  std::ranges::sort(names);
  return names;
}

}  // namespace gpupass
