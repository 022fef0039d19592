// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "gpupass/render.hpp"
#include "gpupass/version.hpp"
#include "render/html/style.hpp"
#include "render/svg/markup.hpp"
#include "render/text/gpu_words.hpp"
#include "render/text/names.hpp"
#include "render/text/readiness.hpp"
#include "render/text/text.hpp"
#include "render/text/verdicts.hpp"
#include "values/link.hpp"
#include "values/own_switch.hpp"

namespace gpupass {

namespace {

/// What is found of one subject, the worst first.
struct Section {
  std::string subject;
  std::vector<Finding> findings;
};

/// The worst first; among equals the order of the findings.
std::vector<Section> sections_of(const std::vector<Finding>& findings) {
  std::vector<Section> sections;
  for (const Finding& finding : findings) {
    auto section = std::ranges::find(sections, finding.subject, &Section::subject);
    if (section == sections.end()) section = sections.insert(section, {finding.subject, {}});
    section->findings.push_back(finding);
  }
  for (Section& section : sections) section.findings = worst_first(std::move(section.findings));
  std::ranges::stable_sort(sections, {},
                           [](const Section& section) { return rank_of(section.findings.front().verdict); });
  return sections;
}

std::string verdict_html(Verdict verdict) {
  return fmt::format(R"(<b class="{0}">{0}</b>)", to_string(verdict));
}

std::string item_html(const Finding& finding) {
  std::string text = fmt::format(R"(<li>{} {} <code class="quiet">{}</code>)", verdict_html(finding.verdict),
                                 escaped(finding.message), escaped(finding.id));
  if (!finding.remedy.empty()) {
    text += "<pre>";
    for (std::size_t at = 0; at <= finding.remedy.size();) {  // A line break is no control character here.
      const std::size_t end = std::min(finding.remedy.find('\n', at), finding.remedy.size());
      text += (at > 0 ? "\n" : "") + escaped(std::string_view(finding.remedy).substr(at, end - at));
      at = end + 1;
    }
    text += "</pre>";
  }
  return text + "</li>\n";
}

/// "node 0, free (nvidia), Gen5 x16".
std::string facts_of(const Host& host, const PciFunction& function, const Picture& picture) {
  std::vector<std::string> facts = {"node " + text_of(nearest_numa_node(host, function))};
  const auto gpu = std::ranges::find(picture.gpus, DeviceId(function.address), &Assessment::device);
  if (gpu != picture.gpus.end()) facts.push_back(state_words(host, *gpu).text);
  if (const Fact<PciLink>& link = at_slot(host, function).link) facts.push_back(link_now_of_best(link));
  return joined(facts);
}

std::string heading_html(const Host& host, const std::string& subject, const Picture& picture,
                         const NameLookup& names) {
  const auto address = PciAddress::parse(subject);
  const PciFunction* function = address ? find_function(host, *address) : nullptr;
  if (!function) return escaped(subject) + "</h2>\n";
  return fmt::format("<code>{}</code> {}</h2>\n<p class=\"quiet\">{}</p>\n",
                     escaped(short_address(host, *address)), escaped(model_name(*function, names)),
                     escaped(facts_of(host, *function, picture)));
}

std::string section_html(const Host& host, const Section& section, const Picture& picture,
                         const NameLookup& names) {
  const Verdict worst = section.findings.front().verdict;
  std::string text = fmt::format("<section class=\"{}\">\n<h2>{} {}", to_string(worst), verdict_html(worst),
                                 heading_html(host, section.subject, picture, names));
  std::string open, passes;
  for (const Finding& finding : section.findings)
    (finding.verdict == Verdict::Pass ? passes : open) += item_html(finding);
  if (!open.empty()) text += "<ul>\n" + open + "</ul>\n";
  if (const std::size_t count = count_of(section.findings, Verdict::Pass); count > 0)
    text += fmt::format("<details><summary>{} {}</summary>\n<ul>\n{}</ul>\n</details>\n",
                        counted(count, "check"), count == 1 ? "passes" : "pass", passes);
  return text + "</section>\n";
}

std::string limits_html(const Host& host) {
  if (host.limits.empty()) return {};
  std::string text = fmt::format("<details><summary>{} could not be seen</summary>\n<ul>\n",
                                 counted(host.limits.size(), "thing"));
  for (const Limit& limit : host.limits)
    text += fmt::format("<li>{}: {}</li>\n", escaped(limit.what), escaped(limit.why));
  return text + "</ul>\n</details>\n";
}

}  // namespace

std::string render_check_html(const Host& host, const std::vector<Finding>& findings,
                              const Readiness& readiness, const Picture& picture, const NameLookup& names) {
  std::string sentence = readiness_sentence(readiness);
  if (sentence.empty()) sentence = "Check of this host";
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>gpupass check: {0}</title>\n{1}</head>\n<body>\n<header>\n<h1>{0}</h1>\n"
      "<p class=\"quiet\">{2}</p>\n</header>\n<main>\n<div class=\"cards\">\n",
      escaped(sentence), kPageStyle, counts_of(findings));
  for (const Section& section : sections_of(findings)) text += section_html(host, section, picture, names);
  return text + "</div>\n<h2>The machine</h2>\n<div class=\"picture\">\n" +
         render_topology_svg(host, picture, names) + "</div>\n" + limits_html(host) +
         "</main>\n<footer>gpupass " GPUPASS_VERSION "</footer>\n</body>\n</html>\n";
}

}  // namespace gpupass
