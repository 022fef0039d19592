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
    void* const start = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.number(), 0);
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

/// pci.ids has a line for each vendor, and after it a line with one tab for each of its devices; with two
/// tabs for subsystems. libpci loads it as a whole, which takes as long as all else that `gpupass list` does;
/// here a look-up reads the vendors' lines once, and then the devices of one vendor.
class PciIds {
 public:
  explicit PciIds(const std::string& path) : file_(path) {
    std::string_view rest = file_.text();
    while (!rest.empty()) {
      if (rest.front() == '\t') {
        next_line(rest);
        continue;
      }
      if (const auto vendor = named_id(next_line(rest)))
        vendors_.try_emplace(vendor->id, Vendor{vendor->name, rest});
    }
  }

  PciNames look_up(std::uint16_t vendor, std::uint16_t device) const {
    const auto found = vendors_.find(vendor);
    if (found == vendors_.end()) return {};
    return {std::string(found->second.name), std::string(device_name(found->second.rest, device))};
  }

 private:
  struct Vendor {
    std::string_view name;
    std::string_view rest;  // What follows the vendor's line.
  };

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
  std::map<std::uint16_t, Vendor> vendors_;
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
