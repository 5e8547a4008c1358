"""Reading ``components:``: who connects to etcd, and what the operator chooses for each."""

from __future__ import annotations

from ringfence.model.names import UserName
from ringfence.spec.grants import read_grants
from ringfence.spec.naming import Identity, check_identity, read_identity
from ringfence.spec.reader import LATER, Cursor, Fields, nearest, shown
from ringfence.spec.shape import Calico, Compaction, Component, KubeApiserver, OwnComponent
from ringfence.spec.values import read_folder, read_version
from ringfence.yamlio import nodes

ETCD_PREFIX = "/registry"
"""The default of kube-apiserver's ``--etcd-prefix``."""

_USES = ("kube-apiserver", "calico")
_USES_LATER = (
    "calico/node",
    "calico/felix",
    "calico/cni-plugin",
    "calico/kube-controllers",
    "calico/calicoctl",
    "calico/openstack-driver",
    "calico/dhcp-agent",
)
_IDENTITY_SCHEMES = ("shared", "node", "node-scoped")


def read_components(cursor: Cursor) -> tuple[tuple[Component, Identity], ...]:
    """The components that can be used, each with the place of its identity."""
    components: list[tuple[Component, Identity]] = []
    calico: Component | None = None
    for item in cursor.items():
        found = _component(item)
        if found is None:
            continue
        component, _ = found
        if isinstance(component, Calico):
            if calico is not None:
                item.problem(
                    f"there is already a calico on line {calico.place.line}, and Calico's /calico/ is a constant",
                    "give each Calico an etcd of its own, or remove one",
                )
                continue
            calico = component
        components.append(found)
    return tuple(components)


def _component(cursor: Cursor) -> tuple[Component, Identity] | None:
    """One component, by its ``use``."""
    if not isinstance(cursor.node, nodes.Mapping) or cursor.node.get("use") is None:
        return _own(cursor)
    use = next(value for key, value in cursor.node.entries if isinstance(key, nodes.Scalar) and key.text == "use")
    at = Cursor(use, use.extent.line, f"{cursor.path}.use", cursor.report)
    written = at.text()
    if written == "kube-apiserver":
        return _kube_apiserver(cursor)
    if written == "calico":
        return _calico(cursor)
    if written in _USES_LATER:
        at.problem(f"{written} {LATER}", "it knows kube-apiserver, calico, and own components with name and grants")
    elif written is not None:
        hint = nearest(written, (*_USES, *_USES_LATER)) or ""
        at.problem(f"{shown(written)} is no component of the catalog", f"{hint}; an own component has no use")
    return None


def _kube_apiserver(cursor: Cursor) -> tuple[Component, Identity]:
    fields = cursor.fields(("use", "identity", "kubernetes", "compaction", "etcd-prefix", "files"))
    identity = _identity(fields, "kube-apiserver")
    return KubeApiserver(
        identity=UserName(identity.name),
        version=fields.read("kubernetes", read_version),
        compaction=fields.read("compaction", _compaction) or Compaction.ETCD,
        prefix=fields.read("etcd-prefix", _etcd_prefix) or ETCD_PREFIX,
        files=fields.read("files", read_folder),
        place=cursor.place,
    ), identity


def _calico(cursor: Cursor) -> tuple[Component, Identity]:
    fields = cursor.fields(
        ("use", "identity", "calico", "network", "segmentation"), later=("calicoctl", "deliver", "nodes", "transport")
    )
    scheme = fields.get("identity")
    if scheme is not None and cursor_text(scheme) in _IDENTITY_SCHEMES:
        scheme.problem(f"{cursor_text(scheme)} {LATER}", "with segmentation: single it is the name of the one user")
        fields = Fields(fields.owner, {name: at for name, at in fields.found.items() if name != "identity"})
    identity = _identity(fields, "calico")
    fields.read("segmentation", lambda at: at.word(("single",), ("component", "node")))
    return Calico(
        identity=UserName(identity.name),
        version=fields.read("calico", read_version),
        network=fields.read("network", lambda at: at.word(("calico",), ("canal",))) or "calico",
        place=cursor.place,
    ), identity


def _own(cursor: Cursor) -> tuple[Component, Identity] | None:
    fields = cursor.fields(("name", "grants"), later=("use", "transport", "password", "nodes"))
    named = fields.need("name", "name it, or take one from the catalog with use: kube-apiserver or use: calico")
    listed = fields.need("grants", "say which keys it may touch: [{prefix: /NAME/, access: readwrite}]")
    name = None if named is None else read_identity(named)
    grants = () if listed is None else read_grants(listed)
    if name is None or named is None:
        return None
    return OwnComponent(identity=UserName(name), grants=grants, place=cursor.place), Identity(name, named)


def _identity(fields: Fields, default: str) -> Identity:
    """The identity of a component of the catalog; the default where it is not written, or not usable."""
    cursor = fields.get("identity")
    if cursor is None:
        return Identity(default, fields.owner)
    written = cursor.text()
    return Identity(written if written is not None and check_identity(cursor, written) else default, cursor)


def _compaction(cursor: Cursor) -> Compaction | None:
    if isinstance(cursor.node, nodes.Mapping) and cursor.node.get("by") is not None:
        cursor.problem(f"compaction by another {LATER}", "choose compaction: etcd, and let etcd compact by itself")
        return None
    return cursor.enum(Compaction)


def _etcd_prefix(cursor: Cursor) -> str | None:
    """kube-apiserver's ``--etcd-prefix``; it joins the path with slashes, so dots and doubled slashes would vanish."""
    written = cursor.text()
    if written is None:
        return None
    steps = written.removesuffix("/").split("/")
    if steps[0] or len(steps) < 2 or any(step in {"", ".", ".."} for step in steps[1:]):
        cursor.problem(f"{shown(written)} is no prefix of kube-apiserver", "write a path such as /registry")
        return None
    return written


def cursor_text(cursor: Cursor) -> str | None:
    """The text of a scalar, without noting a problem where there is none."""
    return cursor.node.text if isinstance(cursor.node, nodes.Scalar) else None
