"""Reading ``use: kube-apiserver``."""

from __future__ import annotations

from ringfence.model.version import Version
from ringfence.spec.naming import Identity, read_identity, read_name
from ringfence.spec.reader import Cursor, Fields, shown
from ringfence.spec.shape import Compaction, KubeApiserver, StorageBackend
from ringfence.spec.values import read_folder, read_version
from ringfence.yamlio import nodes

ETCD_PREFIX = "/registry"
"""The default of kube-apiserver's ``--etcd-prefix``."""

WITHOUT_ETCD2 = Version(1, 13)
"""The first release without ``--storage-backend=etcd2`` (Kubernetes ``CHANGELOG-1.13.md``, PR 69310)."""


def read_kube_apiserver(cursor: Cursor) -> tuple[KubeApiserver, tuple[Identity, ...]]:
    """A kube-apiserver, and its identity with that of the compactor that it names."""
    fields = cursor.fields(("use", "name", "kubernetes", "compaction", "etcd-prefix", "files", "storage-backend"))
    identity = read_name(fields, "kube-apiserver")
    compaction, compactor = fields.read("compaction", _compaction) or (Compaction.ETCD, None)
    version = fields.read("kubernetes", read_version)
    component = KubeApiserver(
        identity=identity.user,
        version=version,
        compaction=compaction,
        compactor=None if compactor is None else compactor.user,
        prefix=fields.read("etcd-prefix", _etcd_prefix) or ETCD_PREFIX,
        files=fields.read("files", read_folder),
        backend=fields.read("storage-backend", lambda at: at.enum(StorageBackend)) or StorageBackend.ETCD3,
        place=cursor.place,
    )
    if component.backend is StorageBackend.ETCD2:
        _refuse_beside_etcd2(fields, version)
    return component, (identity,) if compactor is None else (identity, compactor)


def _refuse_beside_etcd2(fields: Fields, version: Version | None) -> None:
    """Note what does not go with ``storage-backend: etcd2``."""
    backend, compaction = fields.get("storage-backend"), fields.get("compaction")
    if backend is not None and version is not None and version.line >= WITHOUT_ETCD2.line:
        backend.problem(
            f"kube-apiserver {version} cannot store in etcd v2",
            f"{WITHOUT_ETCD2} dropped it: remove storage-backend, or give the release that runs",
        )
    if compaction is not None:
        compaction.problem("says nothing with storage-backend: etcd2", "etcd v2 has no history to compact: remove it")


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
