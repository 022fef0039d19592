// SPDX-License-Identifier: LGPL-2.1-or-later
#include "render/text/words.hpp"

namespace gpupass {

Answer answer_of(const Fact<bool>& fact) {
  if (fact) return *fact ? Answer::Yes : Answer::No;
  return fact.absent() ? Answer::No : Answer::Unknown;
}

std::string_view class_word(std::uint32_t class_code) {
  switch (class_code >> 8) {
    case 0x0300:
      return "VGA";
    case 0x0302:
      return "3D controller";
    case 0x0108:
      return "NVMe";
    case 0x0403:
      return "audio";
    case 0x0600:
      return "host bridge";
    case 0x0601:
      return "ISA bridge";
    case 0x0604:
      return "PCI bridge";
    case 0x0c03:
      return "USB";
    default:
      break;
  }
  switch (class_code >> 16) {
    case 0x01:
      return "storage";
    case 0x02:
      return "network";
    case 0x03:
      return "display";
    case 0x06:
      return "bridge";
    case 0x12:
      return "accelerator";
    default:
      return "device";
  }
}

}  // namespace gpupass
