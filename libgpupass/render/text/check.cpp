// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "gpupass/render.hpp"
#include "render/json/json.hpp"
#include "render/text/names.hpp"
#include "render/text/table.hpp"
#include "render/text/text.hpp"
#include "render/text/verdicts.hpp"

namespace gpupass {

namespace {

bool say_the_same(const Finding& one, const Finding& other) {
  const auto same = [&](const std::string& text, const std::string& another) {
    return renamed(text, one.subject, "") == renamed(another, other.subject, "");
  };
  return one.id == other.id && one.verdict == other.verdict && one.subject != other.subject &&
         same(one.message, other.message) && same(one.remedy, other.remedy);
}

/// What is said of several GPUs alike is said once: of the first, with the names of the others.
std::vector<Finding> folded(const std::vector<Finding>& findings) {
  std::vector<Finding> firsts;
  std::vector<std::vector<std::string>> others;
  for (const Finding& finding : findings) {
    const auto same =
        std::ranges::find_if(firsts, [&](const Finding& first) { return say_the_same(first, finding); });
    if (same == firsts.end()) {
      firsts.push_back(finding);
      others.emplace_back();
    } else {
      others[static_cast<std::size_t>(same - firsts.begin())].push_back(finding.subject);
    }
  }
  for (std::size_t at = 0; at < firsts.size(); ++at)
    if (!others[at].empty())
      firsts[at].message += fmt::format("; the same is true of {}", fmt::join(others[at], ", "));
  return firsts;
}

/// One row for each GPU, and for what else passes something.
std::string folded_passes(const Host& host, const std::vector<Finding>& passes, const NameLookup& names,
                          const View& view) {
  std::map<std::string, std::size_t> count_of;
  std::vector<std::string> subjects;
  for (const Finding& finding : passes)
    if (++count_of[finding.subject] == 1) subjects.push_back(finding.subject);
  Table table;
  for (const std::string& subject : subjects) {
    const std::optional<PciAddress> address = PciAddress::parse(subject);
    const PciFunction* function = address ? find_function(host, *address) : nullptr;
    table.add({{std::string("pass   "), Tone::Good},
               function ? short_address(host, *address) : printable(subject),
               function ? model_name(*function, names) : "",
               counted(count_of[subject], "check")});
  }
  table.may_narrow(2, 14);
  table.may_narrow(1, 14);
  return table.to_string(view);
}

}  // namespace

std::string render_check(const Host& host, const std::vector<Finding>& findings, const NameLookup& names,
                         const View& view) {
  if (view.verbose) return render_findings(worst_first(findings), view) + counts_of(findings) + '\n';
  std::vector<Finding> worse = worst_first(findings), passes;
  std::ranges::copy_if(worse, std::back_inserter(passes),
                       [](const Finding& one) { return one.verdict == Verdict::Pass; });
  std::erase_if(worse, [](const Finding& one) { return one.verdict == Verdict::Pass; });
  return render_findings(folded(worse), view) + folded_passes(host, passes, names, view) +
         counts_of(findings) + '\n';
}

std::string render_check_json(const Host& host, const std::vector<Finding>& findings,
                              const std::vector<Finding>& passed_over) {
  Json result = document(host);
  result["findings"] = json_of(findings);
  for (const Verdict verdict : kVerdicts)
    result["summary"][std::string(to_string(verdict))] = count_of(findings, verdict);
  add_passed_over(result, passed_over);
  return dumped(result);
}

}  // namespace gpupass
