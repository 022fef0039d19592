#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python package, and through it the C functions: values, errors, events, threads. The library is found by LD_LIBRARY_PATH."""
import json
import pathlib
import re
import sys
import tempfile
import threading
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "libgpupass/python"))
import gpupass  # noqa: E402
from gpupass import errors, values  # noqa: E402

try:
    import jsonschema
except ImportError:
    jsonschema = None

HOSTS = sorted((SOURCE / "examples/hosts").glob("*.host"))
SERVER = SOURCE / "examples/hosts/8gpu-2socket.host"


def opened(host=SERVER, **options):
    return gpupass.open(str(host), **options)


class Values(unittest.TestCase):
    def test_every_host_comes_back_as_it_was(self):
        self.assertTrue(HOSTS)
        for path in HOSTS:
            with self.subTest(path.name), opened(path) as system:
                host = system.probe()
                document = json.loads(host.to_json())
                self.assertEqual(host.value().to_json(), document["host"])
                self.assertEqual(json.loads(gpupass.Host.from_json(host.to_json()).to_json()), document)

    def test_documents_conform_to_the_schema(self):
        if jsonschema is None:
            self.skipTest("there is no jsonschema")
        validator = jsonschema.Draft202012Validator(gpupass.schema())
        with opened() as system:
            host = system.probe()
            placement = host.place(gpupass.Request(gpu_count=2))
            made = host.define(gpupass.Request(gpu_count=1))
            for name, value in {
                "host": host.value(),
                "placement": placement,
                "plan": host.plan_bind(placement.gpus),
                "definition": made,
                "selection": host.select(["all"]),
                "packing": gpupass.pack([host], [{"name": "a", "gpus": 2}, {"name": "b", "gpus": 9}]),
            }.items():
                validator.validate({"format": 1, name: value.to_json()})
            validator.validate({"format": 1, "assessments": [one.to_json() for one in host.assess()]})
            validator.validate({"format": 1, "findings": [one.to_json() for one in host.check()]})
            with self.assertRaises(jsonschema.ValidationError):
                validator.validate({"format": 1, "plan": {"steps": []}})

    def test_text_that_is_no_utf8_is_kept(self):
        value = values.Limit.from_json({"what": {"bytes": "66ff"}, "why": "so"})
        self.assertEqual(value.what, "f\udcff")
        self.assertEqual(value.to_json(), {"what": {"bytes": "66ff"}, "why": "so"})

    def test_facts_have_four_states(self):
        function = values.PciFunction.from_json({"address": "0000:65:00.0", "driver": None, "vendor": {"unknown": "no right"}})
        self.assertIsNone(function.driver)
        self.assertEqual(function.vendor, gpupass.Unknown("no right"))
        self.assertIs(function.numa_node, gpupass.NOT_ASKED)
        self.assertEqual(repr(function), "PciFunction(address='0000:65:00.0', vendor=Unknown(why='no right'))")


class Verbs(unittest.TestCase):
    def test_a_host_is_prepared_tuned_and_kept_from_guests(self):
        with opened() as system:
            host = system.probe()
            plan = host.plan_prepare(guests=4, gpus=2, memory_bytes=200 << 30, at_boot=True)
            self.assertIn("400 huge pages of 1G on node 0", plan.steps[-1].summary)
            self.assertEqual(host.plan_prepare(undo=True).steps, [])
            self.assertEqual(host.plan_tune().steps, [])  # Nothing is declared.
            kept = host.plan_quarantine(["9a:00.0"], reason="fell off the bus")
            self.assertEqual(len(host.after(kept).plan_quarantine(["9a:00.0"], release=True).steps), 1)
            with self.assertRaises(errors.Error):
                host.plan_quarantine(["9a:00.0"])
            with self.assertRaises(errors.Error):
                host.plan_prepare(guest=4)

    def test_gpus_are_cut_into_slices(self):
        with opened(SOURCE / "tests/field/vgpu-vfs-of-vendor-vfio.host") as system:
            host = system.probe("slice")
            gone = host.plan_slice_destroy(["0001:04:00.2"])
            self.assertIn("take the vGPU of type 1500 of 0001:04:00.2 away", gone.steps[0].summary)
            again = host.after(gone).plan_slice_destroy(["0001:04:00.2"])
            self.assertEqual(again.steps, [])
            with self.assertRaises(errors.Error):
                host.plan_slice_create("0001:04:00.0", type="L40S-4Q", vfs=2)
            with self.assertRaises(errors.Error):
                host.plan_slice_create("0001:04:00.0", mig=["1g.10gb"])  # A captured machine does not tell it.
            with self.assertRaises(errors.Error):
                host.plan_slice_destroy(["0001:04:00.2", "0001:04:00.3"], mig=[])
        with opened(SOURCE / "tests/field/xe-vfio-pci.host") as system:
            host = system.probe("slice")
            with self.assertRaisesRegex(errors.Error, "0000:38:00"):  # A guest is defined with one, or it must go through 0.
                host.plan_slice_create("38:00.0", vfs=99)
            self.assertEqual(host.plan_slice_create("38:00.0", vfs=2).steps, [])

    def test_a_guest_gets_a_mediated_device(self):
        uuid = "c73f1fa6-489e-4834-9476-d70dabd98c40"
        text = SERVER.read_text()
        path = re.search(r"^0000:9a:00.0 -> (.*)$", text, re.MULTILINE).group(1)
        with tempfile.NamedTemporaryFile("w", suffix=".host") as file:
            file.write(text.replace("\n[/sys/bus/mdev/devices]\n", "\n", 1) + f"[/sys/bus/mdev/devices]\n{uuid} -> {path}/{uuid}\n")
            file.flush()
            with opened(file.name, libvirt_uri="test:///default") as system:
                host = system.probe()
                for plan in (system.plan_attach(host, "test", [uuid.upper()]), system.plan_give(host, "test", [uuid])):
                    self.assertEqual([step.change.device for step in plan.steps], [uuid, uuid])
                    self.assertIn("type='mdev' managed='no' model='vfio-pci'", plan.steps[0].change.xml)

    def test_place_and_bind(self):
        with opened() as system:
            host = system.probe()
            placement = host.place(gpupass.Request(gpus=["9a:00.0"], vcpus=8))
            self.assertEqual(placement.gpus, ["0000:9a:00.0"])
            self.assertEqual([cell.node for cell in placement.cells], [1])
            plan = host.plan_bind(placement.gpus)
            self.assertIn("0000:9a:00.0", host.render("plan", plan))
            then = {one.address: one for one in host.after(plan).assess()}
            self.assertEqual(then["0000:9a:00.0"].state, "vfio")
            self.assertEqual(len(host.check()), len(host.check(["all"])))

    def test_what_is_rendered_is_what_the_program_prints(self):
        with opened() as system:
            host = system.probe()
            for what in ("list", "show", "status", "groups", "topology", "topology.svg", "matrix", "check", "check.html"):
                self.assertTrue(host.render(what), what)
            self.assertIn("\x1b[", host.render("check", colour=True))

    def test_a_part_that_was_not_asked_is_never_yes(self):
        with opened() as system:
            host = system.probe("topology")
            self.assertNotIn("yes", [one.assignable for one in host.assess()])

    def test_a_capture_is_a_machine(self):
        with opened() as system:
            self.assertTrue(system.capture().startswith("gpupass host 1"))


class Errors(unittest.TestCase):
    def expect(self, kind, call, *words):
        with self.assertRaises(kind) as caught:
            call()
        for word in words:
            self.assertIn(word, str(caught.exception))
        return caught.exception

    def test_errors_have_classes(self):
        self.expect(errors.NotFoundError, lambda: opened("/nowhere").probe(), "/nowhere")
        with opened() as system:
            host = system.probe()
            self.expect(errors.NotFoundError, lambda: host.plan_bind(["ffff:ff:1f.7"]), "ffff:ff:1f.7")
            refused = self.expect(errors.RefusedError, lambda: host.plan_bind(["02:00.0"]), "cannot bind")
            self.assertIn("gpu.boot-display", [reason.id for reason in refused.reasons])
            unfit = self.expect(errors.RefusedError, lambda: host.place(gpupass.Request(vcpus=300)))
            self.assertTrue(unfit.alternatives)
            self.expect(errors.MalformedError, lambda: host.plan_bind(["19:00.0"], forse=[]), "options.forse", "force")
            self.expect(errors.MalformedError, lambda: gpupass.Host.from_json("["), "JSON")
            self.expect(errors.MalformedError, lambda: gpupass.Host.from_json("[" * 100_000), "")
            self.expect(errors.UsageError, lambda: host.render("cake"), "cake")
            self.expect(errors.UsageError, lambda: system.probe("cook"), "list, show")
            self.expect(errors.MachineError, lambda: system.plan_undo(host, "1"), "journal")
        self.expect(ValueError, system.probe, "closed")

    def test_every_code_has_a_class(self):
        header = (SOURCE / "include/gpupass/error.hpp").read_text()
        body = header.split("enum class ErrorCode {")[1].split("}")[0]
        names = re.findall(r"^  (\w+),", body, re.MULTILINE)
        self.assertEqual(sorted(errors.CLASSES), sorted(re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in names))


class Changes(unittest.TestCase):
    """On the guests of libvirt's test driver, which are in memory."""

    def setUp(self):
        self.system = opened(libvirt_uri="test:///default")
        self.addCleanup(self.system.close)
        self.host = self.system.probe("define")
        made = self.host.define(gpupass.Request(name="new", gpu_count=1, virt_type="qemu"))
        try:
            self.plan = self.system.plan_define(self.host, made)
        except errors.UnavailableError as error:
            self.skipTest(f"libvirt is not there: {error.message}")

    def test_apply_tells_events(self):
        events = []
        report = self.system.apply(self.plan, events.append)
        self.assertEqual(report.outcome, "done")
        self.assertEqual([(one.kind, one.step) for one in events], [("begun", 0), ("done", 0)] if len(self.plan.steps) == 1 else
                         [(kind, step) for step in range(len(self.plan.steps)) for kind in ("begun", "done")])
        self.assertIn("done", self.host.render("report", report))

    def test_false_cancels(self):
        with self.assertRaises(errors.CancelledError):
            self.system.apply(self.plan, lambda event: False)
        self.assertEqual(self.system.apply(self.plan).outcome, "done")

    def test_an_exception_comes_back(self):
        def fail(event):
            raise KeyError(event.kind)

        with self.assertRaisesRegex(KeyError, "begun"):
            self.system.apply(self.plan, fail)

    def test_a_guest_is_not_replaced_unasked(self):
        self.system.apply(self.plan)
        made = self.host.define(gpupass.Request(name="new", gpu_count=1, virt_type="qemu"))
        with self.assertRaisesRegex(errors.RefusedError, "replace"):
            self.system.plan_define(self.host, made)
        self.system.plan_define(self.host, made, replace=True)


class Threads(unittest.TestCase):
    def test_other_threads_run_while_the_library_works(self):
        """One thread packs for a second; the other one must have counted meanwhile."""
        with opened() as system:
            host = system.probe("place")
        requests = [{"name": f"g{i}", "gpus": 1 + i % 5, "vcpus": 1 + i % 37, "memory": f"{1 + i % 91}G"} for i in range(3000)]
        packing = threading.Thread(target=gpupass.pack, args=([host] * 300, requests, 1000))
        packing.start()
        counted = 0
        while packing.is_alive():
            packing.join(0.001)
            counted += 1
        self.assertGreater(counted, 20)

    def test_one_host_serves_many_threads(self):
        with opened() as system:
            host = system.probe("list")
        expected, seen = repr(host.assess()), []
        threads = [threading.Thread(target=lambda: seen.append(repr(host.assess()))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(seen, [expected] * 8)


unittest.main()
