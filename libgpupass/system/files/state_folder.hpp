// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "gpupass/fact.hpp"
#include "system/files/fd.hpp"

namespace gpupass {

/// A folder for the records of gpupass, until the next boot or for longer. A link, or a folder that other
/// users can change, is refused. Paths are absolute; one outside the folder is refused.
class StateFolder {
 public:
  /// Whether a folder survives a loss of power, or is empty after each boot.
  enum class Lasts { UntilBoot, Always };
  /// `mode` is that of the files that save() writes.
  StateFolder(std::string path, Lasts lasts, unsigned mode);

  /// Replaces a file whole, on disk when it returns: a reader, or a crash, sees the old content or the new.
  void save(std::string_view path, std::string_view content) const;
  /// Removes a file. One that is not there is no error. `durable`: on disk when it returns.
  void remove(std::string_view path, bool durable = true) const;
  /// Removes the folder itself when nothing is in it.
  void remove_if_empty() const;
  /// The same of a folder below it.
  void remove_if_empty(std::string_view folder) const;
  /// Adds to a file, for root's eyes only, in one write(2). `durable`: on disk when it returns.
  void append(std::string_view path, std::string_view text, bool durable) const;
  /// Gives a file another name, which none has, in the same folder below this one.
  void rename(std::string_view path, std::string_view new_path) const;
  /// Held until the returned value is destroyed. @throws Error Busy when it is held already.
  std::shared_ptr<void> lock(const std::string& name) const;
  /// The file that a worker locks while it makes a change for who holds the lock `name`. lock() looks at it
  /// too: a change that a dead process asked for may go on.
  std::string writing_lock(const std::string& name) const;
  /// Whether a worker holds that file. Unknown when it cannot be opened.
  Fact<bool> is_writing(const std::string& name) const;

 private:
  enum class Missing { Make, Accept };
  static Fd open_below(int parent, const std::string& name, std::string_view path, Missing missing);
  Fd open_folder(Missing missing) const;
  Fd open_parent(std::string_view path, Missing missing) const;
  void sync(const Fd& file, std::string_view path) const;
  void sync_way(std::string_view path) const;

  std::string path_;
  Lasts lasts_;
  unsigned mode_;
};

}  // namespace gpupass
