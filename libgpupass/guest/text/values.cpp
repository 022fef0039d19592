// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guest/text/values.hpp"

#include <fmt/format.h>

#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/render.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) + 1 - first));
}

}  // namespace

std::optional<std::uint64_t> bytes_of(pugi::xml_node element) {
  return bytes_from(element.child_value(), element.attribute("unit").value());
}

Size size_of(std::uint64_t bytes) {
  std::uint64_t number = bytes / 1024;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB"}) {
    if (number % 1024 != 0) break;
    number /= 1024;
    unit = larger;
  }
  return {fmt::to_string(number), unit};
}

bool says(pugi::xml_attribute attribute, const CpuSet& cpus) {
  return attribute && CpuSet::parse(attribute.value()) == cpus;
}

std::optional<unsigned> vcpus_of(pugi::xml_node domain) {
  const pugi::xml_node vcpu = domain.child("vcpu");
  if (!vcpu) return std::nullopt;
  const auto number = parse_number<unsigned>(trimmed(vcpu.child_value()));
  if (!number || *number == 0)
    throw Error(ErrorCode::Malformed, "domain XML",
                fmt::format("cannot read the domain XML: saw \"{}\" as <vcpu>, expected a number from 1",
                            printable(vcpu.child_value())));
  return number;
}

bool has_uefi(pugi::xml_node domain) {
  const pugi::xml_node os = domain.child("os");
  return std::string_view(os.attribute("firmware").value()) == "efi" ||
         std::string_view(os.child("loader").attribute("type").value()) == "pflash";
}

std::string fit_for_xml(const std::string& text, const char* what) {
  if (text.empty() || printable(text) != text)
    throw Error(
        ErrorCode::Usage, printable(text),
        fmt::format("cannot write a domain: saw \"{}\" as {}, expected text without control characters",
                    printable(text), what));
  return text;
}

}  // namespace gpupass
