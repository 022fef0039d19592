// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of a capture, and all that is read from the machine that it describes.
#include "gpupass/capture.hpp"

#include "fuzz.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/probe.hpp"
#include "gpupass/render.hpp"

void gpupass::fuzz(std::string_view input) {
  attempt([&] {
    const auto system = open_capture(input, "fuzz.host");
    const Host host = probe(*system, {Parts::everything(), {}});
    expect(host_from_json(to_json(host)) == host);
    const Capture captured = capture(*system);
    const auto again = open_capture(captured.text, "again.host");
    expect(capture(*again).text == captured.text);
    render_limits(host);
    attempt([&] { check(host, {}); });
  });
}
