// SPDX-License-Identifier: LGPL-2.1-or-later
#include <optional>

#include "probe/pci/attributes.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// Behind the counts of each kind of error: "TOTAL_ERR_COR 12".
std::optional<std::uint64_t> parse_total(std::string_view text) {
  for (const std::string_view line : lines_of(text))
    if (const auto words = words_of(line); words.size() == 2 && words[0].starts_with("TOTAL_ERR_"))
      return parse_number<std::uint64_t>(words[1]);
  return std::nullopt;
}

const Form<std::uint64_t> kTotalErrors{parse_total, "a line \"TOTAL_ERR_... COUNT\""};

}  // namespace

void read_errors(const Folder& folder, PciFunction& function) {
  PciErrors errors;
  function.errors = errors;
  const auto read = [&](std::string_view name, std::uint64_t& count) {
    const Fact<std::uint64_t> total = folder.read(name, kTotalErrors);
    if (total)
      count = *total;
    else
      function.errors = total.without_value<PciErrors>();
  };
  read("aer_dev_correctable", errors.correctable);
  read("aer_dev_nonfatal", errors.nonfatal);
  read("aer_dev_fatal", errors.fatal);
  if (function.errors) function.errors = errors;
}

}  // namespace gpupass
