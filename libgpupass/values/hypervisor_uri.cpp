// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <string>

#include "gpupass/domain.hpp"
#include "values/lower.hpp"

namespace gpupass {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

/// In lower case, with each %HH decoded: so libvirt compares the names of parameters.
std::string as_compared(std::string_view name) {
  std::string text = lower(name);
  for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    const std::string_view digits = std::string_view(text).substr(at + 1, 2);
    if (digits.size() < 2 || digits.find_first_not_of(kHex) != digits.npos) continue;
    const char decoded = static_cast<char>(kHex.find(digits[0]) << 4 | kHex.find(digits[1]));
    text.replace(at, 3, lower({&decoded, 1}));
  }
  return text;
}

}  // namespace

bool runs_program(std::string_view uri) {
  constexpr std::string_view kSeparators = "?&;#";
  for (std::size_t at = uri.find('?'); at < uri.size(); at = uri.find_first_of(kSeparators, at + 1)) {
    const std::string_view parameter = uri.substr(at + 1, uri.find_first_of(kSeparators, at + 1) - at - 1);
    if (as_compared(parameter.substr(0, parameter.find('='))) == "command") return true;
  }
  return false;
}

bool is_remote_uri(std::string_view uri) {
  const auto scheme = uri.find("://");
  if (scheme == uri.npos) return !uri.empty();  // An alias of libvirt.conf may stand for any host.
  // Behind any other transport, be it a program or a tunnel, another machine may answer.
  const std::string_view driver = uri.substr(0, scheme);
  if (const auto plus = driver.find('+'); plus != driver.npos && driver.substr(plus) != "+unix") return true;
  std::string_view host = uri.substr(scheme + 3);
  host = host.substr(0, std::min(host.find_first_of("/?#"), host.size()));
  if (const auto user = host.rfind('@'); user != host.npos) host.remove_prefix(user + 1);
  return !host.empty();
}

bool is_in_process_uri(std::string_view uri) {
  return uri.starts_with("test:") || uri.starts_with("qemu:///embed");
}

}  // namespace gpupass
