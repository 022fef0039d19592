// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gpupass/assess.hpp"
#include "gpupass/error.hpp"
#include "gpupass/finding.hpp"
#include "gpupass/handover.hpp"
#include "gpupass/host.hpp"
#include "gpupass/mig.hpp"
#include "gpupass/names.hpp"
#include "gpupass/placement.hpp"
#include "gpupass/plan.hpp"
#include "gpupass/report.hpp"
#include "gpupass/request.hpp"
#include "gpupass/slices.hpp"
#include "gpupass/state.hpp"
#include "gpupass/validate.hpp"

/// Values to text. In JSON, `passed_over` is what a collective name left out, and why. Foreign text is never
/// printed raw: control characters are shown as escapes.
#pragma GCC visibility push(default)
namespace gpupass {

/// How a text is shown. As it stands it suits files and pipes.
struct View {
  std::size_t columns = 0;  ///< No line is longer. 0: lines are as long as they are.
  bool colour = false;      ///< For verdicts and states, with the escapes of a terminal.
  bool verbose = false;     ///< Also what most readers need not see.
  bool boxes = false;       ///< Trees are drawn with lines, which are not ASCII.
};

std::string render_list(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                        const View& view = {});
/// One host of many, by the name that the user gave it.
struct ListedHost {
  std::string name;
  const Host& host;
  std::vector<Assessment> gpus;
};
/// One table with the GPUs of all hosts.
std::string render_list(const std::vector<ListedHost>& hosts, const NameLookup& names, const View& view = {});
std::string render_list_json(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names);
/// One screen: whether the host is ready, each GPU, and what needs somebody.
std::string render_status(const Host& host, const Overview& overview, const NameLookup& names,
                          const View& view = {});
std::string render_status_json(const Host& host, const Overview& overview, const NameLookup& names);
std::string render_show(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                        const View& view = {});
std::string render_show_json(const Host& host, const std::vector<Assessment>& gpus, const NameLookup& names,
                             const std::vector<Finding>& passed_over = {});
std::string render_groups(const Host& host, const std::vector<GroupAssessment>& groups,
                          const NameLookup& names, const View& view = {});
std::string render_groups_json(const Host& host, const std::vector<GroupAssessment>& groups);
/// What GPUs can be cut into, and the slices that there are.
std::string render_slices(const Host& host, const std::vector<SliceAssessment>& gpus, const NameLookup& names,
                          const View& view = {});
std::string render_slices_json(const Host& host, const std::vector<SliceAssessment>& gpus,
                               const NameLookup& names, const std::vector<Finding>& passed_over = {});
/// The places of MIG instances on each GPU, the commands of nvidia-smi that make them so, and the room that
/// is left.
std::string render_mig_fits(const Host& host, const std::vector<MigFit>& fits, const View& view = {});
std::string render_mig_fits_json(const Host& host, const std::vector<MigFit>& fits, const NameLookup& names,
                                 const std::vector<Finding>& passed_over = {});
std::string render_topology(const Host& host, const NameLookup& names, const View& view = {});
std::string render_topology_json(const Host& host, const NameLookup& names);
/// The machine as a drawing, from its packages and nodes to its GPUs: plain SVG without scripts and foreign
/// fonts, for bright and dark screens.
std::string render_topology_svg(const Host& host, const Picture& picture, const NameLookup& names);
/// nvidia-smi's matrix: of GPUs and network cards, and if the view is verbose of NVMe drives too.
std::string render_matrix(const Host& host, const WayMatrix& matrix, const View& view = {});
std::string render_matrix_json(const Host& host, const WayMatrix& matrix, const NameLookup& names);
std::string render_placement(const Host& host, const Placement& placement, const NameLookup& names,
                             const View& view = {});
std::string render_placement_json(const Host& host, const Placement& placement,
                                  const std::vector<Finding>& passed_over = {});
/// Where each of many requests goes. `hosts` are the names that the user gave them.
std::string render_packing(const std::vector<std::string>& hosts, const std::vector<Request>& requests,
                           const Packing& packing);
std::string render_packing_json(const std::vector<std::string>& hosts, const std::vector<Request>& requests,
                                const Packing& packing);
/// The steps, with the reason for each and its undo if the view is verbose; `outlook` is a last line, unless
/// it is empty.
std::string render_plan(const Plan& plan, const std::string& outlook = {}, const View& view = {});
std::string render_plan_json(const Plan& plan, const std::string& outlook = {},
                             const std::vector<Finding>& passed_over = {});
/// One line about the effect of a plan: which GPUs change drivers, and which guests get or lose GPUs. `then`
/// is after(host, plan). Empty: no such effect.
std::string render_outlook(const Host& host, const Host& then);
/// What the user should know beside the steps.
std::string render_notes(const Plan& plan, const View& view = {});
std::string render_report(const Report& report);
/// The worst first. What passes is one line for each GPU, unless the view is verbose.
std::string render_check(const Host& host, const std::vector<Finding>& findings, const NameLookup& names,
                         const View& view = {});
/// What the manual says of a finding: what it means, why it matters, what to do. Empty: there is none such.
std::string render_explanation(const std::string& id, const View& view = {});
/// "6 of 8 GPUs are ready; 2 need a firmware setting". Empty: no GPU was checked.
std::string render_readiness(const Readiness& readiness, const View& view = {});
/// A report that can be mailed: one page of HTML with the findings for each GPU, their remedies and the
/// drawing of the machine, without scripts, for narrow and wide, bright and dark screens.
std::string render_check_html(const Host& host, const std::vector<Finding>& findings,
                              const Readiness& readiness, const Picture& picture, const NameLookup& names);
std::string render_check_json(const Host& host, const std::vector<Finding>& findings,
                              const std::vector<Finding>& passed_over = {});
/// As render_check_json(), and what was seen of each GPU in the guest. render_check() has the text.
std::string render_validation_json(const Host& host, const Baseline& seen,
                                   const std::vector<Finding>& findings);
/// What to_toml() says, with the same keys.
std::string render_state_json(const Host& host, const State& state);
/// What compare_state() found; "same" is the answer: yes, no or unknown.
std::string render_differences_json(const Host& host, const std::vector<Finding>& differences);
/// The operations of the journal: time, outcome and steps.
std::string render_history(const std::vector<Operation>& operations);
std::string render_history_json(const std::vector<Operation>& operations);
/// `next` is what next_steps() says.
std::string render_report_json(const Report& report, const std::vector<std::string>& next = {},
                               const std::vector<Finding>& passed_over = {});
/// The steps of a hand-over, what was found, and whether the next tenant can have the GPU.
std::string render_handover(const Handover& handover, const View& view = {});
/// The record for auditors.
std::string render_handover_json(const Host& host, const Handover& handover);
/// The message as gpupass prints it, with its own name in front, and its hint on lines of their own; of a
/// refusal for several reasons each with its remedy.
std::string render_error(const Error& error, const View& view = {});
std::string render_error_json(const Error& error);
/// One line for each thing that could not be seen, and why.
std::string render_limits(const Host& host);
/// What a collective name left out, one line for each reason.
std::string render_passed_over(const std::vector<Finding>& findings, const View& view = {});
/// Findings with their remedies.
std::string render_findings(const std::vector<Finding>& findings, const View& view = {});
/// Foreign text made fit for a terminal: control characters and broken UTF-8 as \\xHH.
std::string printable(std::string_view text);
/// The changes from one text to another as a unified diff, as patch(1) takes it; both are redacted() first.
/// Empty: they are equal.
std::string render_diff(const std::string& name_before, std::string_view before,
                        const std::string& name_after, std::string_view after);
std::string render_diff_json(const Host& host, const std::string& diff,
                             const std::vector<Finding>& passed_over = {});
/// A definition as JSON.
std::string render_domain_json(const Host& host, const std::string& name, const std::string& xml,
                               const std::vector<Finding>& passed_over = {});

}  // namespace gpupass
#pragma GCC visibility pop
