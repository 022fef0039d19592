// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "gpupass/names.hpp"
#include "system/files/fd.hpp"
#include "values/number.hpp"

namespace gpupass {

namespace {

/// A file in memory, as far as it is looked at. Packages replace pci.ids by a rename, so what is mapped stays
/// whole.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path) {
    const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status{};
    if (!file || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0)
      return;
    const auto size = static_cast<std::size_t>(status.st_size);
    void* const start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (start != MAP_FAILED) text_ = {static_cast<const char*>(start), size};
  }
  ~MappedFile() {
    if (!text_.empty()) munmap(const_cast<char*>(text_.data()), text_.size());
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// Takes the first line off the text, without its end.
std::string_view next_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

struct NamedId {
  std::uint16_t id = 0;
  std::string_view name;
};

/// "10de  NVIDIA Corporation". Absent: a comment, a class, something else.
std::optional<NamedId> named_id(std::string_view line) {
  constexpr std::size_t kDigits = 4;
  constexpr const char* kBlanks = " \t\r";
  if (line.size() <= kDigits || (line[kDigits] != ' ' && line[kDigits] != '\t')) return std::nullopt;
  const auto id = parse_number<std::uint16_t>(line.substr(0, kDigits), 16);
  const std::size_t start = line.find_first_not_of(kBlanks, kDigits);
  if (!id || start == line.npos) return std::nullopt;
  return NamedId{*id, line.substr(start, line.find_last_not_of(kBlanks) + 1 - start)};
}

/// pci.ids has a line for each vendor, ascending, and after it a line with one tab for each of its devices;
/// with two tabs for subsystems. libpci loads it as a whole, which takes longer than all else that `gpupass
/// list` does; here a look-up reads a few of its pages.
class PciIds {
 public:
  explicit PciIds(const std::string& path) : file_(path) {}

  PciNames look_up(std::uint16_t vendor, std::uint16_t device) const {
    auto found = vendor_named(vendor);
    if (!found) found = vendor_behind(0, file_.text().size(), vendor);  // A list in another order.
    if (!found) return {};
    return {std::string(found->name), std::string(device_name(found->rest, device))};
  }

 private:
  struct Vendor {
    std::uint16_t id = 0;
    std::string_view name;
    std::string_view rest;  // What follows the vendor's line.
  };

  /// By halves.
  std::optional<Vendor> vendor_named(std::uint16_t id) const {
    const std::string_view text = file_.text();
    for (std::size_t low = 0, high = text.size(); low < high;) {
      const std::size_t middle = low + (high - low) / 2;
      const auto vendor = vendor_behind(middle, high, std::nullopt);
      if (vendor && vendor->id == id) return vendor;
      if (vendor && vendor->id < id)
        low = text.size() - vendor->rest.size();
      else
        high = middle;
    }
    return std::nullopt;
  }

  /// The first vendor, or the one with that id, whose line begins at `start` or behind it, and before `end`.
  std::optional<Vendor> vendor_behind(std::size_t start, std::size_t end,
                                      std::optional<std::uint16_t> id) const {
    const std::string_view text = file_.text();
    if (start > 0) start = std::min(text.find('\n', start - 1), text.size() - 1) + 1;
    for (std::string_view rest = text.substr(start); text.size() - rest.size() < end;) {
      const auto found = named_id(next_line(rest));
      if (found && (!id || *id == found->id)) return Vendor{found->id, found->name, rest};
    }
    return std::nullopt;
  }

  static std::string_view device_name(std::string_view rest, std::uint16_t device) {
    while (!rest.empty()) {
      std::string_view line = next_line(rest);
      if (line.empty() || line.front() == '#') continue;
      if (line.front() != '\t') break;  // The next vendor.
      line.remove_prefix(1);
      const auto found = named_id(line);
      if (found && found->id == device) return found->name;
    }
    return {};
  }

  MappedFile file_;
};

/// Opened by the first look-up, and every answer found once.
class Names {
 public:
  explicit Names(std::string database) : database_(std::move(database)) {}

  const PciNames& look_up(std::uint16_t vendor, std::uint16_t device) {
    if (!ids_) ids_.emplace(path());
    const auto [place, is_new] = known_.try_emplace({vendor, device});
    if (is_new) place->second = ids_->look_up(vendor, device);
    return place->second;
  }

 private:
  std::string path() const {
    const char* const debian = "/usr/share/misc/pci.ids";
    const char* const fedora = "/usr/share/hwdata/pci.ids";
    if (!database_.empty()) return database_;
    return access(debian, R_OK) == 0 ? debian : fedora;
  }

  std::string database_;
  std::optional<PciIds> ids_;
  std::map<std::pair<std::uint16_t, std::uint16_t>, PciNames> known_;
};

}  // namespace

NameLookup pci_names(const std::string& database) {
  return [names = std::make_shared<Names>(database)](std::uint16_t vendor, std::uint16_t device) {
    return names->look_up(vendor, device);
  };
}

}  // namespace gpupass
