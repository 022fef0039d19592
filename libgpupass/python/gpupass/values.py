# SPDX-License-Identifier: LGPL-2.1-or-later
"""The values of libgpupass. Written by libgpupass/python/generate.py: do not edit.

A fact of type Fact[T] is a T; None: there is certainly nothing; Unknown: it could not be determined; NOT_ASKED: the probe did not
read it. Addresses, UUIDs and sets of CPUs are texts, as sysfs and libvirt write them.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, ClassVar, Literal, Mapping, Union

from ._codec import NOT_ASKED, Fact, Value, fact, same, text

ExpressType = Literal["endpoint", "legacy endpoint", "root port", "switch upstream port", "switch downstream port", "PCIe to PCI bridge", "PCI to PCIe bridge", "root complex endpoint", "event collector"]
DirectLinkKind = Literal["xgmi"]
DeviceUseKind = Literal["console", "exported", "framebuffer", "fstab", "guest", "held", "mdev", "mounted", "network", "route", "stacked", "swap", "unseen", "zfs"]
ClaimOwner = Literal["driverctl", "kernel", "modprobe", "udev", "unraid"]
BootTool = Literal["initramfs-tools", "dracut"]
NumaPolicy = Literal["required", "socket", "preferred"]
VirtType = Literal["kvm", "qemu"]
Firmware = Literal["uefi", "bios"]
Tuning = Literal["governor", "interrupts", "ksm", "numa-balancing", "services"]
Verdict = Literal["pass", "warn", "fail", "unknown"]
GpuState = Literal["host", "vfio", "partly", "assigned", "unbound", "sliced", "wedged", "quarantined", "unknown"]
Answer = Literal["yes", "no", "unknown"]
Role = Literal["gpu", "companion", "bridge", "other"]
GuestSystem = Literal["linux", "windows"]
AssumptionKind = Literal["link", "attribute", "domain"]
Scope = Literal["live", "config"]
Outcome = Literal["done", "already", "rolled-back", "rollback-incomplete", "pending", "wedged"]
StepState = Literal["not-reached", "done", "failed", "pending", "wedged"]
UndoState = Literal["none", "done", "failed", "left"]
EventKind = Literal["begun", "done", "pending", "failed", "wedged", "undone", "undo-failed", "undo-left"]


@dataclass(kw_only=True, repr=False, slots=True)
class Host(Value):
    functions: list[PciFunction]
    groups: Fact[list[IommuGroup]] = NOT_ASKED
    iommu: Fact[Iommu] = NOT_ASKED
    platform: Fact[Platform] = NOT_ASKED
    architecture: Fact[str] = NOT_ASKED
    cpu_vendor: Fact[str] = NOT_ASKED
    cpu_address_bits: Fact[int] = NOT_ASKED
    cpus: Fact[CpuTopology] = NOT_ASKED
    offline_cpus: Fact[str] = NOT_ASKED
    isolated_cpus: Fact[str] = NOT_ASKED
    efficient_cpus: Fact[str] = NOT_ASKED
    only_node: Fact[int] = NOT_ASKED
    numa_nodes: Fact[list[NumaNode]] = NOT_ASKED
    direct_links: Fact[list[DirectLink]] = NOT_ASKED
    domains: Fact[list[Domain]] = NOT_ASKED
    holders: Fact[list[Holder]] = NOT_ASKED
    users: Fact[list[DeviceUser]] = NOT_ASKED
    own_session: Fact[str] = NOT_ASKED
    uses: Fact[list[DeviceUse]] = NOT_ASKED
    keyboards: Fact[list[Keyboard]] = NOT_ASKED
    claims: Fact[list[Claim]] = NOT_ASKED
    homes: Fact[list[Home]] = NOT_ASKED
    boot_bindings: Fact[list[BootBinding]] = NOT_ASKED
    boot_images: Fact[BootImages] = NOT_ASKED
    own_files: Fact[list[OwnFile]] = NOT_ASKED
    settings: Fact[Settings] = NOT_ASKED
    quarantine: Fact[list[Quarantined]] = NOT_ASKED
    tunables: Fact[list[TunableState]] = NOT_ASKED
    tuned: Fact[Tuned] = NOT_ASKED
    wedged: Fact[list[str]] = NOT_ASKED
    limits: list[Limit] = field(default_factory=list)
    mediated_definitions: Fact[list[MediatedDefinition]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Host:
        return cls(
            functions=[PciFunction.from_json(one) for one in json["functions"]],
            groups=fact(json, "groups", lambda value: [IommuGroup.from_json(one) for one in value]),
            iommu=fact(json, "iommu", lambda value: Iommu.from_json(value)),
            platform=fact(json, "platform", lambda value: Platform.from_json(value)),
            architecture=fact(json, "architecture", lambda value: text(value)),
            cpu_vendor=fact(json, "cpu_vendor", lambda value: text(value)),
            cpu_address_bits=fact(json, "cpu_address_bits", same),
            cpus=fact(json, "cpus", lambda value: CpuTopology.from_json(value)),
            offline_cpus=fact(json, "offline_cpus", same),
            isolated_cpus=fact(json, "isolated_cpus", same),
            efficient_cpus=fact(json, "efficient_cpus", same),
            only_node=fact(json, "only_node", same),
            numa_nodes=fact(json, "numa_nodes", lambda value: [NumaNode.from_json(one) for one in value]),
            direct_links=fact(json, "direct_links", lambda value: [DirectLink.from_json(one) for one in value]),
            domains=fact(json, "domains", lambda value: [Domain.from_json(one) for one in value]),
            holders=fact(json, "holders", lambda value: [Holder.from_json(one) for one in value]),
            users=fact(json, "users", lambda value: [DeviceUser.from_json(one) for one in value]),
            own_session=fact(json, "own_session", lambda value: text(value)),
            uses=fact(json, "uses", lambda value: [DeviceUse.from_json(one) for one in value]),
            keyboards=fact(json, "keyboards", lambda value: [Keyboard.from_json(one) for one in value]),
            claims=fact(json, "claims", lambda value: [Claim.from_json(one) for one in value]),
            homes=fact(json, "homes", lambda value: [Home.from_json(one) for one in value]),
            boot_bindings=fact(json, "boot_bindings", lambda value: [BootBinding.from_json(one) for one in value]),
            boot_images=fact(json, "boot_images", lambda value: BootImages.from_json(value)),
            own_files=fact(json, "own_files", lambda value: [OwnFile.from_json(one) for one in value]),
            settings=fact(json, "settings", lambda value: Settings.from_json(value)),
            quarantine=fact(json, "quarantine", lambda value: [Quarantined.from_json(one) for one in value]),
            tunables=fact(json, "tunables", lambda value: [TunableState.from_json(one) for one in value]),
            tuned=fact(json, "tuned", lambda value: Tuned.from_json(value)),
            wedged=fact(json, "wedged", lambda value: list(value)),
            limits=[Limit.from_json(one) for one in json.get("limits", [])],
            mediated_definitions=fact(json, "mediated_definitions", lambda value: [MediatedDefinition.from_json(one) for one in value]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class PciFunction(Value):
    json_keys: ClassVar[Mapping[str, str]] = {"class_": "class"}
    address: str
    class_: Fact[int] = NOT_ASKED
    vendor: Fact[int] = NOT_ASKED
    device: Fact[int] = NOT_ASKED
    subsystem_vendor: Fact[int] = NOT_ASKED
    subsystem_device: Fact[int] = NOT_ASKED
    revision: Fact[int] = NOT_ASKED
    driver: Fact[str] = NOT_ASKED
    driver_override: Fact[str] = NOT_ASKED
    vfio_device: Fact[str] = NOT_ASKED
    vfio_driver: Fact[str] = NOT_ASKED
    vgpu_type: Fact[int] = NOT_ASKED
    iommu_group: Fact[int] = NOT_ASKED
    numa_node: Fact[int] = NOT_ASKED
    parent: Fact[str] = NOT_ASKED
    root_bus: Fact[str] = NOT_ASKED
    link: Fact[PciLink] = NOT_ASKED
    errors: Fact[PciErrors] = NOT_ASKED
    bars: Fact[list[Bar]] = NOT_ASKED
    reset_methods: Fact[list[str]] = NOT_ASKED
    boot_vga: Fact[bool] = NOT_ASKED
    sriov: Fact[Sriov] = NOT_ASKED
    physical_function: Fact[str] = NOT_ASKED
    virtual_functions: Fact[list[str]] = NOT_ASKED
    mdev_types: Fact[list[str]] = NOT_ASKED
    slicing: Fact[Slicing] = NOT_ASKED
    mig: Fact[Mig] = NOT_ASKED
    power_state: Fact[str] = NOT_ASKED
    d3cold_allowed: Fact[bool] = NOT_ASKED
    persistence: Fact[bool] = NOT_ASKED
    memory_bytes: Fact[int] = NOT_ASKED
    config: Fact[PciConfig] = NOT_ASKED
    known_model: Fact[KnownModel] = NOT_ASKED
    uuid: Fact[str] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> PciFunction:
        return cls(
            address=json["address"],
            class_=fact(json, "class", same),
            vendor=fact(json, "vendor", same),
            device=fact(json, "device", same),
            subsystem_vendor=fact(json, "subsystem_vendor", same),
            subsystem_device=fact(json, "subsystem_device", same),
            revision=fact(json, "revision", same),
            driver=fact(json, "driver", lambda value: text(value)),
            driver_override=fact(json, "driver_override", lambda value: text(value)),
            vfio_device=fact(json, "vfio_device", lambda value: text(value)),
            vfio_driver=fact(json, "vfio_driver", lambda value: text(value)),
            vgpu_type=fact(json, "vgpu_type", same),
            iommu_group=fact(json, "iommu_group", same),
            numa_node=fact(json, "numa_node", same),
            parent=fact(json, "parent", same),
            root_bus=fact(json, "root_bus", lambda value: text(value)),
            link=fact(json, "link", lambda value: PciLink.from_json(value)),
            errors=fact(json, "errors", lambda value: PciErrors.from_json(value)),
            bars=fact(json, "bars", lambda value: [Bar.from_json(one) for one in value]),
            reset_methods=fact(json, "reset_methods", lambda value: [text(one) for one in value]),
            boot_vga=fact(json, "boot_vga", same),
            sriov=fact(json, "sriov", lambda value: Sriov.from_json(value)),
            physical_function=fact(json, "physical_function", same),
            virtual_functions=fact(json, "virtual_functions", lambda value: list(value)),
            mdev_types=fact(json, "mdev_types", lambda value: [text(one) for one in value]),
            slicing=fact(json, "slicing", lambda value: Slicing.from_json(value)),
            mig=fact(json, "mig", lambda value: Mig.from_json(value)),
            power_state=fact(json, "power_state", lambda value: text(value)),
            d3cold_allowed=fact(json, "d3cold_allowed", same),
            persistence=fact(json, "persistence", same),
            memory_bytes=fact(json, "memory_bytes", same),
            config=fact(json, "config", lambda value: PciConfig.from_json(value)),
            known_model=fact(json, "known_model", lambda value: KnownModel.from_json(value)),
            uuid=fact(json, "uuid", lambda value: text(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class PciLink(Value):
    speed_gts: float
    width: int
    max_speed_gts: float
    max_width: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> PciLink:
        return cls(
            speed_gts=json["speed_gts"],
            width=json["width"],
            max_speed_gts=json["max_speed_gts"],
            max_width=json["max_width"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class PciErrors(Value):
    correctable: int
    nonfatal: int
    fatal: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> PciErrors:
        return cls(
            correctable=json["correctable"],
            nonfatal=json["nonfatal"],
            fatal=json["fatal"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Bar(Value):
    index: int
    start: int
    size_bytes: int
    memory: bool
    is_64bit: bool
    prefetchable: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Bar:
        return cls(
            index=json["index"],
            start=json["start"],
            size_bytes=json["size_bytes"],
            memory=json["memory"],
            is_64bit=json["is_64bit"],
            prefetchable=json["prefetchable"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Sriov(Value):
    total_vfs: int
    vfs: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Sriov:
        return cls(
            total_vfs=json["total_vfs"],
            vfs=json["vfs"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Slicing(Value):
    drivers_autoprobe: Fact[bool] = NOT_ASKED
    sriov_admin: Fact[bool] = NOT_ASKED
    mediated_types: Fact[list[MediatedType]] = NOT_ASKED
    creatable_vgpus: Fact[list[VgpuType]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Slicing:
        return cls(
            drivers_autoprobe=fact(json, "drivers_autoprobe", same),
            sriov_admin=fact(json, "sriov_admin", same),
            mediated_types=fact(json, "mediated_types", lambda value: [MediatedType.from_json(one) for one in value]),
            creatable_vgpus=fact(json, "creatable_vgpus", lambda value: [VgpuType.from_json(one) for one in value]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MediatedType(Value):
    type: str
    name: Fact[str] = NOT_ASKED
    description: Fact[str] = NOT_ASKED
    device_api: Fact[str] = NOT_ASKED
    available: Fact[int] = NOT_ASKED
    devices: Fact[list[str]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MediatedType:
        return cls(
            type=text(json["type"]),
            name=fact(json, "name", lambda value: text(value)),
            description=fact(json, "description", lambda value: text(value)),
            device_api=fact(json, "device_api", lambda value: text(value)),
            available=fact(json, "available", same),
            devices=fact(json, "devices", lambda value: [text(one) for one in value]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class VgpuType(Value):
    id: int
    name: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> VgpuType:
        return cls(
            id=json["id"],
            name=text(json["name"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Mig(Value):
    enabled: bool
    pending: bool
    instances: list[MigGpuInstance]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Mig:
        return cls(
            enabled=json["enabled"],
            pending=json["pending"],
            instances=[MigGpuInstance.from_json(one) for one in json["instances"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MigGpuInstance(Value):
    id: Fact[int] = NOT_ASKED
    profile_id: int
    start: int
    size: int
    compute: Fact[list[MigComputeInstance]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MigGpuInstance:
        return cls(
            id=fact(json, "id", same),
            profile_id=json["profile_id"],
            start=json["start"],
            size=json["size"],
            compute=fact(json, "compute", lambda value: [MigComputeInstance.from_json(one) for one in value]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MigComputeInstance(Value):
    id: int
    profile_id: int
    span: MigSpan
    uuid: Fact[str] = NOT_ASKED
    processes: Fact[list[int]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MigComputeInstance:
        return cls(
            id=json["id"],
            profile_id=json["profile_id"],
            span=MigSpan.from_json(json["span"]),
            uuid=fact(json, "uuid", lambda value: text(value)),
            processes=fact(json, "processes", lambda value: list(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MigSpan(Value):
    start: int
    size: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MigSpan:
        return cls(
            start=json["start"],
            size=json["size"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class PciConfig(Value):
    bridge: bool
    multifunction: bool
    express: Fact[ExpressType] = NOT_ASKED
    acs: Fact[Acs] = NOT_ASKED
    function_reset: Fact[bool] = NOT_ASKED
    serial: Fact[str] = NOT_ASKED
    slot: Fact[bool] = NOT_ASKED
    resizable_bars: Fact[list[ResizableBar]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> PciConfig:
        return cls(
            bridge=json["bridge"],
            multifunction=json["multifunction"],
            express=fact(json, "express", same),
            acs=fact(json, "acs", lambda value: Acs.from_json(value)),
            function_reset=fact(json, "function_reset", same),
            serial=fact(json, "serial", lambda value: text(value)),
            slot=fact(json, "slot", same),
            resizable_bars=fact(json, "resizable_bars", lambda value: [ResizableBar.from_json(one) for one in value]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Acs(Value):
    capability: int
    control: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Acs:
        return cls(
            capability=json["capability"],
            control=json["control"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class ResizableBar(Value):
    index: int
    size_bytes: int
    largest_bytes: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> ResizableBar:
        return cls(
            index=json["index"],
            size_bytes=json["size_bytes"],
            largest_bytes=json["largest_bytes"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class KnownModel(Value):
    model: str
    source: str
    remedy: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> KnownModel:
        return cls(
            model=text(json["model"]),
            source=text(json["source"]),
            remedy=text(json["remedy"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class IommuGroup(Value):
    id: int
    members: list[str]
    type: Fact[str] = NOT_ASKED
    reserved_regions: list[str]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> IommuGroup:
        return cls(
            id=json["id"],
            members=list(json["members"]),
            type=fact(json, "type", lambda value: text(value)),
            reserved_regions=[text(one) for one in json["reserved_regions"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Iommu(Value):
    units: list[str]
    firmware_tables: list[str]
    interrupt_remapping: Fact[bool] = NOT_ASKED
    unsafe_interrupts: Fact[bool] = NOT_ASKED
    address_bits: Fact[int] = NOT_ASKED
    kernel_options: list[str]
    options_tool: Fact[str] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Iommu:
        return cls(
            units=[text(one) for one in json["units"]],
            firmware_tables=[text(one) for one in json["firmware_tables"]],
            interrupt_remapping=fact(json, "interrupt_remapping", same),
            unsafe_interrupts=fact(json, "unsafe_interrupts", same),
            address_bits=fact(json, "address_bits", same),
            kernel_options=[text(one) for one in json["kernel_options"]],
            options_tool=fact(json, "options_tool", lambda value: text(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Platform(Value):
    cpu_virtualization: Fact[bool] = NOT_ASKED
    virtual_machine: Fact[bool] = NOT_ASKED
    kvm: Fact[bool] = NOT_ASKED
    vfio_pci: Fact[bool] = NOT_ASKED
    vfio_container: Fact[bool] = NOT_ASKED
    iommufd: Fact[bool] = NOT_ASKED
    lockdown: Fact[str] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Platform:
        return cls(
            cpu_virtualization=fact(json, "cpu_virtualization", same),
            virtual_machine=fact(json, "virtual_machine", same),
            kvm=fact(json, "kvm", same),
            vfio_pci=fact(json, "vfio_pci", same),
            vfio_container=fact(json, "vfio_container", same),
            iommufd=fact(json, "iommufd", same),
            lockdown=fact(json, "lockdown", lambda value: text(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class CpuTopology(Value):
    cpus: str
    packages: list[Package]
    last_level_caches: list[Cache]
    cores: list[Core]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> CpuTopology:
        return cls(
            cpus=json["cpus"],
            packages=[Package.from_json(one) for one in json["packages"]],
            last_level_caches=[Cache.from_json(one) for one in json["last_level_caches"]],
            cores=[Core.from_json(one) for one in json["cores"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Package(Value):
    id: int
    cpus: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Package:
        return cls(
            id=json["id"],
            cpus=json["cpus"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Cache(Value):
    level: int
    size_bytes: int
    cpus: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Cache:
        return cls(
            level=json["level"],
            size_bytes=json["size_bytes"],
            cpus=json["cpus"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Core(Value):
    cpus: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Core:
        return cls(
            cpus=json["cpus"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class NumaNode(Value):
    id: int
    cpus: Fact[str] = NOT_ASKED
    memory_bytes: Fact[int] = NOT_ASKED
    free_bytes: Fact[int] = NOT_ASKED
    huge_pages: list[HugePages]
    distances: Fact[list[int]] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> NumaNode:
        return cls(
            id=json["id"],
            cpus=fact(json, "cpus", same),
            memory_bytes=fact(json, "memory_bytes", same),
            free_bytes=fact(json, "free_bytes", same),
            huge_pages=[HugePages.from_json(one) for one in json["huge_pages"]],
            distances=fact(json, "distances", lambda value: list(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class HugePages(Value):
    page_size_bytes: int
    total: int
    free: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> HugePages:
        return cls(
            page_size_bytes=json["page_size_bytes"],
            total=json["total"],
            free=json["free"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class DirectLink(Value):
    first: str
    second: str
    kind: DirectLinkKind

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> DirectLink:
        return cls(
            first=json["first"],
            second=json["second"],
            kind=json["kind"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Domain(Value):
    name: str
    uuid: str
    active: bool
    persistent: bool
    autostart: bool
    live_devices: list[str]
    persistent_devices: list[str]
    pinned_cpus: str
    live_xml: str
    persistent_xml: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Domain:
        return cls(
            name=text(json["name"]),
            uuid=text(json["uuid"]),
            active=json["active"],
            persistent=json["persistent"],
            autostart=json["autostart"],
            live_devices=list(json["live_devices"]),
            persistent_devices=list(json["persistent_devices"]),
            pinned_cpus=json["pinned_cpus"],
            live_xml=text(json["live_xml"]),
            persistent_xml=text(json["persistent_xml"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Holder(Value):
    iommu_group: int
    pid: int
    command: str
    mediated: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Holder:
        return cls(
            iommu_group=json["iommu_group"],
            pid=json["pid"],
            command=text(json["command"]),
            mediated=text(json.get("mediated", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class DeviceUser(Value):
    device: str
    node: str
    pid: int
    command: str
    service: str = ""
    session: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> DeviceUser:
        return cls(
            device=json["device"],
            node=text(json["node"]),
            pid=json["pid"],
            command=text(json["command"]),
            service=text(json.get("service", "")),
            session=text(json.get("session", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class DeviceUse(Value):
    address: str
    kind: DeviceUseKind
    what: str
    guest: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> DeviceUse:
        return cls(
            address=json["address"],
            kind=json["kind"],
            what=text(json["what"]),
            guest=text(json.get("guest", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Keyboard(Value):
    input: str
    address: Fact[str] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Keyboard:
        return cls(
            input=text(json["input"]),
            address=fact(json, "address", same),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Claim(Value):
    owner: ClaimOwner
    where: str
    device: str
    driver: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Claim:
        return cls(
            owner=json["owner"],
            where=text(json["where"]),
            device=text(json["device"]),
            driver=text(json["driver"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Home(Value):
    address: str
    state: DriverState
    vendor: int
    device: int
    d3cold_allowed: bool | None = None
    persistence: bool | None = None
    subsystem_vendor: int = 0
    subsystem_device: int = 0
    serial: str = ""
    uuid: str = ""
    path: str = ""
    services: list[str] = field(default_factory=list)
    console: bool = False
    framebuffer: str = ""
    guest: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Home:
        return cls(
            address=json["address"],
            state=DriverState.from_json(json["state"]),
            vendor=json["vendor"],
            device=json["device"],
            d3cold_allowed=json.get("d3cold_allowed", None),
            persistence=json.get("persistence", None),
            subsystem_vendor=json.get("subsystem_vendor", 0),
            subsystem_device=json.get("subsystem_device", 0),
            serial=text(json.get("serial", "")),
            uuid=text(json.get("uuid", "")),
            path=text(json.get("path", "")),
            services=[text(one) for one in json.get("services", [])],
            console=json.get("console", False),
            framebuffer=text(json.get("framebuffer", "")),
            guest=text(json.get("guest", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class DriverState(Value):
    driver: str
    driver_override: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> DriverState:
        return cls(
            driver=text(json["driver"]),
            driver_override=text(json["driver_override"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class BootBinding(Value):
    address: str
    vendor: int
    device: int
    subsystem_vendor: int
    subsystem_device: int
    serial: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> BootBinding:
        return cls(
            address=json["address"],
            vendor=json["vendor"],
            device=json["device"],
            subsystem_vendor=json["subsystem_vendor"],
            subsystem_device=json["subsystem_device"],
            serial=text(json.get("serial", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class BootImages(Value):
    tool: BootTool
    hooks: list[OwnFile] = field(default_factory=list)
    images: list[BootImage]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> BootImages:
        return cls(
            tool=json["tool"],
            hooks=[OwnFile.from_json(one) for one in json.get("hooks", [])],
            images=[BootImage.from_json(one) for one in json["images"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class OwnFile(Value):
    path: str
    content: Fact[str] = NOT_ASKED

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> OwnFile:
        return cls(
            path=text(json["path"]),
            content=fact(json, "content", lambda value: text(value)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class BootImage(Value):
    kernel: str
    path: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> BootImage:
        return cls(
            kernel=text(json["kernel"]),
            path=text(json["path"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Settings(Value):
    names: list[GpuName]
    reserved_cpus: str
    stop: list[str]
    defaults: RequestDefaults
    tune: list[Tuning] = field(default_factory=list)

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Settings:
        return cls(
            names=[GpuName.from_json(one) for one in json["names"]],
            reserved_cpus=json["reserved_cpus"],
            stop=[text(one) for one in json["stop"]],
            defaults=RequestDefaults.from_json(json["defaults"]),
            tune=list(json.get("tune", [])),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class GpuName(Value):
    name: str
    address: str
    vendor: int
    device: int
    subsystem_vendor: int = 0
    subsystem_device: int = 0
    serial: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> GpuName:
        return cls(
            name=text(json["name"]),
            address=json["address"],
            vendor=json["vendor"],
            device=json["device"],
            subsystem_vendor=json.get("subsystem_vendor", 0),
            subsystem_device=json.get("subsystem_device", 0),
            serial=text(json.get("serial", "")),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class RequestDefaults(Value):
    numa: NumaPolicy | None
    page_size_bytes: int | None
    virt_type: VirtType | None
    firmware: Firmware | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> RequestDefaults:
        return cls(
            numa=json["numa"],
            page_size_bytes=json["page_size_bytes"],
            virt_type=json["virt_type"],
            firmware=json["firmware"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Quarantined(Value):
    address: str
    vendor: int
    device: int
    subsystem_vendor: int = 0
    subsystem_device: int = 0
    serial: str = ""
    reason: str
    unproven: bool = False

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Quarantined:
        return cls(
            address=json["address"],
            vendor=json["vendor"],
            device=json["device"],
            subsystem_vendor=json.get("subsystem_vendor", 0),
            subsystem_device=json.get("subsystem_device", 0),
            serial=text(json.get("serial", "")),
            reason=text(json["reason"]),
            unproven=json.get("unproven", False),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class TunableState(Value):
    tunable: Tunable
    value: str
    cpus: str
    device: str | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> TunableState:
        return cls(
            tunable=Tunable.from_json(json["tunable"]),
            value=text(json["value"]),
            cpus=json["cpus"],
            device=json["device"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Tunable(Value):
    kind: Tuning
    name: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Tunable:
        return cls(
            kind=json["kind"],
            name=text(json["name"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Tuned(Value):
    guests: list[TunedGuest]
    settings: list[TunedSetting]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Tuned:
        return cls(
            guests=[TunedGuest.from_json(one) for one in json["guests"]],
            settings=[TunedSetting.from_json(one) for one in json["settings"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class TunedGuest(Value):
    name: str
    cpus: str
    devices: list[str]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> TunedGuest:
        return cls(
            name=text(json["name"]),
            cpus=json["cpus"],
            devices=list(json["devices"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class TunedSetting(Value):
    tunable: Tunable
    found: str
    set: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> TunedSetting:
        return cls(
            tunable=Tunable.from_json(json["tunable"]),
            found=text(json["found"]),
            set=text(json["set"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Limit(Value):
    what: str
    why: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Limit:
        return cls(
            what=text(json["what"]),
            why=text(json["why"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MediatedDefinition(Value):
    parent: str
    uuid: str
    type: str
    at_boot: bool
    attributes: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MediatedDefinition:
        return cls(
            parent=json["parent"],
            uuid=text(json["uuid"]),
            type=text(json["type"]),
            at_boot=json["at_boot"],
            attributes=json["attributes"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Selection(Value):
    gpus: list[str]
    passed_over: list[Finding]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Selection:
        return cls(
            gpus=list(json["gpus"]),
            passed_over=[Finding.from_json(one) for one in json["passed_over"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Finding(Value):
    id: str
    verdict: Verdict
    subject: str
    message: str
    remedy: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Finding:
        return cls(
            id=text(json["id"]),
            verdict=json["verdict"],
            subject=text(json["subject"]),
            message=text(json["message"]),
            remedy=text(json["remedy"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Assessment(Value):
    address: str
    virtual_function: bool
    functions: list[str]
    state: GpuState
    domain: str
    wanted_by: list[str]
    assignable: Answer
    reasons: list[Finding]
    group_members: list[GroupMember] = field(default_factory=list)
    isolation: Isolation = field(default_factory=lambda: Isolation.from_json({"kernel": "unknown", "acs": "unknown", "peers": [], "merged_by": [], "why": ""}))
    bound_at_boot: Answer | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Assessment:
        return cls(
            address=json["address"],
            virtual_function=json["virtual_function"],
            functions=list(json["functions"]),
            state=json["state"],
            domain=text(json["domain"]),
            wanted_by=[text(one) for one in json["wanted_by"]],
            assignable=json["assignable"],
            reasons=[Finding.from_json(one) for one in json["reasons"]],
            group_members=[GroupMember.from_json(one) for one in json.get("group_members", [])],
            isolation=Isolation.from_json(json.get("isolation", {"kernel": "unknown", "acs": "unknown", "peers": [], "merged_by": [], "why": ""})),
            bound_at_boot=json.get("bound_at_boot", None),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class GroupMember(Value):
    address: str
    role: Role

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> GroupMember:
        return cls(
            address=json["address"],
            role=json["role"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Isolation(Value):
    kernel: Answer
    acs: Answer
    peers: list[str]
    merged_by: list[str]
    why: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Isolation:
        return cls(
            kernel=json["kernel"],
            acs=json["acs"],
            peers=list(json["peers"]),
            merged_by=list(json["merged_by"]),
            why=text(json["why"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Placement(Value):
    gpus: list[str]
    devices: list[str]
    cells: list[Cell]
    vcpu_pins: list[VcpuPin]
    threads_per_core: int
    emulator_cpus: str
    reasons: list[str] = field(default_factory=list)
    gap: Gap | None = None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Placement:
        return cls(
            gpus=list(json["gpus"]),
            devices=list(json["devices"]),
            cells=[Cell.from_json(one) for one in json["cells"]],
            vcpu_pins=[VcpuPin.from_json(one) for one in json["vcpu_pins"]],
            threads_per_core=json["threads_per_core"],
            emulator_cpus=json["emulator_cpus"],
            reasons=[text(one) for one in json.get("reasons", [])],
            gap=None if json.get("gap", None) is None else Gap.from_json(json.get("gap", None)),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Cell(Value):
    node: int
    cpus: str
    memory_bytes: int
    page_size_bytes: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Cell:
        return cls(
            node=json["node"],
            cpus=json["cpus"],
            memory_bytes=json["memory_bytes"],
            page_size_bytes=json["page_size_bytes"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class VcpuPin(Value):
    vcpu: int
    cpus: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> VcpuPin:
        return cls(
            vcpu=json["vcpu"],
            cpus=json["cpus"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Gap(Value):
    gpu_nodes: int
    least_gpu_nodes: int
    gpu_distance: int
    least_gpu_distance: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Gap:
        return cls(
            gpu_nodes=json["gpu_nodes"],
            least_gpu_nodes=json["least_gpu_nodes"],
            gpu_distance=json["gpu_distance"],
            least_gpu_distance=json["least_gpu_distance"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Packing(Value):
    guests: list[Packed]
    gpus: int
    most_gpus: int
    most_guests: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Packing:
        return cls(
            guests=[Packed.from_json(one) for one in json["guests"]],
            gpus=json["gpus"],
            most_gpus=json["most_gpus"],
            most_guests=json["most_guests"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Packed(Value):
    host: int | None
    placement: Placement
    refusal: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Packed:
        return cls(
            host=json["host"],
            placement=Placement.from_json(json["placement"]),
            refusal=text(json["refusal"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class MadeDefinition(Value):
    request: Request
    placement: Placement
    xml: str
    findings: list[Finding]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> MadeDefinition:
        return cls(
            request=Request.from_json(json["request"]),
            placement=Placement.from_json(json["placement"]),
            xml=text(json["xml"]),
            findings=[Finding.from_json(one) for one in json["findings"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Request(Value):
    name: str = "guest"
    gpus: list[str] = field(default_factory=list)
    gpu_count: int | None = None
    devices: list[str] = field(default_factory=list)
    vcpus: int | None = None
    memory_bytes: int | None = None
    cells: list[CellRequest] = field(default_factory=list)
    numa: NumaPolicy | None = None
    page_size_bytes: int | None = None
    virt_type: VirtType | None = None
    firmware: Firmware | None = None
    disks: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    reserved_cpus: str = ""
    force: list[str] = field(default_factory=list)
    guest: GuestSystem = "linux"
    secure_boot: bool = False
    tpm: bool = False
    hide_hypervisor: bool = False
    rom_file: str = ""
    cdroms: list[str] = field(default_factory=list)
    seed: str = ""
    agent: bool = False
    display: bool = False

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Request:
        return cls(
            name=text(json.get("name", "guest")),
            gpus=[text(one) for one in json.get("gpus", [])],
            gpu_count=json.get("gpu_count", None),
            devices=[text(one) for one in json.get("devices", [])],
            vcpus=json.get("vcpus", None),
            memory_bytes=json.get("memory_bytes", None),
            cells=[CellRequest.from_json(one) for one in json.get("cells", [])],
            numa=json.get("numa", None),
            page_size_bytes=json.get("page_size_bytes", None),
            virt_type=json.get("virt_type", None),
            firmware=json.get("firmware", None),
            disks=[text(one) for one in json.get("disks", [])],
            networks=[text(one) for one in json.get("networks", [])],
            reserved_cpus=json.get("reserved_cpus", ""),
            force=list(json.get("force", [])),
            guest=json.get("guest", "linux"),
            secure_boot=json.get("secure_boot", False),
            tpm=json.get("tpm", False),
            hide_hypervisor=json.get("hide_hypervisor", False),
            rom_file=text(json.get("rom_file", "")),
            cdroms=[text(one) for one in json.get("cdroms", [])],
            seed=text(json.get("seed", "")),
            agent=json.get("agent", False),
            display=json.get("display", False),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class CellRequest(Value):
    node: int
    vcpus: int
    memory_bytes: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> CellRequest:
        return cls(
            node=json["node"],
            vcpus=json["vcpus"],
            memory_bytes=json["memory_bytes"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Plan(Value):
    assumes: list[Assumption]
    steps: list[Step]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Plan:
        return cls(
            assumes=[Assumption.from_json(one) for one in json["assumes"]],
            steps=[Step.from_json(one) for one in json["steps"]],
            notes=[text(one) for one in json.get("notes", [])],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Assumption(Value):
    kind: AssumptionKind
    subject: str
    expected: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Assumption:
        return cls(
            kind=json["kind"],
            subject=text(json["subject"]),
            expected=text(json["expected"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Step(Value):
    summary: str
    reason: str = ""
    change: Change
    undo: Change | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Step:
        return cls(
            summary=text(json["summary"]),
            reason=text(json.get("reason", "")),
            change=read_change(json["change"]),
            undo=None if json["undo"] is None else read_change(json["undo"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetHome(Value):
    kind: Literal["home"] = "home"
    device: str
    home: Home | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetHome:
        return cls(
            device=json["device"],
            home=None if json["home"] is None else Home.from_json(json["home"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetDriver(Value):
    kind: Literal["driver"] = "driver"
    device: str
    state: DriverState
    kernel_chooses: bool = False

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetDriver:
        return cls(
            device=json["device"],
            state=DriverState.from_json(json["state"]),
            kernel_chooses=json.get("kernel_chooses", False),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetD3cold(Value):
    kind: Literal["d3cold"] = "d3cold"
    device: str
    allowed: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetD3cold:
        return cls(
            device=json["device"],
            allowed=json["allowed"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetService(Value):
    kind: Literal["service"] = "service"
    unit: str
    running: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetService:
        return cls(
            unit=text(json["unit"]),
            running=json["running"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetPersistence(Value):
    kind: Literal["persistence"] = "persistence"
    device: str
    on: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetPersistence:
        return cls(
            device=json["device"],
            on=json["on"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class LoadModule(Value):
    kind: Literal["module"] = "module"
    module: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> LoadModule:
        return cls(
            module=text(json["module"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetDomain(Value):
    kind: Literal["domain"] = "domain"
    domain: str
    xml: str | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetDomain:
        return cls(
            domain=text(json["domain"]),
            xml=None if json["xml"] is None else text(json["xml"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetMetadata(Value):
    kind: Literal["metadata"] = "metadata"
    domain: str
    xml: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetMetadata:
        return cls(
            domain=text(json["domain"]),
            xml=text(json["xml"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetPower(Value):
    kind: Literal["power"] = "power"
    domain: str
    running: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetPower:
        return cls(
            domain=text(json["domain"]),
            running=json["running"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetDevice(Value):
    kind: Literal["device"] = "device"
    domain: str
    device: str
    scope: Scope
    present: bool
    xml: str
    timeout_seconds: int = 60

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetDevice:
        return cls(
            domain=text(json["domain"]),
            device=json["device"],
            scope=json["scope"],
            present=json["present"],
            xml=text(json["xml"]),
            timeout_seconds=json.get("timeout_seconds", 60),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetBootBindings(Value):
    kind: Literal["boot"] = "boot"
    bindings: list[BootBinding]
    tool: BootTool
    images: list[BootImage]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetBootBindings:
        return cls(
            bindings=[BootBinding.from_json(one) for one in json["bindings"]],
            tool=json["tool"],
            images=[BootImage.from_json(one) for one in json["images"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetOwnFile(Value):
    kind: Literal["file"] = "file"
    path: str
    content: str | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetOwnFile:
        return cls(
            path=text(json["path"]),
            content=None if json["content"] is None else text(json["content"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetSeed(Value):
    kind: Literal["seed"] = "seed"
    domain: str
    user_data: str
    present: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetSeed:
        return cls(
            domain=text(json["domain"]),
            user_data=text(json["user_data"]),
            present=json["present"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetConsole(Value):
    kind: Literal["console"] = "console"
    drawn: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetConsole:
        return cls(
            drawn=json["drawn"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetFramebuffer(Value):
    kind: Literal["framebuffer"] = "framebuffer"
    device: str
    shown: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetFramebuffer:
        return cls(
            device=text(json["device"]),
            shown=json["shown"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetVirtualFunctions(Value):
    kind: Literal["virtual-functions"] = "virtual-functions"
    device: str
    count: int
    drivers_autoprobe: bool | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetVirtualFunctions:
        return cls(
            device=json["device"],
            count=json["count"],
            drivers_autoprobe=json["drivers_autoprobe"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetKernelOptions(Value):
    kind: Literal["kernel-options"] = "kernel-options"
    options: list[str]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetKernelOptions:
        return cls(
            options=[text(one) for one in json["options"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetHugePages(Value):
    kind: Literal["huge-pages"] = "huge-pages"
    node: int
    page_size_bytes: int
    count: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetHugePages:
        return cls(
            node=json["node"],
            page_size_bytes=json["page_size_bytes"],
            count=json["count"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetResetMethods(Value):
    kind: Literal["reset-methods"] = "reset-methods"
    device: str
    methods: list[str]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetResetMethods:
        return cls(
            device=json["device"],
            methods=[text(one) for one in json["methods"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class ResetDevice(Value):
    kind: Literal["reset"] = "reset"
    device: str
    method: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> ResetDevice:
        return cls(
            device=json["device"],
            method=text(json["method"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetTunable(Value):
    kind: Literal["tunable"] = "tunable"
    tuning: Tuning
    name: str
    value: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetTunable:
        return cls(
            tuning=json["tuning"],
            name=text(json["name"]),
            value=text(json["value"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetVgpuType(Value):
    kind: Literal["vgpu-type"] = "vgpu-type"
    device: str
    type: int

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetVgpuType:
        return cls(
            device=json["device"],
            type=json["type"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetMediatedDevice(Value):
    kind: Literal["mediated-device"] = "mediated-device"
    device: str
    parent: str
    type: str
    present: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetMediatedDevice:
        return cls(
            device=json["device"],
            parent=json["parent"],
            type=text(json["type"]),
            present=json["present"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetMediatedDefinition(Value):
    kind: Literal["mediated-definition"] = "mediated-definition"
    device: str
    parent: str
    type: str
    at_boot: bool | None

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetMediatedDefinition:
        return cls(
            device=json["device"],
            parent=json["parent"],
            type=text(json["type"]),
            at_boot=json["at_boot"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetMigMode(Value):
    kind: Literal["mig-mode"] = "mig-mode"
    device: str
    on: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetMigMode:
        return cls(
            device=json["device"],
            on=json["on"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class SetMigInstance(Value):
    kind: Literal["mig-instance"] = "mig-instance"
    device: str
    profile: str
    profile_id: int
    start: int
    size: int
    compute: list[MigSpan]
    present: bool

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> SetMigInstance:
        return cls(
            device=json["device"],
            profile=text(json["profile"]),
            profile_id=json["profile_id"],
            start=json["start"],
            size=json["size"],
            compute=[MigSpan.from_json(one) for one in json["compute"]],
            present=json["present"],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Report(Value):
    outcome: Outcome
    changed: bool
    steps: list[StepResult]

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Report:
        return cls(
            outcome=json["outcome"],
            changed=json["changed"],
            steps=[StepResult.from_json(one) for one in json["steps"]],
        )


@dataclass(kw_only=True, repr=False, slots=True)
class StepResult(Value):
    summary: str
    state: StepState
    reason: str
    undo: UndoState
    undo_reason: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> StepResult:
        return cls(
            summary=text(json["summary"]),
            state=json["state"],
            reason=text(json["reason"]),
            undo=json["undo"],
            undo_reason=text(json["undo_reason"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Event(Value):
    kind: EventKind
    step: int
    steps: int
    summary: str
    reason: str

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Event:
        return cls(
            kind=json["kind"],
            step=json["step"],
            steps=json["steps"],
            summary=text(json["summary"]),
            reason=text(json["reason"]),
        )


@dataclass(kw_only=True, repr=False, slots=True)
class Operation(Value):
    id: str
    time: int
    boot: str
    hypervisor: str
    plan: Plan
    begun: int
    outcome: Outcome | None
    left: list[int]
    unreadable: str = ""
    user: str = ""
    command: str = ""

    @classmethod
    def from_json(cls, json: Mapping[str, Any]) -> Operation:
        return cls(
            id=text(json["id"]),
            time=json["time"],
            boot=text(json["boot"]),
            hypervisor=text(json["hypervisor"]),
            plan=Plan.from_json(json["plan"]),
            begun=json["begun"],
            outcome=json["outcome"],
            left=list(json["left"]),
            unreadable=text(json.get("unreadable", "")),
            user=text(json.get("user", "")),
            command=text(json.get("command", "")),
        )


Change = Union[
    SetHome,
    SetDriver,
    SetD3cold,
    SetService,
    SetPersistence,
    LoadModule,
    SetDomain,
    SetMetadata,
    SetPower,
    SetDevice,
    SetBootBindings,
    SetOwnFile,
    SetSeed,
    SetConsole,
    SetFramebuffer,
    SetVirtualFunctions,
    SetKernelOptions,
    SetHugePages,
    SetResetMethods,
    ResetDevice,
    SetTunable,
    SetVgpuType,
    SetMediatedDevice,
    SetMediatedDefinition,
    SetMigMode,
    SetMigInstance,
]
_CHANGE_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Change]] = {
    "home": SetHome.from_json,
    "driver": SetDriver.from_json,
    "d3cold": SetD3cold.from_json,
    "service": SetService.from_json,
    "persistence": SetPersistence.from_json,
    "module": LoadModule.from_json,
    "domain": SetDomain.from_json,
    "metadata": SetMetadata.from_json,
    "power": SetPower.from_json,
    "device": SetDevice.from_json,
    "boot": SetBootBindings.from_json,
    "file": SetOwnFile.from_json,
    "seed": SetSeed.from_json,
    "console": SetConsole.from_json,
    "framebuffer": SetFramebuffer.from_json,
    "virtual-functions": SetVirtualFunctions.from_json,
    "kernel-options": SetKernelOptions.from_json,
    "huge-pages": SetHugePages.from_json,
    "reset-methods": SetResetMethods.from_json,
    "reset": ResetDevice.from_json,
    "tunable": SetTunable.from_json,
    "vgpu-type": SetVgpuType.from_json,
    "mediated-device": SetMediatedDevice.from_json,
    "mediated-definition": SetMediatedDefinition.from_json,
    "mig-mode": SetMigMode.from_json,
    "mig-instance": SetMigInstance.from_json,
}


def read_change(json: Mapping[str, Any]) -> Change:
    return _CHANGE_KINDS[json["kind"]](json)
