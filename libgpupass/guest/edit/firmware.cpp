// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "guest/edit/domain.hpp"
#include "guest/model/buses.hpp"
#include "guest/text/values.hpp"

namespace gpupass {

namespace {

/// Removes the present choice of firmware, because libvirt accepts only one way to choose it.
void forget_choice(Definition& text) {
  for (const char* choice : {"firmware", "loader", "nvram"})
    if (const pugi::xml_node element = text.child("os").child(choice)) text.remove(element);
}

bool has_feature(const Definition& text, const char* name) {
  const pugi::xml_node feature =
      text.child("os").child("firmware").find_child_by_attribute("feature", "name", name);
  return std::string_view(feature.attribute("enabled").value()) == "yes";
}

/// Firmware that starts what Microsoft's keys have signed, and nothing else. It is guarded from the guest by
/// system management mode.
void set_secure_boot(Definition& text) {
  if (!has_uefi(text.root()) || !is_q35(text.root()))
    throw Error(
        ErrorCode::Usage, "secure boot",
        fmt::format("cannot write a domain with secure boot: saw {} on machine \"{}\", expected UEFI on q35",
                    has_uefi(text.root()) ? "UEFI" : "BIOS",
                    printable(text.child("os").child("type").attribute("machine").value())));
  const bool by_hand =
      std::string_view(text.child("os").child("loader").attribute("secure").value()) == "yes";
  if (!by_hand && !(has_feature(text, "secure-boot") && has_feature(text, "enrolled-keys"))) {
    forget_choice(text);
    text.set(text.child("os"), "firmware", "efi");
    pugi::xml_document scratch;
    pugi::xml_node firmware = scratch.append_child("firmware");
    for (const char* name : {"enrolled-keys", "secure-boot"}) {
      pugi::xml_node feature = firmware.append_child("feature");
      feature.append_attribute("enabled") = "yes";
      feature.append_attribute("name") = name;
    }
    text.insert(text.child("os"), firmware);
  }
  set_feature(text, "smm");
}

}  // namespace

void set_firmware(Definition& text, const Request& request) {
  if (request.firmware && has_uefi(text.root()) != (*request.firmware == Firmware::Uefi)) {
    forget_choice(text);
    if (*request.firmware == Firmware::Uefi)
      text.set(text.child("os"), "firmware", "efi");
    else if (const pugi::xml_attribute automatic = text.child("os").attribute("firmware"))
      text.remove(text.child("os"), automatic);
  }
  if (request.secure_boot) set_secure_boot(text);
}

}  // namespace gpupass
