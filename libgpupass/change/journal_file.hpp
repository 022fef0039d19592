// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gpupass/report.hpp"

/// The journal has a file of JSON lines for each operation: how it began, each step that was started, and how
/// it ended. The functions that write return one line, without its newline.
///
/// Every version keeps these rules, so that every other version can tell which operations concern it: the
/// first line is an object with "record": "begin" and "subjects", the names of the operation's locks; the
/// last line of an operation that has ended is an object with "record": "end" and "outcome".
namespace gpupass {

inline constexpr std::string_view kJournalFolder = "/var/lib/gpupass/journal";

/// "/var/lib/gpupass/journal/1763738700123456-4711".
std::string journal_path(const std::string& id);

/// When the operation of a file in the journal's folder began: microseconds since 1970, or a little more
/// where a clock was set back. nullopt: the file is not the journal's; somebody else put it there.
std::optional<std::int64_t> begin_in_name(std::string_view file);

/// The suffix of a file whose operation is over, so nobody has to read it. A file without the suffix may be
/// over as well.
inline constexpr std::string_view kOver = ".over";

/// Whether nothing is left to recover after such an end.
bool is_over(Outcome outcome);

/// An operation that begins now: its time, boot, hypervisor and plan, and the locks that it takes.
std::string journal_begin(const Operation& operation, const std::set<std::string>& subjects);
std::string journal_start(std::size_t step);
std::string journal_undo();
/// `left` are the steps that are still to be undone; only for an outcome that is not over. `definitions` are
/// those that steps have set, in libvirt's own words.
std::string journal_end(Outcome outcome, const std::vector<std::size_t>& left,
                        const std::map<std::size_t, std::string>& definitions);

/// What a file tells. One that cannot be read is an Operation that says why.
/// @returns nullopt when it was cut off before anything was done.
std::optional<Operation> operation_in(const std::string& id, std::string_view text);

/// Whether the last line says that the operation is over: then the others need not be understood.
bool ends_as_over(std::string_view text);

/// Whether an unreadable operation may concern one of these locks: it names the lock as a subject or, if its
/// subjects are unreadable too, anywhere in its text.
bool may_concern(std::string_view text, const std::set<std::string>& locks);

}  // namespace gpupass
