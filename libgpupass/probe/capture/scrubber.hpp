// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "gpupass/capture.hpp"

namespace gpupass {

/// Puts stand-ins of the same form in the place of serial numbers, MAC addresses and UUIDs. What differs in
/// case or separators alone is the same identifier.
class Scrubber {
 public:
  /// Gives each identifier a stand-in when it is met for the first time.
  Scrubber() = default;
  /// Puts in what is known; any other identifier stays.
  explicit Scrubber(Pseudonyms known) : pseudonyms_(std::move(known)), learning_(false) {}

  const Pseudonyms& pseudonyms() const { return pseudonyms_; }

  /// A text with UUIDs and MAC addresses anywhere in it.
  std::string text(std::string_view original);
  /// A domain's definition: what is read of it, with stand-ins.
  std::string domain_xml(const std::string& original);
  /// A Device Serial Number: 16 hexadecimal digits.
  std::string device_serial(const std::string& original);
  /// What a device or its driver says of itself, whatever its form.
  std::string identifier(const std::string& original);
  /// The record of where a function belongs.
  std::string home(const std::string& original);
  /// A configuration space, for the Device Serial Number in it.
  std::string config(std::string bytes);

 private:
  std::string uuid(std::string_view original);
  std::string hardware_address(std::string_view original);

  /// The stand-in of an identifier; `make` forms a new one from a number that no other has.
  template <typename Make>
  std::string stand_in(const std::string& identifier, Make make);

  Pseudonyms pseudonyms_;
  bool learning_ = true;
};

}  // namespace gpupass
