// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/readiness.hpp"

#include <fmt/format.h>

#include <map>

#include "gpupass/render.hpp"
#include "render/text/text.hpp"

namespace gpupass {

namespace {

/// What is true of one GPU, or of several.
struct Clause {
  const char* of_one;
  const char* of_many;
};

Clause clause_of(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::Reboot:
      return {"needs a reboot", "need a reboot"};
    case Obstacle::Iommu:
      return {"needs the IOMMU set up", "need the IOMMU set up"};
    case Obstacle::Firmware:
      return {"needs a firmware setting", "need a firmware setting"};
    case Obstacle::Reset:
      return {"cannot be reset", "cannot be reset"};
    case Obstacle::Group:
      return {"shares its IOMMU group", "share their IOMMU groups"};
    case Obstacle::Slices:
      return {"is cut into slices", "are cut into slices"};
    case Obstacle::Guest:
      return {"is in a guest", "are in guests"};
    case Obstacle::Screen:
      return {"shows the host's screen", "show the host's screen"};
    case Obstacle::Use:
      return {"is in use", "are in use"};
    case Obstacle::Other:
      return {"needs attention", "need attention"};
    case Obstacle::Unknown:
      break;
  }
  return {"cannot be judged", "cannot be judged"};
}

}  // namespace

std::string readiness_sentence(const Readiness& readiness) {
  if (readiness.gpus == 0) return {};
  const std::size_t ready = readiness.gpus - readiness.obstacles.size();
  std::string text = fmt::format("{} of {} {} ready", ready, counted(readiness.gpus, "GPU"),
                                 readiness.gpus == 1 ? "is" : "are");
  std::map<Obstacle, std::size_t> counts;
  for (const Obstacle obstacle : readiness.obstacles) ++counts[obstacle];
  const char* separator = "; ";
  for (const auto& [obstacle, count] : counts) {
    const Clause clause = clause_of(obstacle);
    text += fmt::format("{}{} {}", separator, count, count == 1 ? clause.of_one : clause.of_many);
    separator = ", ";
  }
  return text;
}

std::string render_readiness(const Readiness& readiness, const View& view) {
  const std::string sentence = readiness_sentence(readiness);
  return sentence.empty() ? sentence : wrapped(sentence, view, 0) + '\n';
}

}  // namespace gpupass
