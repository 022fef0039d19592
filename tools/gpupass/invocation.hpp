// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/program_options.hpp>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/host.hpp"
#include "gpupass/system.hpp"

namespace gpupass {

namespace po = boost::program_options;

struct Invocation;

/// What a verb does to the machine.
enum class Effect {
  Reads,
  ChangesGuests,   ///< libvirt's definitions; the verb itself looks after what --root and a remote URI mean.
  ChangesDevices,  ///< Drivers of this machine: neither for another root nor beside a remote libvirt.
};

/// One verb: what `-h` says of it, its options, and what it does.
struct Command {
  std::string_view name;
  std::string_view arguments;  ///< "GPU...", for the usage line.
  std::string_view summary;    ///< One line.
  std::string_view example;    ///< A command line, without "gpupass". Its manual page has it too.
  Effect effect = Effect::Reads;
  void (*describe)(po::options_description& options) = nullptr;  ///< Adds the verb's own options.
  std::vector<std::string_view> later;                 ///< Options that are promised and not yet there.
  int (*run)(const Invocation& invocation) = nullptr;  ///< @returns the exit status.
};

/// What was seen of another host.
struct NamedHost {
  std::string name;
  Host host;
};

/// One command line, understood.
struct Invocation {
  const Command* verb = nullptr;
  SystemOptions system;
  std::vector<std::string> roots;  ///< All that --root names; system has the first.
  bool root_given = false;
  std::vector<NamedHost> hosts;  ///< Those that a verb of --hosts is about, instead of a machine.
  bool json = false;
  bool json_lines = false;  ///< Then json is true, too.
  bool dry_run = false;
  bool yes = false;
  bool quiet = false;
  bool verbose = false;
  bool help = false;
  bool version = false;
  po::variables_map options;           ///< The verb's own.
  std::vector<std::string> arguments;  ///< What stands after the verb and is no option.

  bool has(const std::string& option) const { return options.count(option) != 0; }
  /// The values of a repeatable option; empty when it was not given.
  std::vector<std::string> all(const std::string& option) const;
};

/// The verbs in the order in which a newcomer meets them.
const std::vector<const Command*>& verbs();

/// The options that a verb takes, the global ones among them; without a verb just those.
po::options_description options_of(const Command* verb);

/// Understands a command line. Global options may stand before and after the verb, "--" ends options. Of an
/// option that is given twice, the last one counts, unless it may be repeated.
/// @throws Error Usage.
Invocation parse(int argc, const char* const* argv);

/// For verbs that take as many arguments as there are.
constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();
/// Checks how many arguments there are. @throws Error Usage, which names what is missing or too much.
void expect_arguments(const Invocation& invocation, std::size_t at_least, std::size_t at_most);

}  // namespace gpupass
