"""Kubernetes manifests as what they contain: resources, the containers of their pods, environment variables.

Reads only, and only what can be told from the structure; what a certain manifest must hold is said in
``render.calico.parts``. Any number of documents, and lists (``kind: List``) in them, also as JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringfence.errors import InputError, ManifestError, Place, Problem
from ringfence.model.version import Version
from ringfence.yamlio.nodes import Mapping, Node, Scalar, Sequence, parse_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource: a mapping with a kind.

    ``group`` is its API group, empty for the core; names may be empty. ``siblings`` is the list that it is an item of,
    where it is no document of its own.
    """

    kind: str
    group: str
    name: str
    body: Mapping
    place: Place
    siblings: Sequence | None = None

    @property
    def namespace(self) -> str | None:
        """The namespace that is written there."""
        return self.body.text("metadata", "namespace")

    @property
    def pod(self) -> Mapping | None:
        """What its pods are: itself, or its template."""
        found = self.body.get("spec") if self.kind == "Pod" else self.body.get("spec", "template", "spec")
        return found if isinstance(found, Mapping) else None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a resource's pods."""

    name: str
    image: str
    body: Mapping
    place: Place

    @property
    def version(self) -> Version | None:
        """The version in the tag of its image, or None where the tag is none, or there is only a digest."""
        tagged, _, _ = self.image.rpartition("/")[2].partition("@")
        return Version.parse(tagged.partition(":")[2])


def resources(text: str, file: str) -> tuple[Resource, ...]:
    """All resources of a manifest in the order in which they stand there.

    Args:
        text: the manifest.
        file: its name, for the places of problems.

    Raises:
        ManifestError: it is not YAML, holds nothing, or holds what is no resource.
    """
    try:
        documents = parse_all(text, file)
    except InputError as error:
        hint = "hand over the manifest itself, not a template or a web page; YAML indents with spaces, never with tabs"
        raise ManifestError(
            *(Problem(found.what, found.place, found.hint or hint) for found in error.problems)
        ) from None
    found: list[Resource] = []
    problems: list[Problem] = []
    for node, siblings in _unwrapped(documents, None):
        kind = node.text("kind") if isinstance(node, Mapping) else None
        place = Place(file, node.extent.line)
        if isinstance(node, Mapping) and kind:
            group = (node.text("apiVersion") or "").rpartition("/")[0]
            name = node.text("metadata", "name") or ""
            found.append(Resource(kind=kind, group=group, name=name, body=node, place=place, siblings=siblings))
        elif not (isinstance(node, Scalar) and node.is_null):
            problems.append(Problem("this is no Kubernetes resource", place, "looked for a mapping with a kind"))
    if not found and not problems:
        problems.append(Problem("the manifest is empty", Place(file)))
    if problems:
        raise ManifestError(*problems)
    return tuple(found)


def containers(resource: Resource) -> Iterator[Container]:
    """The containers of a workload's pods, those that run before the others included."""
    pod = resource.pod
    for field in ("initContainers", "containers"):
        for body in _mappings(None if pod is None else pod.get(field)):
            place = Place(resource.place.file, body.extent.line)
            yield Container(name=body.text("name") or "", image=body.text("image") or "", body=body, place=place)


def variables(container: Container, name: str) -> Iterator[Mapping]:
    """The entries of a container's environment that set ``name``."""
    return (entry for entry in _mappings(container.body.get("env")) if entry.text("name") == name)


def mounts_secret(resource: Resource, secret: str) -> bool:
    """Whether the pods of a workload have a volume with that Secret."""
    return any(volume.text("secret", "secretName") == secret for volume in volumes(resource))


def volumes(resource: Resource) -> Iterator[Mapping]:
    """The volumes of a workload's pods."""
    return _mappings(None if resource.pod is None else resource.pod.get("volumes"))


def mounts(container: Container, path: str) -> list[Mapping]:
    """The entries of a container's mounts that put something at ``path``."""
    entries = _mappings(container.body.get("volumeMounts"))
    return [entry for entry in entries if (entry.text("mountPath") or "").rstrip("/") == path]


def named(found: Iterable[Resource], kind: str, name: str) -> list[Resource]:
    """The resources of that kind and name."""
    return [resource for resource in found if resource.kind == kind and resource.name == name]


def not_texts(resource: Resource, names: Iterable[str]) -> Iterator[Problem]:
    """The entries of a resource's data that are lists or mappings where a text is needed."""
    for name in names:
        value = resource.body.get("data", name)
        if value is not None and not isinstance(value, Scalar):
            place = Place(resource.place.file, value.extent.line, f"data.{name}")
            yield Problem("this is no text", place, "write one text there")


def duplicates(node: Mapping, file: str, path: str = "") -> Iterator[Problem]:
    """The keys that stand twice in a mapping or below it: Kubernetes refuses them, or takes the last."""
    seen: set[str] = set()
    for key, value in node.entries:
        name = key.text if isinstance(key, Scalar) else ""
        here = f"{path}.{name}" if path else name
        if name in seen:
            yield Problem("this key stands here twice", Place(file, key.extent.line, here), "remove one of the two")
        seen.add(name)
        for below in (value,) if isinstance(value, Mapping) else _mappings(value):
            yield from duplicates(below, file, here)


def _unwrapped(nodes: Iterable[Node], siblings: Sequence | None) -> Iterator[tuple[Node, Sequence | None]]:
    """The nodes, and in the place of each list its items together with the list."""
    for node in nodes:
        items = node.get("items") if isinstance(node, Mapping) and node.text("kind") == "List" else None
        if isinstance(items, Sequence):
            yield from _unwrapped(items, items)
        else:
            yield node, siblings


def _mappings(node: Node | None) -> Iterator[Mapping]:
    if isinstance(node, Sequence):
        yield from (item for item in node if isinstance(item, Mapping))
