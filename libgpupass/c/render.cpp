// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/render.hpp"

#include <fmt/format.h>

#include "c/guard.hpp"
#include "c/options.hpp"
#include "codec/options.hpp"
#include "gpupass/json.hpp"
#include "gpupass/names.hpp"
#include "gpupass/policy.hpp"

using namespace gpupass;

namespace {

std::string rendered_check(const Host& host, std::string_view what, const NameLookup& names,
                           const View& view) {
  const std::vector<PciAddress> gpus = gpus_to_check(host).gpus;
  const std::vector<Finding> findings = check(host, gpus);
  if (what == "check") return render_check(host, findings, names, view);
  return render_check_html(host, findings, readiness(gpus, findings), picture_of(host), names);
}

std::string rendered_host(const Host& host, std::string_view what, const View& view) {
  const NameLookup names = pci_names();
  if (what == "list") return render_list(host, assess(host), names, view);
  if (what == "show") return render_show(host, assess(host), names, view);
  if (what == "status") return render_status(host, overview(host, {}), names, view);
  if (what == "groups") return render_groups(host, assess_groups(host), names, view);
  if (what == "slices") return render_slices(host, assess_slices(host, {}), names, view);
  if (what == "topology") return render_topology(host, names, view);
  if (what == "topology.svg") return render_topology_svg(host, picture_of(host), names);
  if (what == "matrix") return render_matrix(host, assess_ways(host), view);
  if (what == "check" || what == "check.html") return rendered_check(host, what, names, view);
  throw Error(
      ErrorCode::Usage, std::string(what),
      fmt::format("cannot render '{}': saw an unknown word, expected one that gpupass.h names", what));
}

std::string rendered(const gpupass_host* host, const std::string& what, const char* document,
                     const View& view) {
  if (what == "plan") return render_plan(plan_from_json(given_text(document, "a plan")), {}, view);
  if (what == "report") return render_report(report_from_json(given_text(document, "a report")));
  const Host& seen = given(host, "a host").host;
  if (what == "placement")
    return render_placement(seen, placement_from_json(given_text(document, "a placement")), pci_names(),
                            view);
  return rendered_host(seen, what, view);
}

}  // namespace

char* gpupass_render(const gpupass_host* host, const char* what, const char* document, const char* view,
                     gpupass_error** error) {
  return guarded(error, [&] {
    const auto options = options_from_json<ViewOptions>(options_text(view), "view");
    return text_for_c(rendered(host, given_text(what, "what to render"), document,
                               {.columns = options.columns,
                                .colour = options.colour,
                                .verbose = options.verbose,
                                .boxes = options.boxes}));
  });
}
