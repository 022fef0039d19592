// SPDX-License-Identifier: GPL-2.0-or-later
#include "options/attach_options.hpp"

#include "options/bind_options.hpp"
#include "options/number_option.hpp"

namespace gpupass {

void describe_attach_options(po::options_description& options) {
  auto add = options.add_options();
  add("live", "only the running guest");
  add("config", "only its definition, for its next start");
  describe_timeout(options);
}

void describe_timeout(po::options_description& options) {
  options.add_options()("timeout", po::value<std::string>()->value_name("SECONDS"),
                        "how long a guest may take to release it (60)");
}

AttachOptions attach_options(const Invocation& invocation) {
  AttachOptions options;
  const bool live = invocation.has("live"), config = invocation.has("config");
  if (live || config)
    options.definitions = !config ? Definitions::Live : !live ? Definitions::Config : Definitions::Both;
  if (const auto seconds = number_option(invocation, "timeout", 1, 86'400))
    options.timeout_seconds = static_cast<unsigned>(*seconds);
  options.bind = bind_options(invocation);
  return options;
}

}  // namespace gpupass
