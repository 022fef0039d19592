// SPDX-License-Identifier: LGPL-2.1-or-later
// Short texts: sets of CPUs, addresses, sizes, URIs, and what a terminal gets to see.
#include "fuzz.hpp"
#include "gpupass/cpu_set.hpp"
#include "gpupass/device.hpp"
#include "gpupass/domain.hpp"
#include "gpupass/pci.hpp"
#include "gpupass/render.hpp"
#include "gpupass/units.hpp"
#include "guest/model/domain_xml.hpp"
#include "guest/model/libvirt_values.hpp"

void gpupass::fuzz(std::string_view input) {
  const std::string text(input);
  if (const auto cpus = CpuSet::parse(input)) expect(CpuSet::parse(cpus->to_string()) == cpus);
  if (const auto address = PciAddress::parse(input))
    expect(PciAddress::parse(address->to_string()) == address);
  DeviceId::parse(input);
  parse_size(input);
  parse_any_base(input);
  set_from(input);
  bytes_from(text, "");
  bytes_from("16", text);
  is_remote_uri(input);
  runs_program(input);
  const std::string shown = printable(input);
  for (const char letter : shown) expect(static_cast<unsigned char>(letter) >= ' ' && letter != 0x7f);
}
