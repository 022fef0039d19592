// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "gpupass/plan.hpp"

namespace gpupass::fingerprint_test {
namespace {

const DomainXml kGuest{"guest1", true, true, false, "<domain id='1'/>", "<domain/>"};

TEST(Fingerprint, OfNoDomainSaysSo) {
  EXPECT_EQ(fingerprint(nullptr), "absent");
}

TEST(Fingerprint, IsTheSameInEveryBuild) {
  EXPECT_EQ(fingerprint(&kGuest), fingerprint(&kGuest));
  const DomainXml empty;
  EXPECT_EQ(fingerprint(&empty), "inactive cbf29ce484222325 cbf29ce484222325");
}

TEST(Fingerprint, ChangesWithStateAndWithEitherDefinition) {
  for (const auto change :
       {+[](DomainXml& d) { d.active = false; }, +[](DomainXml& d) { d.autostart = true; },
        +[](DomainXml& d) { d.live_xml += " "; }, +[](DomainXml& d) { d.persistent_xml = ""; },
        +[](DomainXml& d) { d.persistent = false; }, +[](DomainXml& d) { d.paused = true; }}) {
    DomainXml other = kGuest;
    change(other);
    EXPECT_NE(fingerprint(&other), fingerprint(&kGuest));
  }
}

}  // namespace
}  // namespace gpupass::fingerprint_test
