// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <charconv>

#include "probe/pci/attributes.hpp"
#include "probe/pci/config.hpp"
#include "values/number.hpp"
#include "values/sysfs.hpp"

namespace gpupass {

namespace {

/// "16.0 GT/s PCIe", "8 GT/s" of older kernels, "Unknown" or "Unknown speed".
std::optional<double> parse_speed(std::string_view text) {
  if (text.starts_with("Unknown")) return 0;
  double speed = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), speed, std::chars_format::fixed);
  if (error != std::errc() || !(speed > 0 && speed <= 1024)) return std::nullopt;
  const std::string_view unit(stop, text.data() + text.size());
  if (!unit.starts_with(" GT/s")) return std::nullopt;
  return speed;
}

/// PCI Express has links of up to 32 lanes. The kernel prints 255 where it does not know the width, and 63,
/// the whole field, where the function does not answer.
std::optional<unsigned> parse_width(std::string_view text) {
  const auto width = parse_number<unsigned>(text);
  if (width == 63u || width == 255u) return 0;
  if (!width || *width > 32) return std::nullopt;
  return width;
}

/// A part of the link that a captured tree lacks is 0, as where the kernel itself does not know it.
template <typename T>
void note_missing(const Folder& folder, std::string_view name, const Fact<T>& part) {
  if (part.absent()) folder.limit(name, "does not exist");
}

}  // namespace

const Form<double> kLinkSpeed{parse_speed, "a speed in GT/s"};
const Form<unsigned> kLinkWidth{parse_width, "a number of lanes"};

void read_link(const Folder& folder, PciFunction& function) {
  const Fact<double> best_speed = folder.read("max_link_speed", kLinkSpeed);
  const Fact<double> speed = folder.read("current_link_speed", kLinkSpeed);
  if (best_speed.absent() && speed.absent()) {
    function.link = Absent{};
    return;
  }
  const Fact<unsigned> best_width = folder.read("max_link_width", kLinkWidth);
  const Fact<unsigned> width = folder.read("current_link_width", kLinkWidth);
  note_missing(folder, "max_link_speed", best_speed);
  note_missing(folder, "current_link_speed", speed);
  note_missing(folder, "max_link_width", best_width);
  note_missing(folder, "current_link_width", width);
  function.link =
      PciLink{speed.value_or(0), width.value_or(0), best_speed.value_or(0), best_width.value_or(0)};
  for (const std::string& why : {best_speed.why(), speed.why(), best_width.why(), width.why()})
    if (!why.empty()) function.link = Unknown{why};
}

/// A kernel shows the link of every PCI Express function, and of no other. Where not one function has it, a
/// captured tree lacks them all, or the kernel is older than 4.13; only a configuration space tells then.
void doubt_absent_links(const System& system, std::vector<PciFunction>& functions, Limits& limits) {
  if (std::ranges::any_of(functions, [](const PciFunction& f) { return f.link.known(); })) return;
  for (PciFunction& function : functions) {
    if (!function.link.absent()) continue;
    function.link = link_in_config(system.read(sysfs_path(function.address, "config")).value_or(""));
    if (!function.link.unknown()) continue;
    function.link = Unknown{"no function shows its link"};
    limits.add("links", "no function shows its link");
  }
}

}  // namespace gpupass
