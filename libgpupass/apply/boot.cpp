// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "apply/absence.hpp"
#include "apply/own_file.hpp"
#include "apply/perform.hpp"
#include "codec/boot_file.hpp"

namespace gpupass {

namespace {

using Names = std::vector<std::string>;

bool any_ends_with(const Names& names, std::string_view end) {
  return std::ranges::any_of(names, [&](const std::string& name) { return name.ends_with(end); });
}

/// One boot image on its way to hold just these bindings.
class Image {
 public:
  Image(Access& access, const SetBootBindings& change, const BootImage& image)
      : access_(access), tool_(change.tool), image_(image) {
    for (const BootBinding& binding : change.bindings) wanted_.push_back(boot_image_entry(binding));
    std::ranges::sort(wanted_);
  }

  /// Afterwards the old one is beside the new one, unless it held them already.
  void reach();
  /// Without the one beside it.
  void settle() {
    if (!is_beside()) return;
    access_.touch().carry_out(DropBootImageOrder{image_});
    if (is_beside())
      throw failure(ErrorCode::System, "remove", replacement_path(image_), "it still present",
                    "no such file");
  }

 private:
  bool is_beside() const;
  Names names_in(const std::string& path) const;
  std::string wrong_with(const std::string& path) const;
  bool vfio_is_built_in() const;
  void expect_right(const std::string& path) const {
    if (const std::string wrong = wrong_with(path); !wrong.empty())
      throw failure(ErrorCode::System, "build", path, wrong, "an image with the right bindings");
  }

  Access& access_;
  BootTool tool_;
  const BootImage& image_;
  Names wanted_;
};

void Image::reach() {
  if (access_.look().ask(BootImageQuestion{tool_, image_.path}).absent()) return;  // Gone with its kernel.
  if (wrong_with(image_.path).empty()) return;
  // What was there before, when an exchange is undone.
  const bool at_hand = is_beside() && wrong_with(replacement_path(image_)).empty();
  if (!at_hand) {
    settle();  // The rest of a build that was cut off.
    access_.touch().carry_out(BuildBootImageOrder{tool_, image_});
    expect_right(replacement_path(image_));
  }
  access_.touch().carry_out(ExchangeBootImageOrder{tool_, image_});
  expect_right(image_.path);
}

bool Image::is_beside() const {
  const std::string path = replacement_path(image_);
  const std::string name = path.substr(path.rfind('/') + 1);
  const auto names = access_.look().list("/boot");
  if (!names)
    throw failure(ErrorCode::System, "read", "/boot", names.unknown() ? names.why() : "nothing", "a folder");
  return std::ranges::binary_search(*names, name);
}

Names Image::names_in(const std::string& path) const {
  const Fact<Names> names = access_.look().ask(BootImageQuestion{tool_, path});
  if (names) return *names;
  throw failure(ErrorCode::System, "list", path, names.unknown() ? names.why() : "no such file",
                "a boot image");
}

/// Why an image does not do its job. Empty: it does.
std::string Image::wrong_with(const std::string& path) const {
  const Names names = names_in(path);
  Names held;
  std::ranges::copy_if(names, std::back_inserter(held), [](const std::string& name) {
    return name.starts_with(kBootImageFolder) && name.size() > kBootImageFolder.size();
  });
  std::ranges::sort(held);
  if (held != wanted_) return fmt::format("[{}] in it", fmt::join(held, ", "));
  if (wanted_.empty()) return {};
  if (!any_ends_with(names,
                     tool_ == BootTool::Dracut ? "hooks/pre-udev/00-gpupass.sh" : "scripts/init-top/gpupass"))
    return "no script in it that binds";
  const bool module = std::ranges::any_of(names, [](const std::string& name) {
    return name.find("/vfio-pci.ko") != name.npos || name.find("/vfio_pci.ko") != name.npos;
  });
  return module || vfio_is_built_in() ? "" : "no vfio-pci in it";
}

bool Image::vfio_is_built_in() const {
  const auto list = access_.look().read(fmt::format("/lib/modules/{}/modules.builtin", image_.kernel));
  return list && list->find("/vfio-pci.ko") != list->npos;
}

}  // namespace

void perform(Access& access, const SetBootBindings& change) {
  write_file(access, std::string(kBootFile), to_boot_file(change.bindings));
  for (const BootImage& image : change.images) Image(access, change, image).reach();
  // Until all of them are there, each can take the old one's place back.
  for (const BootImage& image : change.images) Image(access, change, image).settle();
}

}  // namespace gpupass
