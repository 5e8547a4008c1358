"""Reading ``use: calico``: one installation, with one identity for all of it or one for each of its components."""

from __future__ import annotations

from collections.abc import Mapping

from ringfence.spec.naming import Identity, read_identity, read_name
from ringfence.spec.reader import Cursor, Fields, nearest, shown
from ringfence.spec.shape import Calico, CalicoPart, Segmentation
from ringfence.spec.values import read_version

_COMPONENTS = ("calico/node", "calico/cni", "calico/kube-controllers")
_CALICOCTL = ("read-only", "policy-editor", "full")


def read_calico(cursor: Cursor) -> tuple[Calico, tuple[Identity, ...]]:
    """A Calico, and all of its identities."""
    fields = cursor.fields(
        ("use", "name", "calico", "network", "segmentation", "calicoctl", "identities"),
        later=("identity", "deliver", "nodes"),
    )
    network = fields.read("network", lambda at: at.word(("calico", "canal"))) or "calico"
    chosen = fields.read("segmentation", lambda at: at.word([each.value for each in Segmentation], ("node",)))
    segmentation = Segmentation(chosen or "single")
    tools = tuple(f"calicoctl/{word}" for word in fields.read("calicoctl", _calicoctl) or ())
    if segmentation is Segmentation.SINGLE:
        alone, parts = {"calico": read_name(fields, "calico")}, tools
    else:
        _refuse_name(fields)
        alone, parts = {}, (*_COMPONENTS, *(("flannel",) if network == "canal" else ()), *tools)
    identities = {**alone, **_identities(fields, parts)}
    component = Calico(
        parts=tuple(CalicoPart(name, identity.user) for name, identity in identities.items()),
        version=fields.read("calico", read_version),
        network=network,
        segmentation=segmentation,
        place=cursor.place,
    )
    return component, tuple(identities.values())


def _refuse_name(fields: Fields) -> None:
    named = fields.get("name")
    if named is not None:
        named.problem(
            "segmentation: component makes several users, so there is no one name",
            "name them under identities: {calico-node: ...}",
        )


def _calicoctl(cursor: Cursor) -> tuple[str, ...]:
    words: list[str] = []
    for item in cursor.items():
        word = item.word(_CALICOCTL)
        if word in words:
            item.problem(f"{word} is listed twice", "keep one of them")
        elif word is not None:
            words.append(word)
    return tuple(words)


def _identities(fields: Fields, parts: tuple[str, ...]) -> Mapping[str, Identity]:
    """The identity of each part: its default name, or the one under ``identities``."""
    found = {part: Identity(part.replace("/", "-"), fields.owner) for part in parts}
    defaults = {identity.name: part for part, identity in found.items()}
    overrides = fields.get("identities")
    for default, at in () if overrides is None else overrides.named():
        part = defaults.get(default)
        if part is None:
            hint = nearest(default, defaults) or "with segmentation: single the one user is named with name"
            at.problem(f"{shown(default)} is no identity of this calico", hint)
            continue
        name = read_identity(at)
        if name is not None:
            found[part] = Identity(name, at)
    return found
