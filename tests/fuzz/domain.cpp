// SPDX-License-Identifier: LGPL-2.1-or-later
// The definition of a guest: shown, checked, patched and copied.
#include <fstream>
#include <sstream>

#include "fuzz.hpp"
#include "gpupass/capture.hpp"
#include "gpupass/guest.hpp"
#include "gpupass/probe.hpp"
#include "guest/edit/capturable.hpp"
#include "guest/model/domain_facts.hpp"

namespace gpupass {

namespace {

Host example() {
  std::ostringstream text;
  text << std::ifstream(GPUPASS_SOURCE_DIR "/examples/hosts/snc2-4gpu.host").rdbuf();
  return probe(*open_capture(text.str(), "example.host"), {Parts::everything(), {}});
}

}  // namespace

void fuzz(std::string_view input) {
  static const Host host = example();
  const std::string xml(input);
  const std::string shown = redacted(xml);
  expect(redacted(shown) == shown);
  const auto same = [](const std::string& identifier) { return identifier; };
  const std::string read = capturable(xml, same);
  expect(capturable(read, same) == read);
  facts_of(xml);
  attempt([&] { check_domain(host, xml); });
  attempt([&] { without_identity(xml); });
  attempt([&] { writable_disks(xml); });
  for (const auto use : {Base::Use::Patch, Base::Use::Copy})
    attempt([&] {
      Request asked;
      const Base base{xml, use};
      const MadeDefinition made = make_definition(host, asked, complete_request(asked, base), base);
      check_domain(host, made.xml);
    });
}

}  // namespace gpupass
