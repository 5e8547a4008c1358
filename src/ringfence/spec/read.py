"""From the bytes of a file to a spec: the sections in order, and what only the whole file can tell.

Pure: it is given the text, the folder, the day and a way to read the file of nodes; whoever has a path uses
``ringfence.ops.load``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ringfence.errors import FileError, InputError, Place, Problem, SpecError
from ringfence.model.names import ROOT_USER
from ringfence.spec.cluster.cluster import read_cluster
from ringfence.spec.cluster.pki import default_pki, read_pki
from ringfence.spec.components.component import Surroundings, read_components
from ringfence.spec.components.presets import read_presets
from ringfence.spec.naming import check_taken
from ringfence.spec.nodes import Listed, ReadFile, read_nodes
from ringfence.spec.people import read_protect, read_roles, read_users
from ringfence.spec.reader import Cursor, Fields, Report
from ringfence.spec.shape import Calico, Cluster, Component, Spec
from ringfence.yamlio import nodes

VERSION = 1
"""The only version of the format."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read, and everything that is wrong; the spec must be used only where nothing is.

    Parts with problems are left out of ``spec`` or replaced by their defaults, so that whoever looks further (at
    overlapping segments, say) can report more problems in the same run.
    """

    spec: Spec
    problems: tuple[Problem, ...]


def no_files(path: Path) -> bytes:
    """Reads nothing: for a text that may name no other file."""
    raise FileError.of("is not read here", place=Place(str(path)), hint="list the nodes in the spec itself")


def read(text: bytes | str, file: str, folder: Path, today: date, read_file: ReadFile = no_files) -> Spec:
    """The spec in ``text``.

    Args:
        text: the content of the file.
        file: its name as the operator knows it, for the places of problems.
        folder: the folder of the file, against which paths in it are resolved.
        today: the day against which accepted holes expire.
        read_file: gives the content of the file of nodes, where the spec names one.

    Raises:
        SpecError: with every problem, sorted by line.
    """
    reading = examine(text, file, folder, today, read_file)
    if reading.problems:
        raise SpecError(*reading.problems)
    return reading.spec


def examine(text: bytes | str, file: str, folder: Path, today: date, read_file: ReadFile = no_files) -> Reading:
    """Like ``read``, but what is wrong is returned beside what could be read.

    Raises:
        SpecError: the text is no YAML mapping at all.
    """
    raw = text.encode() if isinstance(text, str) else text
    report = Report(file)
    root = _root(raw, report)
    fields = root.fields(("version", "cluster", "pki", "presets", "components", "roles", "users", "protect", "nodes"))
    _check_version(fields)
    place = Place(file, root.line)
    cluster_at = fields.need("cluster", "say at least where etcd is: cluster: {endpoints: [https://HOST:2379]}")
    cluster, members = (_no_cluster(place), ()) if cluster_at is None else read_cluster(cluster_at, today)
    presets = fields.read("presets", read_presets) or ()
    listed = fields.read("nodes", lambda at: read_nodes(at, folder, read_file))
    around = Surroundings({preset.name: preset for preset in presets}, folder, listed)
    components = fields.read("components", lambda at: read_components(at, around)) or ()
    identities = [identity for _, named in components for identity in named]
    _check_used(fields, (component for component, _ in components))
    holders = {identity.name: identity.cursor for identity in identities if identity.is_role}
    roles = fields.read("roles", lambda at: read_roles(at, holders)) or ()
    known = (*holders, *(role.name for role in roles))
    users = fields.read("users", lambda at: read_users(at, known)) or ()
    for section in ("roles", "users"):
        written = fields.get(section)
        if written is not None and not cluster.has_v3:
            written.problem("these are of etcd v3, and cluster.api has only v2", "add v3 to it, or remove them")
    check_taken((*identities, *(identity for _, identity in users)), members)
    spec = Spec(
        file=file,
        digest=_digest(raw, fields, listed or ()),
        cluster=cluster,
        pki=fields.read("pki", lambda at: read_pki(at, folder)) or default_pki(folder, place),
        presets=tuple(preset.entry for preset in presets),
        components=tuple(component for component, _ in components),
        nodes=tuple(each.node for each in listed or ()),
        roles=roles,
        users=tuple(user for user, _ in users),
        protect=(fields.read("protect", read_protect) or frozenset()) | {ROOT_USER},
    )
    return Reading(spec, report.in_order())


def _root(raw: bytes, report: Report) -> Cursor:
    """The mapping that the file is."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SpecError.of("is not UTF-8 text", place=Place(report.file, line), hint="save it as UTF-8") from None
    try:
        node = nodes.parse(text, report.file)
    except InputError as error:
        raise SpecError(*error.problems) from None
    if node is None or (isinstance(node, nodes.Scalar) and node.is_null):
        raise SpecError.of("is empty", place=Place(report.file), hint="ringfence init writes one to start from")
    if not isinstance(node, nodes.Mapping):
        raise SpecError.of(
            "is not a spec: it must be a mapping",
            place=Place(report.file, node.extent.line),
            hint="begin with version: 1; ringfence init writes one to start from",
        )
    return Cursor(node, node.extent.line, "", report)


def _check_used(fields: Fields, components: Iterable[Component]) -> None:
    written = fields.get("nodes")
    used = any(isinstance(each, Calico) and (each.by_node is not None or each.services) for each in components)
    if written is not None and not used:
        hint = "add segmentation: node to use: calico, or the services that run on them, or remove nodes"
        written.problem("nobody has identities by node", hint)


def _digest(raw: bytes, fields: Fields, listed: Iterable[Listed]) -> str:
    """Over the text; and where the nodes stand in another file over what that says, however it is laid out."""
    digest = hashlib.sha256(raw)
    written = fields.get("nodes")
    if written is not None and not isinstance(written.node, nodes.Sequence):
        named = [[each.node.name, each.node.address] for each in listed]
        digest.update(hashlib.sha256(json.dumps(named).encode()).digest())
    return digest.hexdigest()


def _check_version(fields: Fields) -> None:
    cursor = fields.need("version", f"begin with version: {VERSION}")
    number = None if cursor is None else cursor.number()
    if cursor is not None and number is not None and number != VERSION:
        cursor.problem(f"version {number} is not known", f"this release reads version: {VERSION}")


def _no_cluster(place: Place) -> Cluster:
    """What stands in for a cluster that was not written."""
    return Cluster(
        name="etcd",
        endpoints=(),
        etcd=None,
        api=("v3",),
        accept=(),
        members=(),
        proxies=(),
        paths_pki=None,
        place=place,
    )
