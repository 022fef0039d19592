// SPDX-License-Identifier: LGPL-2.1-or-later
// What depends on the system that runs in the guest.
#include <string_view>

#include "guest/edit/domain.hpp"

namespace gpupass {

namespace {

/// One of Hyper-V's interfaces, for Windows. A definition that already sets the interface, or passes all of
/// the host's through, stays as it is.
void add_hyperv(Definition& text, const char* name, const char* key = nullptr, const char* value = nullptr) {
  pugi::xml_document scratch;
  pugi::xml_node hyperv = scratch.append_child("hyperv");
  hyperv.append_attribute("mode") = "custom";
  pugi::xml_node wanted = hyperv.append_child(name);
  wanted.append_attribute("state") = "on";
  if (key) wanted.append_attribute(key) = value;
  const pugi::xml_node present = features_of(text).child("hyperv");
  if (!present)
    text.insert(features_of(text), hyperv);
  else if (std::string_view(present.attribute("mode").value()) != "passthrough" && !present.child(name))
    text.insert(present, wanted);
}

void set_hyperv(Definition& text) {
  add_hyperv(text, "relaxed");
  add_hyperv(text, "vapic");
  add_hyperv(text, "spinlocks", "retries", "8191");
  for (const char* name : {"vpindex", "runtime", "synic", "stimer", "reset", "frequencies"})
    add_hyperv(text, name);
}

/// Windows keeps local time in its clock, and reads Hyper-V's rather than the HPET.
void set_clock(Definition& text) {
  pugi::xml_document scratch;
  pugi::xml_node clock = scratch.append_child("clock");
  clock.append_attribute("offset") = "localtime";
  if (!text.child("clock")) text.insert(text.root(), clock);
  if (std::string_view(text.child("clock").attribute("offset").value()) == "utc")
    text.set(text.child("clock"), "offset", "localtime");
  for (const auto& [name, present] : {std::pair{"hpet", "no"}, std::pair{"hypervclock", "yes"}}) {
    if (text.child("clock").find_child_by_attribute("timer", "name", name)) continue;
    pugi::xml_node timer = scratch.append_child("timer");
    timer.append_attribute("name") = name;
    timer.append_attribute("present") = present;
    text.insert(text.child("clock"), timer);
  }
}

/// Some guests' drivers ask whether they run in a virtual machine, and who says so.
void hide_hypervisor(Definition& text) {
  pugi::xml_document scratch;
  pugi::xml_node kvm = scratch.append_child("kvm");
  kvm.append_child("hidden").append_attribute("state") = "on";
  if (!features_of(text).child("kvm"))
    text.insert(features_of(text), kvm);
  else if (const pugi::xml_node hidden = features_of(text).child("kvm").child("hidden"))
    text.set(hidden, "state", "on");
  else
    text.insert(features_of(text).child("kvm"), kvm.child("hidden"));
  add_hyperv(text, "vendor_id", "value", "gpupass");
}

}  // namespace

pugi::xml_node features_of(Definition& text) {
  if (const pugi::xml_node present = text.child("features")) return present;
  pugi::xml_document scratch;
  return text.insert(text.root(), scratch.append_child("features"));
}

void set_feature(Definition& text, const char* name) {
  pugi::xml_document scratch;
  pugi::xml_node wanted = scratch.append_child(name);
  wanted.append_attribute("state") = "on";
  if (const pugi::xml_node present = features_of(text).child(name))
    text.set(present, "state", "on");
  else
    text.insert(features_of(text), wanted);
}

void set_guest(Definition& text, const Request& request) {
  if (request.guest == GuestSystem::Windows) {
    set_hyperv(text);
    set_clock(text);
  }
  if (request.hide_hypervisor) hide_hypervisor(text);
}

void add_tpm(Definition& text, const Request& request) {
  if (!request.tpm || devices_of(text).child("tpm")) return;
  pugi::xml_document scratch;
  pugi::xml_node tpm = scratch.append_child("tpm");
  tpm.append_attribute("model") = "tpm-crb";
  pugi::xml_node backend = tpm.append_child("backend");
  backend.append_attribute("type") = "emulator";
  backend.append_attribute("version") = "2.0";
  text.insert(devices_of(text), tpm);
}

}  // namespace gpupass
