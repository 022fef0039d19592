// SPDX-License-Identifier: LGPL-2.1-or-later
// The configuration of mig-parted, in YAML: what is read is written so that it reads the same.
#include "gpupass/mig.hpp"

#include "fuzz.hpp"

void gpupass::fuzz(std::string_view input) {
  attempt([&] {
    const std::string text = to_mig_file(parse_mig_file(input, "fuzz"));
    expect(to_mig_file(parse_mig_file(text, "again")) == text);
  });
}
