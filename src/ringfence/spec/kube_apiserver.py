"""Reading ``use: kube-apiserver``."""

from __future__ import annotations

from ringfence.spec.naming import Identity, read_identity, read_name
from ringfence.spec.reader import Cursor, shown
from ringfence.spec.shape import Compaction, KubeApiserver
from ringfence.spec.values import read_folder, read_version
from ringfence.yamlio import nodes

ETCD_PREFIX = "/registry"
"""The default of kube-apiserver's ``--etcd-prefix``."""


def read_kube_apiserver(cursor: Cursor) -> tuple[KubeApiserver, tuple[Identity, ...]]:
    """A kube-apiserver, and its identity with that of the compactor that it names."""
    fields = cursor.fields(("use", "name", "kubernetes", "compaction", "etcd-prefix", "files"))
    identity = read_name(fields, "kube-apiserver")
    compaction, compactor = fields.read("compaction", _compaction) or (Compaction.ETCD, None)
    component = KubeApiserver(
        identity=identity.user,
        version=fields.read("kubernetes", read_version),
        compaction=compaction,
        compactor=None if compactor is None else compactor.user,
        prefix=fields.read("etcd-prefix", _etcd_prefix) or ETCD_PREFIX,
        files=fields.read("files", read_folder),
        place=cursor.place,
    )
    return component, (identity,) if compactor is None else (identity, compactor)


def _compaction(cursor: Cursor) -> tuple[Compaction, Identity | None] | None:
    """``etcd``, ``apiserver`` or ``{by: NAME}``."""
    if isinstance(cursor.node, nodes.Mapping):
        by = cursor.fields(("by",)).need("by", "name the identity that compacts: {by: NAME}")
        name = None if by is None else read_identity(by)
        return None if name is None or by is None else (Compaction.BY, Identity(name, by))
    written = cursor.word((Compaction.ETCD.value, Compaction.APISERVER.value))
    return None if written is None else (Compaction(written), None)


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
