"""Reading ``services``: what of Calico runs on hosts by a unit, or a container in one, where no manifest runs it."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ringfence.errors import Place
from ringfence.spec.reader import Cursor, Fields
from ringfence.spec.ways import Way
from ringfence.yamlio.nodes import Scalar

_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")


class Runs(enum.Enum):
    """How a program runs on a host: ``UNIT`` is its binary under systemd, ``CONTAINER`` a unit around a container."""

    UNIT = "unit"
    CONTAINER = "container"


NODE, FELIX, CONTROLLERS = "calico-node", "felix", "kube-controllers"

_WAYS: Mapping[str, tuple[Runs, ...]] = MappingProxyType(
    {NODE: (Runs.CONTAINER,), FELIX: (Runs.UNIT,), CONTROLLERS: (Runs.UNIT, Runs.CONTAINER)}
)
"""calico/node is released as an image alone, and Felix alone as a binary of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How one program is started; ``image`` is None for that of Calico's release, and always with a unit."""

    runs: Runs
    image: str | None = None
    place: Place


def read_services(fields: Fields, way: Way | None) -> Mapping[str, Service]:
    """``services`` of a Calico: for each program ``unit``, ``container``, or a mapping with ``run`` and ``image``.

    Args:
        fields: those of the Calico.
        way: how certificates come into its pods, where that is written.
    """
    at = fields.get("services")
    if at is None:
        return {}
    if way is not None and way is not Way.SECRET:
        at.problem(f"with deliver: {way.value} its programs run in the pods of a manifest", "remove one of the two")
    found = {name: service for name, each in at.fields(_WAYS).found.items() if (service := _service(each, _WAYS[name]))}
    if NODE in found and FELIX in found:
        at.problem("Felix is in calico-node already", f"keep one of {NODE} and {FELIX}")
    return found


def _service(cursor: Cursor, ways: tuple[Runs, ...]) -> Service | None:
    words = [way.value for way in ways]
    if isinstance(cursor.node, Scalar):
        word = cursor.word(words)
        return None if word is None else Service(runs=Runs(word), place=cursor.place)
    fields = cursor.fields(("run", "image"))
    run_at = fields.need("run", f"one of {', '.join(words)}")
    word = None if run_at is None else run_at.word(words)
    if word is None:
        return None
    image_at = fields.get("image")
    image = fields.read("image", _image)
    if image_at is not None and Runs(word) is Runs.UNIT:
        image_at.problem("a unit runs a binary, and no image", "remove it, or write run: container")
        return None
    return Service(runs=Runs(word), image=image, place=cursor.place)


def _image(cursor: Cursor) -> str | None:
    written = cursor.text()
    if written is not None and not _IMAGE.fullmatch(written):
        cursor.problem("is no name of an image", "for example quay.io/calico/node:v3.32.1")
        return None
    return written
