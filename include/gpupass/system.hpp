// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/domain.hpp"
#include "gpupass/fact.hpp"
#include "gpupass/services.hpp"

#pragma GCC visibility push(default)
namespace gpupass {

/// Changes of guests. Every call has a deadline and throws Error when it fails: Timeout when it did not
/// return, Unavailable when the hypervisor went away. The next call connects again.
class Hypervisor {
 public:
  virtual ~Hypervisor() = default;

  /// The named domain now, secrets included: fit for undo, never for display. Absent: there is none.
  virtual Fact<DomainXml> domain(const std::string& name) const = 0;
  /// Defines the domain, or redefines it. `name` is the name in the XML. libvirt's schema is checked first.
  virtual void define(const std::string& name, const std::string& xml) = 0;
  virtual void undefine(const std::string& name) = 0;
  /// Sets the part of the persistent definition's metadata that has this XML namespace. Empty: takes it away.
  virtual void set_metadata(const std::string& name, const std::string& xml_namespace,
                            const std::string& xml) = 0;
  virtual void start(const std::string& name) = 0;
  /// Stops it at once, like pulling the plug.
  virtual void destroy(const std::string& name) = 0;
  virtual void attach(const std::string& name, const std::string& device_xml, Scope scope) = 0;
  /// Asks for removal. A live guest may need time: the device is gone when the live definition no longer has
  /// it.
  virtual void detach(const std::string& name, const std::string& device_xml, Scope scope) = 0;
  /// Sleeps until something happened to the domain's devices, or the time is over.
  /// @returns the aliases of the devices that the guest has refused to release since the last request, each
  /// once.
  virtual std::vector<std::string> wait_for_change(const std::string& name,
                                                   std::chrono::milliseconds timeout) = 0;
};

/// The files of a machine. Paths are absolute, as on the live machine ("/sys/bus/pci/...").
/// Reading is const and never changes anything; it never takes a device's lock, but for read_guarded().
class Files {
 public:
  virtual ~Files() = default;

  /// A file's content without its last newline. Unknown when it exists but cannot be read.
  virtual Fact<std::string> read(std::string_view path) const = 0;
  /// The bytes of a binary file from `offset` on: `count` of them, fewer at its end, more where they cost
  /// nothing. Some files of the running machine ask a device for each byte.
  virtual Fact<std::string> read_bytes(std::string_view path, std::size_t offset, std::size_t count) const;
  /// The names in a directory, ascending, without "." and "..".
  virtual Fact<std::vector<std::string>> list(std::string_view path) const = 0;
  /// Where a symbolic link points to, as it is written there.
  virtual Fact<std::string> link(std::string_view path) const = 0;
  /// The number of the device that a path leads to: "226:128", and of a block device "block 259:0". Absent:
  /// it leads to none.
  virtual Fact<std::string> device_number(std::string_view path) const = 0;
  /// As read(), for attributes whose reading may block for ever; unknown when the deadline passes.
  virtual Fact<std::string> read_guarded(std::string_view path) const = 0;
  /// Whether an earlier change of what has this lock still goes on, perhaps without a gpupass that waits for
  /// it. Absent: a captured machine for which that is not recorded.
  virtual Fact<bool> is_writing(const std::string& lock) const = 0;

  /// Writes an attribute in one write(2). @throws Error when the kernel refuses.
  virtual void write(std::string_view path, std::string_view value) = 0;
  /// As write(), for a write that may never return. @throws Error Wedged when the deadline passes.
  virtual void write_guarded(std::string_view path, std::string_view value) = 0;
  /// write_guarded(), and then read_guarded(): for an attribute that shows what was written.
  virtual Fact<std::string> set_guarded(std::string_view path, std::string_view value) {
    write_guarded(path, value);
    return read_guarded(path);
  }
  /// Replaces a file below /run/gpupass or /etc/gpupass, or a hook for boot images; makes its folder. All but
  /// those in /run are on disk when it returns.
  virtual void save(std::string_view path, std::string_view content) = 0;
  /// Adds to a file below /var/lib/gpupass, which only root can read, in one write(2); makes it and its
  /// folder. Once it returns the text outlives this process, and when `durable` also a loss of power.
  virtual void append(std::string_view path, std::string_view text, bool durable) = 0;
  /// Gives a file below /var/lib/gpupass another name in its folder, which a loss of power may take back.
  virtual void rename(std::string_view path, std::string_view new_path) = 0;
  /// Removes a file that save() or append() writes, or the image of WriteSeedOrder; a missing file is no
  /// error. The last file of a folder outside /run and /var takes the folder with it.
  virtual void remove(std::string_view path) = 0;
  /// Keeps other gpupass processes from what has this name, until the returned value is destroyed or the
  /// process ends.
  /// @throws Error Busy.
  virtual std::shared_ptr<void> lock(const std::string& name) = 0;
};

/// The services of a machine: each question and each order is a struct of services.hpp.
class Services {
 public:
  virtual ~Services() = default;

  /// The answer to a question. Changes nothing; unknown when none comes before the deadline.
  template <typename Question>
  Fact<typename Question::Reply> ask(const Question& question) const {
    AnyExchange exchange = Exchange<Question>{question};
    answer(exchange);
    return std::get<Exchange<Question>>(std::move(exchange)).answer;
  }
  /// Carries an order out. @throws Error.
  virtual void carry_out(const Order& order) = 0;

 private:
  /// Puts the answer into the exchange.
  virtual void answer(AnyExchange& exchange) const = 0;
};

/// The only way to a machine: its files, its services and its hypervisor.
class System : public Files, public Services {
 public:
  /// Whether changes make sense here: false for a captured machine.
  virtual bool live() const = 0;
  /// @throws Error Unavailable when there is none.
  virtual Hypervisor& hypervisor() = 0;
  /// The URI of the hypervisor: "qemu:///system". Empty: a captured machine for which none was named.
  virtual std::string hypervisor_uri() const = 0;
};

/// How to open a machine.
struct SystemOptions {
  std::string root = "/";   ///< "/", a captured tree, or a capture NAME.host.
  std::string libvirt_uri;  ///< Empty: LIBVIRT_DEFAULT_URI, then qemu:///system.
  bool uri_given = false;   ///< The user named it: then libvirt may be asked also beside a captured root.
  std::chrono::milliseconds deadline{10'000};  ///< For one answer of the worker.
  /// For one write_guarded(). Drivers of large GPUs take tens of seconds to start and to stop; what takes
  /// longer has not returned.
  std::chrono::milliseconds write_deadline{120'000};
  /// The program gpupass-worker. Empty: the one beside the library, as it is built or installed. No
  /// environment variable can name it, because sudo passes on those of an ordinary user.
  std::string worker = {};
};

/// The libvirt URI that the options or the environment name. Empty: neither does.
/// @throws Error Usage when it tells libvirt to run a program: whoever may only look would run it as root.
std::string named_hypervisor(const SystemOptions& options);
/// The named guest, as the hypervisor describes it, with its secrets; of a captured machine without one, as
/// the capture describes it. Absent: there is none.
/// @throws Error Unavailable when there is no hypervisor, or it does not answer.
Fact<DomainXml> domain_named(System& system, const std::string& name);

/// Opens the live machine, a captured tree or a capture. Nothing of the running machine shows through a root.
/// @throws Error NotFound, Malformed.
std::unique_ptr<System> open_system(const SystemOptions& options);

}  // namespace gpupass
#pragma GCC visibility pop
