// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "gpupass/guest.hpp"
#include "gpupass/policy.hpp"
#include "gpupass/render.hpp"
#include "render/text/report.hpp"
#include "support/golden.hpp"
#include "support/two_sockets.hpp"

namespace gpupass::change_test {
namespace {

constexpr auto kSecret = "<domain><devices><graphics type='vnc' passwd='hunter2'/></devices></domain>";

Plan sample_plan() {
  const Change home = SetHome{kGpu0, Home{.address = kGpu0,
                                          .state = {"nvidia", ""},
                                          .identity = {0x10de, 0x2684},
                                          .made_way = {{"gdm.service"}, true, "efi-framebuffer.0"}}};
  const Change vfio = SetDriver{kGpu0, {"vfio-pci", "vfio-pci"}, false};
  const Change nvidia = SetDriver{kGpu0, {"nvidia", ""}, false};
  const SetBootBindings at_boot{{{kGpu0, {0x10de, 0x2684, 0x10de, 0x167c, "0000000000000001"}},
                                 {kAudio0, {0x10de, 0x22ba, 0x10de, 0x167c, ""}}},
                                BootTool::Dracut,
                                {{"6.1.0-18-amd64", "/boot/initrd.img-6.1.0-18-amd64"}}};
  const DeviceId mediated = *DeviceId::parse("c73f1fa6-489e-4834-9476-d70dabd98c40");
  Plan plan;
  plan.assumes = {{Assumption::Kind::Link, "/sys/bus/pci/devices/0000:41:00.0/driver", "nvidia"},
                  {Assumption::Kind::Attribute, "/sys/bus/pci/devices/0000:41:00.0/vendor", "0x10de"},
                  {Assumption::Kind::Domain, "guest1", "absent"}};
  plan.steps = {
      {"load vfio-pci",
       "its driver takes the device; a loaded module changes nothing",
       LoadModule{"vfio-pci"},
       {}},
      {"keep 0000:41:00.0 out of D3cold", "it may not come back", SetD3cold{kGpu0, false},
       SetD3cold{kGpu0, true}},
      {"stop dcgm.service", "it has a device open", SetService{"dcgm.service", false},
       SetService{"dcgm.service", true}},
      {"stop to draw", "they keep it open", SetConsole{false}, SetConsole{true}},
      {"take it off", "it is in its memory", SetFramebuffer{"efi-framebuffer.0", false},
       SetFramebuffer{"efi-framebuffer.0", true}},
      {"cut it", "you asked for it", SetVirtualFunctions{kGpu0, 4, true},
       SetVirtualFunctions{kGpu0, 0, true}},
      {"choose the reset", "another one would reset more", SetResetMethods{kGpu0, {"flr"}},
       SetResetMethods{kGpu0, {"flr", "bus"}}},
      {"reset it", "it cannot be undone", ResetDevice{kGpu0, "flr"}, {}},
      {"type it", "you asked for it", SetVgpuType{kGpu0, 1145}, SetVgpuType{kGpu0, 0}},
      {"keep it", "you asked for it", SetMediatedDefinition{mediated, kGpu0, "nvidia-222", true},
       SetMediatedDefinition{mediated, kGpu0, "nvidia-222", std::nullopt}},
      {"make it", "you asked for it", SetMediatedDevice{mediated, kGpu0, "nvidia-222", true},
       SetMediatedDevice{mediated, kGpu0, "nvidia-222", false}},
      {"MIG on", "you asked for it", SetMigMode{kGpu0, true}, SetMigMode{kGpu0, false}},
      {"instance", "you asked for it", SetMigInstance{kGpu0, "3g.71gb", 9, 4, 4, {{0, 3}}, true},
       SetMigInstance{kGpu0, "3g.71gb", 9, 4, 4, {{0, 3}}, false}},
      {"persistence off", "its driver waits for itself", SetPersistence{kGpu0, false},
       SetPersistence{kGpu0, true}},
      {"record 0000:41:00.0", "release brings it back", home, SetHome{kGpu0, std::nullopt}},
      {"bind 0000:41:00.0 to vfio-pci", "QEMU takes devices from there", vfio, nvidia},
      {"let the kernel choose for 0000:41:00.1", "no record", SetDriver{kAudio0, {}, true}, vfio},
      {"define guest1", "you asked for it", SetDomain{"guest1", kSecret}, SetDomain{"guest1", std::nullopt}},
      {"record", "", SetMetadata{"guest1", "<vm/>"}, SetMetadata{"guest1", ""}},
      {"start guest1", "--start", SetPower{"guest1", true}, SetPower{"guest1", false}},
      {"attach 0000:c1:00.0 to guest1", "you asked for it",
       SetDevice{"guest1", kGpu1, Scope::Live, true, "<hostdev/>", 60},
       SetDevice{"guest1", kGpu1, Scope::Live, false, "<hostdev/>", 60}},
      {"bind 0000:41:00.0 to vfio-pci on every boot", "--persist", at_boot,
       SetBootBindings{{}, at_boot.tool, at_boot.images}}};
  plan.notes = {"after a reboot the GPU has to be bound again"};
  return plan;
}

TEST(RenderPlan, Text) {
  expect_golden("plan.txt", render_plan(sample_plan(), {}, {.verbose = true}));
}
TEST(RenderPlan, ManyStepsAreFoldedAndNoneIsLeftOut) {
  Plan plan;
  for (const PciAddress gpu : {kGpu0, kGpu1})
    for (const char* deed : {"record", "aim", "unbind", "bind", "wake", "check", "name"})
      plan.steps.push_back({fmt::format("{} {}", deed, gpu.to_string()), "you asked for it",
                            SetDriver{gpu, {"vfio-pci", "vfio-pci"}}, std::nullopt});
  plan.steps.push_back({"start guest1", "--start", SetPower{"guest1", true}, SetPower{"guest1", false}});
  EXPECT_EQ(render_plan(plan),
            " 1. 2 functions, 0000:41:00.0, 0000:c1:00.0:\n"
            "      record it\n      aim it\n      unbind it\n      bind it\n      wake it\n      check it\n"
            "      name it\n"
            " 2. start guest1\n      because --start\n"
            "These are 15 steps; -v prints each with its reason and its undo.\n");
}
TEST(RenderPlan, Json) {
  expect_golden("plan.json", render_plan_json(sample_plan()));
}
TEST(RenderPlan, SaysWhenThereIsNothingToDo) {
  EXPECT_EQ(render_plan({}), "nothing to do\n");
}

TEST(RenderPlan, NeverShowsASecret) {
  EXPECT_EQ(render_plan(sample_plan()).find("hunter2"), std::string::npos);
  EXPECT_EQ(render_plan_json(sample_plan()).find("hunter2"), std::string::npos);
}

TEST(Redacted, HidesPasswordsAndCookies) {
  EXPECT_EQ(redacted(kSecret), "<domain><devices><graphics type='vnc' passwd='****'/></devices></domain>");
  EXPECT_EQ(redacted("<source><cookies><cookie name='a'>secret</cookie></cookies></source>"),
            "<source><cookies><cookie name='a'>****</cookie></cookies></source>");
}

TEST(Redacted, HidesWhatQemuTheFirmwareAndTheKernelAreTold) {
  const auto shows = [](const std::string& xml) {
    return redacted("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>" + xml + "</domain>")
               .find("hunter2") != std::string::npos;
  };
  EXPECT_FALSE(shows("<q:commandline><q:arg value='secret,id=a,data=hunter2'/></q:commandline>"));
  EXPECT_FALSE(
      shows("<q:commandline><q:arg value='name=opt/ovmf/X-PciMmio64Mb,string=hunter2'/></q:commandline>"));
  EXPECT_FALSE(shows("<q:commandline><q:env name='TOKEN' value='hunter2'/></q:commandline>"));
  EXPECT_FALSE(shows("<sysinfo type='fwcfg'><entry name='opt/com.coreos/config'>hunter2</entry></sysinfo>"));
  EXPECT_FALSE(
      shows("<sysinfo><oemStrings><entry>io.systemd.credential:a=hunter2</entry></oemStrings></sysinfo>"));
  EXPECT_FALSE(
      shows("<sysinfo><system><entry name='serial'>ds=nocloud;h=hunter2</entry></system></sysinfo>"));
  EXPECT_FALSE(shows("<os><cmdline>ds=nocloud rd.luks.key=hunter2</cmdline></os>"));
  EXPECT_FALSE(shows("<disk><source query='token=hunter2'/></disk>"));
  EXPECT_FALSE(shows("<!-- <q:arg value='hunter2'/> -->"));
  EXPECT_TRUE(shows("<description>hunter2</description>"));
}

TEST(Redacted, ShowsOfMetadataItsOwn) {
  EXPECT_EQ(
      redacted("<domain><metadata> <a:b xmlns:a='c'>hunter2</a:b> <g:vm xmlns:g='urn:gpupass:domain:1'/> "
               "<d xmlns='e'><f/></d></metadata><name>a</name></domain>"),
      "<domain><metadata> ****<g:vm xmlns:g='urn:gpupass:domain:1'/> ****</metadata><name>a</name></domain>");
}

TEST(Redacted, ShowsTheArgumentsThatGpupassWrites) {
  const std::string xml =
      "<domain xmlns:q='u'><q:commandline><q:arg value='-fw_cfg'/><q:arg value="
      "'name=opt/ovmf/X-PciMmio64Mb,string=65536'/></q:commandline></domain>";
  EXPECT_EQ(redacted(xml), xml);
}

TEST(Redacted, LeavesEveryOtherByte) {
  const std::string before =
      "<?xml version='1.0'?>\r\n<domain >\t<!-- <graphics passwd = \"old\"/> -->\n"
      "<graphics passwdValidTo='2030' passwd=\"a&quot;'>\" "
      "/>\n<cookies><cookie\nname='a>b'><![CDATA[x]]></cookie ><cookie "
      "name='b'/></cookies>\n</domain>\n\n";
  const std::string after =
      "<?xml version='1.0'?>\r\n<domain >\t<!-- <graphics passwd = \"****\"/> -->\n"
      "<graphics passwdValidTo='2030' passwd=\"****\" />\n<cookies><cookie\nname='a>b'>****</cookie ><cookie "
      "name='b'/></cookies>\n</domain>\n\n";
  EXPECT_EQ(redacted(before), after);
  EXPECT_EQ(redacted(after), after);
}

TEST(Redacted, LeavesOutWhatItCannotRead) {
  EXPECT_EQ(redacted("<domain passwd='hunter2'"), "");
  EXPECT_EQ(redacted("<domain><!-- passwd='hunter2 --></domain>"), "");
  EXPECT_EQ(redacted(std::string_view("\xff\xfe<\0a\0/\0>\0", 10)), "");
}

TEST(RenderReport, Text) {
  const Report report{Outcome::RolledBack,
                      false,
                      {{"record 0000:41:00.0", StepState::Done, "", UndoState::Done},
                       {"bind 0000:41:00.0 to vfio-pci", StepState::Failed, "No such device\x1b[2J"},
                       {"start guest1"}}};
  expect_golden("report.txt", render_report(report));
  expect_golden("report.json", render_report_json(report));
}

TEST(RenderReport, SaysWhatBecameOfAStepAndItsUndo) {
  const auto words = [](StepState state, const char* reason, UndoState undo, const char* undo_reason) {
    return words_for(StepResult{"", state, reason, undo, undo_reason});
  };
  EXPECT_EQ(words(StepState::NotReached, "", UndoState::None, ""), "not reached");
  EXPECT_EQ(words(StepState::Pending, "", UndoState::None, ""), "pending");
  EXPECT_EQ(words(StepState::Pending, "it is paused", UndoState::None, ""), "pending: it is paused");
  EXPECT_EQ(words(StepState::Wedged, "", UndoState::None, ""), "wedged");
  EXPECT_EQ(words(StepState::Wedged, "this could not be recorded: full", UndoState::None, ""),
            "wedged (this could not be recorded: full)");
  EXPECT_EQ(words(StepState::Done, "", UndoState::Done, ""), "undone");
  EXPECT_EQ(words(StepState::Failed, "busy", UndoState::Done, ""), "failed: busy");
  EXPECT_EQ(words(StepState::Done, "", UndoState::Failed, "gone"), "undo failed: gone");
  EXPECT_EQ(words(StepState::Failed, "busy", UndoState::Failed, "gone"), "failed: busy; undo failed: gone");
  EXPECT_EQ(words(StepState::Done, "", UndoState::Left, "held"), "done; not undone: held");
}

TEST(RenderReport, TellsWhatToDoAboutWhatIsLeft) {
  const PciAddress gpu{0, 0x41, 0, 0};
  const SetDevice config{"guest1", gpu, Scope::Config, false, ""},
      live{"guest1", gpu, Scope::Live, false, ""};
  const Plan both{{}, {{"a", "", config, std::nullopt}, {"b", "", live, std::nullopt}}, {}};
  const Report report{Outcome::Pending, true, {{"a", StepState::Done}, {"b", StepState::Pending}}};
  const auto next = next_steps(both, report);
  ASSERT_EQ(next.size(), 4u);
  EXPECT_EQ(next[0],
            "the definition of guest1 no longer has 0000:41:00.0; only the running guest may still have it");
  EXPECT_EQ(
      next[2],
      "gpupass detach guest1 0000:41:00.0 --live asks it again and waits; --timeout SECONDS waits longer");
  const Plan only_live{{}, {{"b", "", live, std::nullopt}}, {}};
  EXPECT_EQ(next_steps(only_live, {Outcome::Pending, true, {{"b", StepState::Pending, "why"}}}).front(),
            "the definition of guest1 is unchanged; this is about the running guest");
  EXPECT_TRUE(
      next_steps(both, {Outcome::Done, true, {{"a", StepState::Done}, {"b", StepState::Done}}}).empty());
  EXPECT_THAT(next_steps(both, {Outcome::Wedged, true, {{"a", StepState::Wedged}, {"b"}}}),
              testing::Contains(testing::HasSubstr("switch the machine off")));
  EXPECT_THAT(
      next_steps(both,
                 {Outcome::RollbackIncomplete, true, {{"a", StepState::Done, "", UndoState::Failed}, {"b"}}}),
      testing::ElementsAre(testing::HasSubstr("gpupass recover")));
  const auto json = nlohmann::json::parse(render_report_json(report, next)).at("report");
  EXPECT_EQ(json.at("outcome"), "pending");
  EXPECT_EQ(json.at("next"), nlohmann::json(next));
}

TEST(RenderHistory, TellsWhenAndHowItEnded) {
  Plan plan;
  plan.steps = {
      {"bind 0000:65:00.0 to vfio-pci", "you asked for it", SetDriver{}, SetDriver{}},
      {"define guest a", "", SetDomain{"a", "<domain><graphics passwd='hunter2'/></domain>"}, std::nullopt}};
  const std::vector<Operation> operations{
      {"0000000000000001-7",
       0,
       "b0075a9a-0000-4000-8000-000000000001",
       "qemu:///system",
       plan,
       2,
       Outcome::Done,
       {},
       "",
       "alice",
       "gpupass bind 65:00.0"},
      {"1763738700123456-8", 1763738700, "b0075a9a-0000-4000-8000-000000000002", "test:///default", plan, 1,
       std::nullopt}};
  expect_golden("history.txt", render_history(operations));
  expect_golden("history.json", render_history_json(operations));
  EXPECT_THAT(render_history_json(operations), testing::Not(testing::HasSubstr("hunter2")));
}

TEST(RenderHistory, SaysThatThereIsNothing) {
  EXPECT_EQ(render_history({}), "nothing was changed yet\n");
}

TEST(RenderPlan, ShowsWhatChangesInADefinitionWithoutSecrets) {
  Plan plan;
  plan.steps = {{"redefine guest a", "it gets a GPU",
                 SetDomain{"a", "<domain>\n  <vcpu>2</vcpu>\n  <graphics passwd='hunter2'/>\n</domain>"},
                 SetDomain{"a", "<domain>\n  <vcpu>1</vcpu>\n  <graphics passwd='hunter2'/>\n</domain>"}}};
  const std::string text = render_plan(plan);
  EXPECT_THAT(text, testing::HasSubstr("      -  <vcpu>1</vcpu>\n      +  <vcpu>2</vcpu>\n"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("hunter2")));
}

TEST(RenderHistory, ShowsWhyAnOperationCannotBeRead) {
  Operation unreadable;
  unreadable.id = "1763738700123456-4711";
  unreadable.unreadable = "cannot read it: saw \x1b, expected 1";
  const std::string text = render_history({unreadable});
  EXPECT_THAT(text,
              testing::HasSubstr("1763738700123456-4711  ?  unreadable\n    cannot read it: saw \\x1B"));
  const auto json = nlohmann::json::parse(render_history_json({unreadable}));
  EXPECT_EQ(json["operations"][0]["outcome"], "unreadable");
  EXPECT_EQ(json["operations"][0]["unreadable"], unreadable.unreadable);
}

TEST(RenderReport, SaysWhenItWasAlreadySo) {
  EXPECT_EQ(render_report({Outcome::Already, false, {}}), "nothing to do\n");
}

TEST(RenderError, Json) {
  const Error error(ErrorCode::NotFound, "0000:66:00.0",
                    "cannot show 0000:66:00.0: there is no such function");
  const auto json = nlohmann::json::parse(render_error_json(error)).at("error");
  EXPECT_EQ(json.at("code"), "not-found");
  EXPECT_EQ(json.at("subject"), "0000:66:00.0");
  EXPECT_EQ(json.at("hint"), nullptr);
}

TEST(RenderPlacement, TextAndJson) {
  Placement placement;
  placement.gpus = {kGpu0};
  placement.devices = {kAudio0};
  placement.cells = {{0, {4, 5, 20, 21}, std::uint64_t{8} << 30, std::uint64_t{1} << 30}};
  placement.vcpu_pins = {{0, {4}}, {1, {20}}, {2, {5}}, {3, {21}}};
  placement.threads_per_core = 2;
  placement.emulator_cpus = {0, 16};
  placement.reasons = {"node 0 is the GPU's own"};
  placement.gap = Gap{2, 1, 40, 24};
  expect_golden("placement.txt",
                render_placement(two_sockets(), placement, [](auto...) { return PciNames{}; }));
  expect_golden("placement.json", render_placement_json(two_sockets(), placement));
}

}  // namespace
}  // namespace gpupass::change_test
