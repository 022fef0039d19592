// SPDX-License-Identifier: LGPL-2.1-or-later
// The configuration space of a PCI function.
#include "probe/pci/config.hpp"

#include "fuzz.hpp"

void gpupass::fuzz(std::string_view input) {
  const auto config = parse_config(ConfigSpace(input));
  const auto serial = serial_offset(input);
  if (serial) expect(*serial + 8 <= input.size());
  if (config && config->serial) expect(serial.has_value());
}
