// SPDX-License-Identifier: LGPL-2.1-or-later
#include "probe/use/control_group.hpp"

#include <gtest/gtest.h>

#include "support/memory_system.hpp"

namespace gpupass::control_group_test {
namespace {

constexpr auto kScope = "0::/user.slice/user-1000.slice/session-2.scope";
constexpr auto kTerminal = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-terminal.scope";

MemorySystem process(const std::string& group) {
  MemorySystem system;
  system.file("/proc/7/cgroup", group);
  return system;
}

std::string session(MemorySystem system, const std::string& text) {
  system.file("/run/systemd/sessions/2", text).file("/run/systemd/sessions/2.ref", "");
  return session_of(system, "7");
}

TEST(ControlGroup, TellsTheServiceOfTheSystem) {
  EXPECT_EQ(service_of(process("0::/system.slice/dcgm.service"), "7"), "dcgm.service");
  EXPECT_EQ(service_of(process("1:name=systemd:/system.slice/system-x.slice/x@1.service/sub"), "7"),
            "x@1.service");
  EXPECT_EQ(service_of(process(kTerminal), "7"), "") << "it is a user's";
  EXPECT_EQ(service_of(process("0::/init.scope"), "7"), "");
  EXPECT_EQ(service_of(MemorySystem(), "7"), "");
}

TEST(ControlGroup, TellsTheSessionAtADisplay) {
  EXPECT_EQ(session(process(kScope), "UID=1000\nSEAT=seat0\nTYPE=wayland"), "session-2.scope");
  EXPECT_EQ(session(process(kTerminal), "UID=1000\nSEAT=seat0\nTYPE=x11"), "user@1000.service");
  EXPECT_EQ(session(process("0::/system.slice/gdm.service"), "UID=1000\nSEAT=seat0\nTYPE=x11"), "");
}

TEST(ControlGroup, SessionsElsewhereAreNone) {
  for (const char* text :
       {"UID=1000\nSEAT=seat0\nTYPE=tty", "UID=1000\nTYPE=tty\nREMOTE=1", "UID=1000\nSEAT="})
    for (const char* group : {kScope, kTerminal}) EXPECT_EQ(session(process(group), text), "") << text;
  EXPECT_EQ(session(process(kTerminal), "UID=42\nSEAT=seat0\nTYPE=wayland"), "") << "it is another's";
}

TEST(ControlGroup, WithoutLogindEachSessionMayBeAtADisplay) {
  EXPECT_EQ(session_of(process(kScope), "7"), "session-2.scope");
  EXPECT_EQ(session_of(process(kTerminal), "7"), "user@1000.service");
}

TEST(ControlGroup, ACaptureTellsOfNoPeople) {
  const std::string text = "USER=alice\nUID=1000\nSEAT=seat0\nTYPE=x11\nREMOTE_HOST=192.0.2.1\nUIDS=7";
  EXPECT_EQ(session_lines(text), "SEAT=seat0\nTYPE=x11\nUID=1000\n");
  EXPECT_EQ(session(process(kTerminal), session_lines(text)), "user@1000.service");
}

}  // namespace
}  // namespace gpupass::control_group_test
