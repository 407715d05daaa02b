"""Reads `nvidia-smi -q -x`: the accelerators of a machine, their driver, memory and settings.

https://docs.nvidia.com/deploy/nvidia-smi/index.html. Sizes are in MiB there and bytes here, exactly. What changes from moment to
moment (temperature, use, power, clocks of now, processes) is left there. The time has no zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Device, Machine
from recup_kg.evidence.identity import facts_identity
from recup_kg.records import Gap, Subject, Timestamp

NAME = "nvidia-smi"
VERSION = "1"
VENDOR = "NVIDIA"

_SETTINGS = (
    "product_brand",
    "product_architecture",
    "persistence_mode",
    "addressing_mode",
    "mig_mode/current_mig",
    "compute_mode",
    "ecc_mode/current_ecc",
    "driver_model/current_dm",
    "gpu_operation_mode/current_gom",
    "gpu_virtualization_mode/virtualization_mode",
    "accounting_mode",
    "gpu_power_readings/current_power_limit",
    "gpu_power_readings/max_power_limit",
    "power_readings/power_limit",
    "power_readings/enforced_power_limit",
    "applications_clocks/graphics_clock",
    "applications_clocks/mem_clock",
    "max_clocks/graphics_clock",
    "max_clocks/sm_clock",
    "max_clocks/mem_clock",
    "pci/pci_gpu_link_info/pcie_gen/max_link_gen",
    "pci/pci_gpu_link_info/link_widths/max_link_width",
)
_SLICE_SETTINGS = ("gpu_instance_id", "compute_instance_id", "device_attributes/shared/multiprocessor_count")
_NOTHING = frozenset(
    (
        "",
        "N/A",
        "[N/A]",
        "Not Supported",
        "[Not Supported]",
        "None",
        "Requested functionality has been deprecated",
    )
)
_SIZE = re.compile(r"(\d{1,15}) (B|KiB|MiB|GiB)")
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sniff(path: Path) -> bool:
    """Whether the root element of the XML is that of nvidia-smi."""
    start = head(path, 4096)
    return (
        re.match(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*)?<nvidia_smi_log\b", start)
        is not None
    )


def read(path: Path) -> Evidence:
    """The accelerators. Raises `MalformedSource`."""
    root = _root(path)
    gaps: list[Gap] = []
    devices = tuple(_devices(path, root, gaps))
    if not devices:
        raise MalformedSource(
            path, "no accelerator in it", where="/nvidia_smi_log", advice="run nvidia-smi -q -x again"
        )
    attached = _text(root, "attached_gpus")
    count = sum(1 for device in devices if device.part_of is None)
    if attached is not None and attached != str(count):
        comment = f"It says that {attached} are attached and describes {count}."
        gaps.append(Gap("ConflictingValue", Subject("evidence"), "/nvidia_smi_log/attached_gpus", comment))
    records = (Machine(identifier="machine"), *devices)
    return Evidence(
        source=source_of(
            path,
            converter=NAME,
            version=VERSION,
            format_version="-q -x",
            layer="SystemLayer",
            created=_time(_text(root, "timestamp")),
        ),
        identity=facts_identity("nvidia-smi", records),
        label=f"{count} NVIDIA {'accelerator' if count == 1 else 'accelerators'}",
        layer="SystemLayer",
        records=records,
        gaps=tuple(gaps),
    )


def _root(path: Path) -> ElementTree.Element:
    text = read_text(path)
    if "<!ENTITY" in text:
        raise MalformedSource(
            path, "it declares entities, as nvidia-smi never does", advice="run nvidia-smi -q -x again"
        )
    try:
        # No entity is declared, so none can grow without bounds; a document type of another file is never fetched.
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314
    except (ElementTree.ParseError, RecursionError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise MalformedSource(
            path,
            f"not XML: {error}",
            where=f"line {line}",
            advice="the file is cut off or damaged: run nvidia-smi -q -x again",
        ) from error
    if root.tag != "nvidia_smi_log":
        raise MalformedSource(path, f"the root element is {root.tag}", advice="run nvidia-smi -q -x again")
    return root


def _devices(path: Path, root: ElementTree.Element, gaps: list[Gap]) -> Iterator[Device]:
    seen: set[str] = set()
    for index, gpu in enumerate(root.findall("gpu")):
        uuid = _text(gpu, "uuid")
        bus = gpu.get("id") or _text(gpu, "pci/pci_bus_id")
        name = uuid or bus or str(index)
        if name in seen:
            raise MalformedSource(
                path, f"accelerator {name} stands twice in it", where=f"/nvidia_smi_log/gpu[{index + 1}]"
            )
        seen.add(name)
        yield Device(
            identifier=name,
            model=_text(gpu, "product_name"),
            kind="GPU",
            machine="machine",
            vendor=VENDOR,
            uuid=uuid,
            bus=bus,
            memory_size=_memory(gpu, name, gaps),
            driver_version=_text(root, "driver_version"),
            firmware_version=_text(gpu, "vbios_version"),
            runtime_version=_text(root, "cuda_version"),
            settings=tuple(
                (setting, value) for setting in _SETTINGS if (value := _text(gpu, setting)) is not None
            ),
        )
        yield from _slices(gpu, name, gaps)


def _slices(gpu: ElementTree.Element, name: str, gaps: list[Gap]) -> Iterator[Device]:
    """The MIG devices of an accelerator."""
    for element in gpu.findall("mig_devices/mig_device"):
        number = _text(element, "index")
        if number is None:
            continue
        inner = f"{name}/mig/{number}"
        yield Device(
            identifier=inner,
            model=None,
            kind="MIG device",
            machine="machine",
            vendor=VENDOR,
            uuid=_text(element, "uuid"),
            memory_size=_memory(element, inner, gaps),
            part_of=name,
            settings=tuple(
                (setting, value)
                for setting in _SLICE_SETTINGS
                if (value := _text(element, setting)) is not None
            ),
        )


def _memory(element: ElementTree.Element, name: str, gaps: list[Gap]) -> int | None:
    written = _text(element, "fb_memory_usage/total")
    if written is None:
        return None
    match = _SIZE.fullmatch(written)
    if match is None:
        comment = f"{written!r} is no size."
        gaps.append(Gap("UnreadableValue", Subject("device", name), "fb_memory_usage/total", comment))
        return None
    return int(match[1]) * _UNITS[match[2]]


def _text(element: ElementTree.Element, place: str) -> str | None:
    value = (element.findtext(place) or "").strip()
    return None if value in _NOTHING else value


def _time(written: str | None) -> Timestamp | None:
    """`Fri Aug  4 11:44:30 2023`, which has no zone."""
    if written is None:
        return None
    match = re.fullmatch(r"\w{3} (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})", written)
    if match is None or match[1] not in _MONTHS:
        return Timestamp(written, None)
    iso = f"{match[4]}-{_MONTHS.index(match[1]) + 1:02d}-{int(match[2]):02d}T{match[3]}"
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return Timestamp(written, None)
    return Timestamp(written, iso)
