# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gives GPUs to virtual machines and gets them back.

    import gpupass

    with gpupass.open() as system:
        host = system.probe("bind")
        plan = host.plan_bind(["65:00.0"])
        print(host.render("plan", plan))
        report = system.apply(plan)

It has the verbs of gpupass.h, which documents them: probe, check, place, plan, apply. Values are the dataclasses of
gpupass.values, errors the classes of gpupass.errors.
"""
from __future__ import annotations

import ctypes
import json
import threading
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from . import _library, errors, values
from ._codec import NOT_ASKED, Fact, NotAsked, Unknown, Value
from .errors import Error
from .values import (
    Assessment,
    Event,
    Finding,
    MadeDefinition,
    Operation,
    Packing,
    Placement,
    Plan,
    Report,
    Request,
    Selection,
)

__all__ = [
    "NOT_ASKED", "Assessment", "Error", "Event", "Fact", "Finding", "Host", "MadeDefinition", "NotAsked", "Operation", "Packing",
    "Placement", "Plan", "Report", "Request", "Selection", "System", "Unknown", "errors", "open", "pack", "schema", "values",
    "version",
]  # fmt: skip

_c_text, _c_names, _c_json = _library.c_text, _library.c_names, _library.c_json


def version() -> str:
    """The version of the library: "0.1.0"."""
    return str(_library.library.gpupass_version().decode())


def schema() -> Any:
    """The JSON schema of all values."""
    return json.loads(_library.library.gpupass_schema())


def _document(name: str, value: Value) -> bytes:
    return _c_json({"format": 1, name: value.to_json()})


class Host:
    """What a probe saw of a machine. It never changes, and several threads can use it."""

    def __init__(self, address: int) -> None:
        self._address = address
        weakref.finalize(self, _library.library.gpupass_host_free, address)

    @classmethod
    def from_json(cls, document: str) -> Host:
        return cls(_library.pointer("host_from_json", _c_text(document)))

    def to_json(self) -> str:
        return _library.text("host_to_json", self._address)

    def value(self) -> values.Host:
        """All facts."""
        return values.Host.from_json(_library.document("host_to_json", self._address))

    def after(self, plan: Plan) -> Host:
        """What the host will be once all steps of a plan are done."""
        return Host(_library.pointer("after", self._address, _document("plan", plan)))

    def select(self, names: Iterable[str]) -> Selection:
        """The GPUs that names stand for."""
        return Selection.from_json(_library.document("select", self._address, _c_names(names)))

    def assess(self) -> list[Assessment]:
        """Each GPU: its state, and whether it can be given away."""
        return [Assessment.from_json(one) for one in _library.document("assess", self._address)]

    def check(self, gpus: Iterable[str] = ()) -> list[Finding]:
        """Whether these GPUs can be given away and taken back; without names, those that anybody would give."""
        return [Finding.from_json(one) for one in _library.document("check", self._address, _c_names(gpus))]

    def check_domain(self, xml: str) -> list[Finding]:
        """The faults of a guest's definition on this host."""
        return [Finding.from_json(one) for one in _library.document("check_domain", self._address, _c_text(xml))]

    def place(self, request: Request) -> Placement:
        """The best GPUs, CPUs and memory for a guest."""
        return Placement.from_json(_library.document("place", self._address, _c_json(request.to_json())))

    def define(self, request: Request, base: str | None = None) -> MadeDefinition:
        """Places a guest and writes its definition, from nothing or from another definition."""
        arguments = (self._address, _c_json(request.to_json()), _c_text(base))
        return MadeDefinition.from_json(_library.document("define", *arguments))

    def state(self) -> str:
        """What the host is, as gpupass.conf(5) declares it: TOML."""
        return _library.text("state", self._address)

    def compare_state(self, toml: str) -> list[Finding]:
        """What of the host is not as declared."""
        return [Finding.from_json(one) for one in _library.document("compare_state", self._address, _c_text(toml))]

    def plan_state(self, toml: str, **options: Any) -> Plan:
        """What makes the host as declared; while virtual functions are to be made, that alone. Options: force, stop."""
        return Plan.from_json(_library.document("plan_state", self._address, _c_text(toml), _c_json(options)))

    def plan_prepare(self, **options: Any) -> Plan:
        """Ready for guests with GPUs. Options: fix, guests, gpus, memory_bytes, page_size_bytes, at_boot, undo."""
        return Plan.from_json(_library.document("plan_prepare", self._address, _c_json(options)))

    def plan_tune(self, **options: Any) -> Plan:
        """Tuned, as declared, for the guests with GPUs that run. Option: undo."""
        return Plan.from_json(_library.document("plan_tune", self._address, _c_json(options)))

    def plan_quarantine(self, gpus: Iterable[str], **options: Any) -> Plan:
        """Kept from every guest. Options: reason; or release."""
        return Plan.from_json(_library.document("plan_quarantine", self._address, _c_names(gpus), _c_json(options)))

    def plan_slice_create(self, gpu: str, **options: Any) -> Plan:
        """Cut into slices. Options: vfs; or type, count, uuid, at_boot; or mig, a list of profiles."""
        return Plan.from_json(_library.document("plan_slice_create", self._address, _c_text(gpu), _c_json(options)))

    def plan_slice_destroy(self, slices: Iterable[str], **options: Any) -> Plan:
        """Slices taken away, or all virtual functions of one GPU. Options: mig, a list of instances; or mig_off."""
        return Plan.from_json(_library.document("plan_slice_destroy", self._address, _c_names(slices), _c_json(options)))

    def plan_bind(self, gpus: Iterable[str], **options: Any) -> Plan:
        """To vfio-pci. Options: force, stop, at_boot."""
        return Plan.from_json(_library.document("plan_bind", self._address, _c_names(gpus), _c_json(options)))

    def plan_release(self, gpus: Iterable[str], **options: Any) -> Plan:
        """Back to the host's drivers. Option: at_boot."""
        return Plan.from_json(_library.document("plan_release", self._address, _c_names(gpus), _c_json(options)))

    def render(self, what: str, value: Placement | Plan | Report | None = None, **view: Any) -> str:
        """As gpupass prints it. View: columns, colour, verbose, boxes."""
        given = None if value is None else _document(what, value)
        return _library.text("render", self._address, _c_text(what), given, _c_json(view))

    def __repr__(self) -> str:
        return f"<gpupass.Host with {len(self.assess())} GPUs>"


class System:
    """A machine: this one, or one that was captured. It closes at the end of a with statement."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._lock = threading.RLock()
        self._root = options.get("root", "/")
        self._open: int | None = _library.pointer("open", _c_json(dict(options)))
        self._closing = weakref.finalize(self, _library.library.gpupass_close, self._open)

    def __enter__(self) -> System:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._open = None
            self._closing()

    def probe(self, verb: str | None = None, names: Iterable[str] = ()) -> Host:
        """Takes the snapshot that a verb needs, and with GPUs and devices that will be named; without a verb, of everything."""
        with self._lock:
            return Host(_library.pointer("probe", self._address, _c_text(verb), _c_names(names)))

    def capture(self) -> str:
        """The content of a file NAME.host."""
        with self._lock:
            return _library.text("capture", self._address)

    def plan_define(self, host: Host, definition: MadeDefinition, **options: Any) -> Plan:
        """Stores a definition in libvirt. Options: start, replace, force, stop."""
        with self._lock:
            arguments = (self._address, host._address, _document("definition", definition), _c_json(options))
            return Plan.from_json(_library.document("plan_define", *arguments))

    def plan_attach(self, host: Host, guest: str, devices: Iterable[str], **options: Any) -> Plan:
        """Devices to a guest. Options: definitions, timeout_seconds, force, stop."""
        return self._plan_for_guest("plan_attach", host, guest, devices, options)

    def plan_detach(self, host: Host, guest: str, devices: Iterable[str], **options: Any) -> Plan:
        """Devices from a guest. Options: definitions, timeout_seconds."""
        return self._plan_for_guest("plan_detach", host, guest, devices, options)

    def plan_give(self, host: Host, guest: str, gpus: Iterable[str], **options: Any) -> Plan:
        """The whole job for a guest that exists. Options: those of plan_attach(), start, at_boot."""
        return self._plan_for_guest("plan_give", host, guest, gpus, options)

    def plan_take(self, host: Host, guest: str, gpus: Iterable[str], **options: Any) -> Plan:
        """The whole job back. Options: those of plan_attach()."""
        return self._plan_for_guest("plan_take", host, guest, gpus, options)

    def plan_undo(self, host: Host, operation: str) -> Plan:
        """What takes an operation of the journal back."""
        with self._lock:
            return Plan.from_json(_library.document("plan_undo", self._address, host._address, _c_text(operation)))

    def plan_recovery(self, host: Host, operation: str) -> Plan:
        """What recovers an interrupted operation; recover() carries it out."""
        with self._lock:
            return Plan.from_json(_library.document("plan_recovery", self._address, host._address, _c_text(operation)))

    def apply(self, plan: Plan, on_event: Callable[[Event], bool | None] | None = None) -> Report:
        """Carries a plan out. `on_event` is told what happens; False, or an exception, has everything undone."""
        return self._change("apply", on_event, _document("plan", plan))

    def journal(self) -> list[Operation]:
        """Every operation that was begun on the machine, with the secrets of guests."""
        with self._lock:
            return [Operation.from_json(one) for one in _library.document("journal", self._address)]

    def recover(self, host: Host, operation: str, on_event: Callable[[Event], bool | None] | None = None) -> Report:
        """Undoes an interrupted operation, or records that it had reached its goal. The host is probed for "recover"."""
        return self._change("recover", on_event, host._address, _c_text(operation))

    @property
    def _address(self) -> int:
        if self._open is None:
            raise ValueError("the system is closed")
        return self._open

    def _plan_for_guest(self, name: str, host: Host, guest: str, devices: Iterable[str], options: Mapping[str, Any]) -> Plan:
        with self._lock:
            arguments = (self._address, host._address, _c_text(guest), _c_names(devices), _c_json(dict(options)))
            return Plan.from_json(_library.document(name, *arguments))

    def _change(self, name: str, on_event: Callable[[Event], bool | None] | None, *arguments: Any) -> Report:
        raised: list[BaseException] = []

        def tell(document: bytes, _: Any) -> int:
            try:
                event = Event.from_json(json.loads(document)["event"])
                return int(on_event is not None and on_event(event) is False)
            except BaseException as error:  # It must not cross C. The library undoes, and then it is raised.
                raised.append(error)
                return 1

        with self._lock:
            try:
                result = _library.document(name, self._address, *arguments, _library.OnEvent(tell), None)
            except Error:
                if raised:
                    raise raised[0] from None
                raise
        if raised:
            raise raised[0]
        return Report.from_json(result)

    def __repr__(self) -> str:
        return f"<gpupass.System of {self._root}{', closed' if self._open is None else ''}>"


def open(root: str = "/", **options: Any) -> System:
    """Opens a machine: "/", a captured tree, or a capture NAME.host. Options: libvirt_uri, worker, deadline_ms, write_deadline_ms."""
    return System({"root": root, **options})


def pack(hosts: Sequence[Host], requests: Sequence[Mapping[str, Any]], deadline_ms: int = 5000) -> Packing:
    """Where each of many guests goes. Requests are written as for `gpupass place --requests`: {"name": "a", "gpus": 2}."""
    addresses = (ctypes.c_void_p * len(hosts))(*[host._address for host in hosts])
    document = _c_json({"format": 1, "requests": list(requests)})
    return Packing.from_json(_library.document("pack", addresses, len(hosts), document, _c_json({"deadline_ms": deadline_ms})))
