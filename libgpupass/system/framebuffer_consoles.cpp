// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/framebuffer_consoles.hpp"

namespace gpupass {

/// The name is that of fb_con in drivers/video/fbdev/core/fbcon.c.
std::vector<std::string> framebuffer_consoles(const Files& files) {
  const std::string folder = "/sys/class/vtconsole";
  std::vector<std::string> consoles;
  for (const std::string& name : files.list(folder).value_or({}))
    if (const std::string path = folder + '/' + name;
        files.read(path + "/name").value_or("").find("frame buffer") != std::string::npos)
      consoles.push_back(path);
  return consoles;
}

}  // namespace gpupass
