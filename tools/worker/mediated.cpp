// SPDX-License-Identifier: GPL-2.0-or-later
//
// Mediated devices that outlive a boot: libvirt has mdevctl keep them.
#include "values/mediated.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "connection.hpp"
#include "operations.hpp"

namespace gpupass {

namespace {

struct CloseNodeDevice {
  void operator()(virNodeDevicePtr device) const { virNodeDeviceFree(device); }
};
using NodeDeviceHandle = std::unique_ptr<virNodeDevice, CloseNodeDevice>;

std::string with_underscores(std::string text) {
  std::ranges::replace_if(text, [](char each) { return each == '-' || each == ':' || each == '.'; }, '_');
  return text;
}

/// The name that libvirt gives it: with its parent, but for early versions.
bool is_named(const MediatedDefinitionOrder& order, const std::string& name) {
  const std::string alone = "mdev_" + with_underscores(order.device.to_string());
  return name == alone || name == alone + '_' + with_underscores(order.parent.to_string());
}

/// One that is kept over boots, whether it is there now or not. nullptr: none is.
NodeDeviceHandle find_kept(const Connection& connection, const MediatedDefinitionOrder& order) {
  virNodeDevicePtr* list = nullptr;
  const int count = virConnectListAllNodeDevices(connection.handle, &list,
                                                 VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV |
                                                     VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE |
                                                     VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE);
  if (count < 0) throw libvirt_error("list", "mediated devices", connection.handle);
  NodeDeviceHandle found;
  for (int i = 0; i < count; ++i) {
    NodeDeviceHandle device(list[i]);
    if (is_named(order, virNodeDeviceGetName(device.get())) && virNodeDeviceIsPersistent(device.get()) == 1)
      found = std::move(device);
  }
  std::free(static_cast<void*>(list));
  return found;
}

std::string xml_of(const MediatedDefinitionOrder& order) {
  return fmt::format(
      "<device><parent>pci_{}</parent><capability type='mdev'><type id='{}'/><uuid>{}</uuid></capability>"
      "</device>",
      with_underscores(order.parent.to_string()), order.type, order.device.to_string());
}

}  // namespace

/// One that is there already stays as it is.
void carry_out(Connections& connections, const MediatedDefinitionOrder& order) {
  const std::string name = order.device.to_string();
  if (!order.device.is_mediated() || !is_mediated_type(order.type))
    throw Error(ErrorCode::Usage, name, fmt::format("cannot define {}: expected a UUID and a type", name));
  const Connection& connection = connections.read_write(order.uri);
  NodeDeviceHandle device = find_kept(connection, order);
  if (!order.at_boot) {
    if (device && virNodeDeviceUndefine(device.get(), 0) != 0)
      throw libvirt_error("undefine the mediated device", name, connection.handle);
    return;
  }
  if (!device) device.reset(virNodeDeviceDefineXML(connection.handle, xml_of(order).c_str(), 0));
  if (!device) throw libvirt_error("define the mediated device", name, connection.handle);
  if (virNodeDeviceSetAutostart(device.get(), *order.at_boot ? 1 : 0) != 0)
    throw libvirt_error("set at which boots to make the mediated device", name, connection.handle);
}

}  // namespace gpupass
