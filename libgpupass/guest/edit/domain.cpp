// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/domain.hpp"

#include <fmt/format.h>

#include "gpupass/error.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/render.hpp"
#include "guest/model/buses.hpp"

namespace gpupass {

namespace {

/// A base of another kind would need another patch: Xen and containers give devices away in their own ways.
void check_type(pugi::xml_node domain) {
  const std::string type = domain.attribute("type").value();
  if (type != "kvm" && type != "qemu")
    throw Error(
        ErrorCode::Refused, "domain XML",
        fmt::format("cannot patch the domain XML: saw type \"{}\", expected kvm or qemu", printable(type)));
  const std::string machine = domain.child("os").child("type").attribute("arch").as_string("x86_64");
  if (machine != "x86_64" && machine != "i686")
    throw Error(
        ErrorCode::Refused, "domain XML",
        fmt::format("cannot patch the domain XML: saw a guest of architecture \"{}\", expected x86_64",
                    printable(machine)));
  const pugi::xml_node type_of_os = domain.child("os").child("type");
  const std::string_view board = type_of_os.attribute("machine").value();
  if (!type_of_os || board == "isapc" || board == "microvm")
    throw Error(ErrorCode::Refused, "domain XML",
                fmt::format("cannot patch the domain XML: saw {}, expected a machine with PCI, as q35",
                            type_of_os ? fmt::format("the machine \"{}\"", board) : "no <type> in <os>"),
                "add <os><type machine='q35'>hvm</type></os>");
}

/// Another one would be a second root bus.
void check_root(pugi::xml_node domain) {
  if (!is_q35(domain)) return;
  for (const pugi::xml_node controller : domain.child("devices").children("controller")) {
    const std::string_view type = controller.attribute("type").value(),
                           model = controller.attribute("model").value();
    if (type == "pci" && controller.attribute("index").as_int(-1) == 0 && !model.empty() &&
        model != "pcie-root")
      throw Error(
          ErrorCode::Refused, "domain XML",
          fmt::format(
              "cannot patch the domain XML: saw the root bus \"{}\" of a machine q35, expected pcie-root",
              printable(model)),
          "write <controller type='pci' index='0' model='pcie-root'/>");
  }
}

}  // namespace

void write_domain(Definition& text, const Host& host, const Request& request, const Placement& placement) {
  check_type(text.root());
  check_root(text.root());
  set_type(text, request);
  set_name(text, request);
  set_firmware(text, request);
  set_guest(text, request);
  set_memory(text, request, placement);
  set_vcpus(text, placement);
  set_cpu(text, host, request, placement);
  remove_former_cards(text, host, placement);
  remove_former_mediated(text, placement);
  add_disks(text, request, placement);
  add_media(text, request, placement);
  add_networks(text, request);
  add_tpm(text, request);
  add_cards(text, host, request, placement);
  add_mediated(text, host, placement);
  set_iommu(text);
  raise_limits(text);
  set_window(text, host);
  set_metadata(text, host, placement);
}

std::string render_domain(const Host& host, const Request& request, const Placement& placement,
                          std::string_view base) {
  Definition text(base.empty() ? new_domain(request) : std::string(base));
  write_domain(text, host, request, placement);
  return text.text();
}

}  // namespace gpupass
