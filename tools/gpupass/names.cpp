// SPDX-License-Identifier: GPL-2.0-or-later
#include "names.hpp"

#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

extern "C" {
#include <pci/pci.h>
}

namespace gpupass {

namespace {

// libpci calls these; without pci_init(), which would look for devices, it has none of its own.
void ignore(char*, ...) {}
[[noreturn]] void fail(char* message, ...) {
  throw std::runtime_error(message);
}

/// One database, as libpci reads it.
class Database {
 public:
  enum class Source {
    Hwdb,    // systemd's, memory-mapped: a look-up costs microseconds.
    PciIds,  // The text file, read as a whole by the first look-up: 5 ms.
  };

  explicit Database(Source source) : access_(pci_alloc(), &pci_cleanup) {
    access_->error = fail;
    access_->warning = ignore;
    access_->debug = ignore;
    access_->id_lookup_mode = 0;  // No cache of answers from the network.
    // libpci asks the hwdb only for what its list does not have, so that list must be empty.
    static char no_list[] = "/dev/null";
    if (source == Source::Hwdb) pci_set_name_list_path(access_.get(), no_list, 0);
  }

  PciNames look_up(std::uint16_t vendor, std::uint16_t device) {
    return {ask(PCI_LOOKUP_VENDOR, vendor, 0), ask(PCI_LOOKUP_DEVICE, vendor, device)};
  }

 private:
  std::string ask(int what, int vendor, int device) {
    std::array<char, 1024> buffer{};
    const char* name = pci_lookup_name(access_.get(), buffer.data(), static_cast<int>(buffer.size()),
                                       what | PCI_LOOKUP_NO_NUMBERS, vendor, device);
    return name ? name : "";
  }

  std::unique_ptr<pci_access, decltype(&pci_cleanup)> access_;
};

/// The hwdb where there is one, else pci.ids; and every answer once.
class Names {
 public:
  const PciNames& look_up(std::uint16_t vendor, std::uint16_t device) {
    const auto [place, is_new] = known_.try_emplace({vendor, device});
    if (is_new) place->second = database().look_up(vendor, device);
    return place->second;
  }

 private:
  Database& database() {
    if (database_) return *database_;
    constexpr std::uint16_t kIntel = 0x8086;  // Every database that deserves its name has it.
    database_ = std::make_unique<Database>(Database::Source::Hwdb);
    if (database_->look_up(kIntel, 0).vendor.empty())
      database_ = std::make_unique<Database>(Database::Source::PciIds);
    return *database_;
  }

  std::unique_ptr<Database> database_;
  std::map<std::pair<std::uint16_t, std::uint16_t>, PciNames> known_;
};

}  // namespace

NameLookup pci_names() {
  return [names = std::make_shared<Names>()](std::uint16_t vendor, std::uint16_t device) {
    return names->look_up(vendor, device);
  };
}

}  // namespace gpupass
