// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gpupass/handover.hpp"

#include <fmt/format.h>

#include "gpupass/render.hpp"
#include "render/text/report.hpp"
#include "render/text/text.hpp"

namespace gpupass {

std::string render_handover(const Handover& handover, const View& view) {
  std::string text;
  for (const StepResult& step : handover.report.steps)
    text += printable(fmt::format("{}: {}", step.summary, words_for(step))) + '\n';
  text += render_findings(handover.findings, view);
  const std::string name = handover.gpu.to_string();
  if (handover.findings.empty()) return text + fmt::format("{} was not handed over\n", name);
  return text + (handover.proven == Answer::Yes ? fmt::format("{} is free for the next tenant\n", name)
                                                : fmt::format("{} stays in quarantine\n", name));
}

}  // namespace gpupass
