// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/edit/qemu.hpp"

#include <string>
#include <string_view>

#include "guest/model/qemu.hpp"
#include "guest/text/element.hpp"
#include "guest/text/xml_names.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// "qemu:" or what stands in front of a name in an element of that namespace.
std::string prefix_of(pugi::xml_node element) {
  const std::string_view name = element.name();
  return std::string(name.substr(0, name.size() - local_name(element).size()));
}

pugi::xml_node child_of(pugi::xml_node parent, std::string_view name) {
  return parent.find_child([&](pugi::xml_node child) { return local_name(child) == name; });
}

/// The prefix that the root declares for the namespace, made where there is none.
std::string declared_prefix(Definition& text) {
  constexpr std::string_view kDeclaration = "xmlns:";
  for (const pugi::xml_attribute attribute : text.root().attributes())
    if (const std::string_view name = attribute.name();
        name.starts_with(kDeclaration) && std::string_view(attribute.value()) == kQemuNamespace)
      return std::string(name.substr(kDeclaration.size())) + ":";
  text.set(text.root(), "xmlns:qemu", std::string(kQemuNamespace));
  return "qemu:";
}

void make_child(Definition& text, const std::string& name) {
  if (qemu_child(text.root(), name)) return;
  const std::string prefix = declared_prefix(text);
  pugi::xml_document scratch;
  text.insert(text.root(), scratch.append_child((prefix + name).c_str()));
}

/// A property of the device with this alias, instead of the one of that name that it has.
void put_property(Definition& text, const std::string& alias, const std::string& name, const char* type,
                  const std::string& value) {
  make_child(text, "override");
  const std::string prefix = prefix_of(qemu_child(text.root(), "override"));
  pugi::xml_document scratch;
  pugi::xml_node device = scratch.append_child((prefix + "device").c_str());
  device.append_attribute("alias") = alias.c_str();
  pugi::xml_node frontend = device.append_child((prefix + "frontend").c_str());
  pugi::xml_node property = frontend.append_child((prefix + "property").c_str());
  property.append_attribute("name") = name.c_str();
  property.append_attribute("type") = type;
  property.append_attribute("value") = value.c_str();

  const pugi::xml_node present = qemu_device(text.root(), alias);
  const pugi::xml_node properties = child_of(present, "frontend");
  if (const pugi::xml_node former = qemu_property(text.root(), alias, name)) {
    if (!same(former, property)) text.replace(former, property);
  } else if (!present) {
    text.insert(qemu_child(text.root(), "override"), device);
  } else if (!properties) {
    text.insert(present, frontend);
  } else {
    text.insert(properties, property);
  }
}

}  // namespace

void add_qemu_argument(Definition& text, const std::string& value) {
  make_child(text, "commandline");
  const pugi::xml_node commandline = qemu_child(text.root(), "commandline");
  pugi::xml_document scratch;
  pugi::xml_node argument = scratch.append_child((prefix_of(commandline) + "arg").c_str());
  argument.append_attribute("value") = value.c_str();
  text.insert(commandline, argument);
}

void set_qemu_property(Definition& text, const std::string& alias, const std::string& name,
                       std::uint64_t value) {
  const auto now =
      parse_number<std::uint64_t>(qemu_property(text.root(), alias, name).attribute("value").value());
  if (!now || *now < value) put_property(text, alias, name, "unsigned", std::to_string(value));
}

void set_qemu_flag(Definition& text, const std::string& alias, const std::string& name) {
  put_property(text, alias, name, "bool", "true");
}

}  // namespace gpupass
