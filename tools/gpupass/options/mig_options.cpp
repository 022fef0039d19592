// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/mig_options.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "gpupass/error.hpp"
#include "gpupass/policy.hpp"
#include "input_file.hpp"
#include "options/label_option.hpp"
#include "options/number_option.hpp"

namespace gpupass {

namespace {

constexpr auto kFit = "fit";
constexpr auto kHave = "have";
constexpr auto kMigConfig = "mig-config";
constexpr auto kNone = "none";
constexpr auto kProfiles = "profiles with commas between them";

std::vector<std::string> profiles(const Invocation& invocation) {
  constexpr std::size_t kMost = 99;
  std::vector<std::string> names = parts_of(invocation, kFit, kProfiles);
  if (names.size() == 1 && names.front() == kNone) names.clear();
  if (names.size() > kMost)
    refuse_value(invocation, kFit, fmt::format("{} instances", names.size()),
                 fmt::format("at most {}", kMost));
  return names;
}

std::vector<MigInstance> existing(const Invocation& invocation) {
  constexpr unsigned kMostStart = 99;
  std::vector<MigInstance> instances;
  for (const std::string& text : parts_of(invocation, kHave, kProfiles)) {
    const std::size_t colon = text.find(':');
    const auto start = colon == text.npos
                           ? std::optional<unsigned>()
                           : whole_number(std::string_view(text).substr(colon + 1), 0, kMostStart);
    if (!start) refuse_value(invocation, kHave, text, "a profile and where it starts, as 3g.71gb:4");
    instances.push_back({.profile = text.substr(0, colon), .start = *start});
  }
  return instances;
}

}  // namespace

std::vector<std::string> parts_of(const Invocation& invocation, const std::string& option,
                                  const std::string& expected) {
  std::vector<std::string> parts;
  for (const std::string& value : invocation.all(option)) {
    std::string_view rest = value;
    while (true) {
      const std::size_t comma = rest.find(',');
      parts.emplace_back(rest.substr(0, comma));
      if (parts.back().empty()) refuse_value(invocation, option, value, expected);
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return parts;
}

void describe_mig_file_options(po::options_description& options) {
  auto add = options.add_options();
  add(kMigConfig, po::value<std::string>()->value_name("FILE"),
      "the MIG instances that a configuration of mig-parted declares");
  describe_label_option(options, kMigConfig);
}

std::vector<MigWish> mig_wishes_of_file(const Invocation& invocation, const Host& host) {
  const auto& file = invocation.options[kMigConfig].as<std::string>();
  const MigLabels labels = parse_mig_file(text_of_input(file, "YAML"), name_of_input(file));
  return mig_wishes(host, labels, label_in(invocation, labels));
}

void describe_mig_options(po::options_description& options) {
  auto add = options.add_options();
  add(kFit, po::value<std::vector<std::string>>()->value_name("PROFILE,..."),
      "where on the GPU these MIG instances go, and the room that is left");
  add(kHave, po::value<std::vector<std::string>>()->value_name("PROFILE:START,..."),
      "with --fit: the MIG instances that the GPU has");
  describe_mig_file_options(options);
}

bool asks_for_mig(const Invocation& invocation) {
  const bool fit = invocation.has(kFit), file = invocation.has(kMigConfig);
  if (fit && file) refuse_beside(kFit, kMigConfig, "both say what the GPUs are to have", "use one of them");
  if (invocation.has(kHave) && !fit)
    throw Error(ErrorCode::Usage, "--have", "cannot use --have: saw no --fit, which it is for");
  expect_label_beside(invocation, kMigConfig);
  if (file && !invocation.arguments.empty())
    throw Error(ErrorCode::Usage, "--mig-config",
                "cannot use --mig-config: saw GPUs named, expected those that the file's entries match");
  return fit || file;
}

std::vector<MigWish> mig_wishes_of(const Invocation& invocation, const Host& host,
                                   const std::vector<PciAddress>& gpus) {
  std::vector<MigWish> wishes;
  if (invocation.has(kMigConfig)) {
    wishes = mig_wishes_of_file(invocation, host);
    for (MigWish& wish : wishes) wish.existing = mig_instances(host, wish.gpu);
    return wishes;
  }
  const std::vector<PciAddress> all = gpus.empty() ? mig_gpus(host) : gpus;
  const std::vector<MigInstance> have = existing(invocation);
  if (!have.empty() && all.size() != 1)
    throw Error(ErrorCode::Usage, "--have",
                fmt::format("cannot use --have: saw {} GPUs, expected one", all.size()), "name the GPU");
  for (const PciAddress gpu : all)
    wishes.push_back({.gpu = gpu,
                      .profiles = profiles(invocation),
                      .existing = invocation.has(kHave) ? have : mig_instances(host, gpu)});
  return wishes;
}

}  // namespace gpupass
