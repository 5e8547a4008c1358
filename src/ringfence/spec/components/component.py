"""Reading ``components:``: who connects to etcd, and what the operator chooses for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringfence.model.names import UserName
from ringfence.spec.components.calico import read_calico
from ringfence.spec.components.grants import read_grants
from ringfence.spec.components.kube_apiserver import read_kube_apiserver
from ringfence.spec.components.patterns import read_patterns
from ringfence.spec.components.presets import Preset
from ringfence.spec.naming import Identity, read_identity, read_name
from ringfence.spec.nodes import Listed
from ringfence.spec.passwords import GATEWAY, ONLY_GATEWAY, UNUSABLE, WHERE, read_password
from ringfence.spec.reader import Cursor, Fields
from ringfence.spec.shape import (
    Calico,
    CatalogComponent,
    Component,
    KubeApiserver,
    OwnComponent,
    PasswordSource,
    Setting,
    Transport,
)
from ringfence.spec.values import read_version
from ringfence.yamlio import nodes

Found = tuple[Component, tuple[Identity, ...]]
"""A component, and each of its identities with the place where it is named."""

_CATALOG = ("use", "name", "version", "transport", "password", "shares-with")
_OWN = ("name", "grants", "patterns", "transport", "password")
_PRESET = ("use", "name", "transport", "password")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a component may refer to.

    ``folder`` is the one against which its files are resolved; ``nodes`` is None where the spec names none.
    """

    presets: Mapping[str, Preset]
    folder: Path
    nodes: tuple[Listed, ...] | None = None


def read_components(cursor: Cursor, around: Surroundings) -> tuple[Found, ...]:
    """The components that can be used; a compactor that several of them name is an identity of the first."""
    components: list[Found] = []
    calico: Calico | None = None
    compactors: set[UserName] = set()
    for item in cursor.items():
        found = _component(item, around)
        if found is None:
            continue
        component, identities = found
        if isinstance(component, Calico):
            if calico is not None:
                item.problem(
                    f"there is already a calico on line {calico.place.line}, and Calico's /calico/ is a constant",
                    "give each Calico an etcd of its own, or remove one",
                )
                continue
            calico = component
        if isinstance(component, KubeApiserver) and component.compactor is not None:
            if component.compactor in compactors:
                identities = tuple(identity for identity in identities if identity.user != component.compactor)
            compactors.add(component.compactor)
        components.append((component, identities))
    return tuple(components)


def _component(cursor: Cursor, around: Surroundings) -> Found | None:
    """One component, by its ``use``."""
    if not isinstance(cursor.node, nodes.Mapping) or cursor.node.get("use") is None:
        return _own(cursor, around)
    use = next(value for key, value in cursor.node.entries if isinstance(key, nodes.Scalar) and key.text == "use")
    at = Cursor(use, use.extent.line, f"{cursor.path}.use", cursor.report)
    written = at.text()
    if written is None:
        return None
    if written == "kube-apiserver":
        return read_kube_apiserver(cursor)
    if written == "calico":
        return read_calico(cursor, around.nodes, around.folder)
    preset = around.presets.get(written)
    return _cataloged(cursor, at, written, around) if preset is None else _of_preset(cursor, preset, around)


def _cataloged(cursor: Cursor, use: Cursor, written: str, around: Surroundings) -> Found:
    """A component that only the catalog knows; what is none of our own keys is one of its options."""
    found = dict(cursor.named())
    fields = Fields(cursor, {name: at for name, at in found.items() if name in _CATALOG})
    options = {
        name: Setting(text, at.place)
        for name, at in found.items()
        if name not in _CATALOG and (text := at.text()) is not None
    }
    identity = read_name(fields, written.replace("/", "-"))
    component = CatalogComponent(
        identity=identity.user,
        use=written,
        use_place=use.place,
        version=fields.read("version", read_version),
        options=options,
        transport=fields.read("transport", lambda at: at.enum(Transport)),
        password=fields.read("password", lambda at: read_password(at, around.folder) or UNUSABLE),
        shares_with=fields.read("shares-with", _owners) or (),
        place=cursor.place,
    )
    return component, (identity,)


def _own(cursor: Cursor, around: Surroundings) -> Found | None:
    fields = cursor.fields(_OWN, later=("use", "nodes"))
    named = fields.need("name", "name it, or take one from the catalog with use: kube-apiserver or use: calico")
    if fields.get("patterns") is None:
        fields.need("grants", "say which keys it may touch: [{prefix: /NAME/, access: readwrite}]")
    name = None if named is None else read_identity(named)
    grants = fields.read("grants", read_grants) or ()
    patterns = fields.read("patterns", read_patterns) or ()
    password = _login(fields, around)
    if password is not None and fields.get("patterns") is not None:
        fields.owner.problem(
            "has patterns, and logs in to the JSON gateway by password",
            "etcd v2 would not know its certificate, which names nobody there: make it two components",
        )
    if name is None or named is None:
        return None
    identity = Identity(name, named)
    component = OwnComponent(
        identity=identity.user, grants=grants, patterns=patterns, password=password, place=cursor.place
    )
    return component, (identity,)


def _of_preset(cursor: Cursor, preset: Preset, around: Surroundings) -> Found | None:
    fields = cursor.fields((*_PRESET, *preset.placeholders))
    named = fields.need("name", f"each component of the preset {preset.name} is a user of its own: name it")
    name = None if named is None else read_identity(named)
    values = {key: fields.need(key, f"the preset {preset.name} has {{{key}}} in its keys") for key in preset.asked}
    grants = preset.grants(cursor, name, values)
    password = _login(fields, around)
    if name is None or named is None:
        return None
    identity = Identity(name, named)
    component = OwnComponent(
        identity=identity.user, grants=grants, preset=preset.name, password=password, place=cursor.place
    )
    return component, (identity,)


def _login(fields: Fields, around: Surroundings) -> PasswordSource | None:
    """The password of a component that speaks to the JSON gateway; no other has one."""
    transport = fields.read("transport", lambda at: at.enum(Transport))
    at = fields.get("password")
    password = None if at is None else read_password(at, around.folder)
    if transport is Transport.GATEWAY and at is None:
        fields.owner.problem(GATEWAY, WHERE)
    elif transport is not Transport.GATEWAY and at is not None and fields.get("transport") is None:
        at.problem(ONLY_GATEWAY, "add transport: gateway, or remove the password: its certificate is enough")
        return None
    return password


def _owners(cursor: Cursor) -> tuple[str, ...]:
    return tuple(owner for _, owner in cursor.texts())
