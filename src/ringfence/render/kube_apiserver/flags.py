"""The flags that make a kube-apiserver use its own identity in etcd.

Only what concerns etcd; where the flags go (a static pod, a unit file, kubeadm) is the operator's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target
from ringfence.render.kube_apiserver.backend import FLAG, Backend
from ringfence.render.usage import Usage, head

GUARDED = "3.4.42, 3.5.28, 3.6.9, 3.7 and later"
"""The etcd releases that let nobody but the role root compact (CVE-2026-33413)."""


def etcd_flags(
    *,
    endpoints: Sequence[str],
    prefix: str,
    folder: PurePosixPath,
    identity: UserName,
    compacts: bool,
    backend: Backend = Backend.ETCD3,
) -> dict[str, str]:
    """Each flag that concerns etcd, with its dashes, and its value; for the arguments see ``kube_apiserver_flags``."""
    # v2 keeps no history to compact; v3 is not named, as current API servers have no other.
    compaction = {"--etcd-compaction-interval": "5m" if compacts else "0"}
    return {
        "--etcd-servers": ",".join(endpoints),
        "--etcd-prefix": prefix,
        "--etcd-cafile": target.authority(folder),
        "--etcd-certfile": target.certificate(folder, identity),
        "--etcd-keyfile": target.private_key(folder, identity),
        **(compaction if backend is Backend.ETCD3 else {FLAG: backend.value}),
    }


def kube_apiserver_flags(
    *,
    endpoints: Sequence[str],
    prefix: str,
    folder: PurePosixPath,
    identity: UserName,
    compacts: bool,
    backend: Backend = Backend.ETCD3,
) -> str:
    """The flags, one a line, with comments that give the reasons.

    Args:
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix``, under which every key of this cluster lies.
        folder: where the pki files lie on the API server's machine.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; else etcd does it by itself.
        backend: the store of etcd that the keys lie in.
    """
    told = etcd_flags(
        endpoints=endpoints, prefix=prefix, folder=folder, identity=identity, compacts=compacts, backend=backend
    )
    *flags, last = (f"{name}={value}" for name, value in told.items())
    reasons = _reasons(identity, compacts=compacts) if backend is Backend.ETCD3 else _reasons_of_v2()
    usage = Usage(
        title=f"Flags of kube-apiserver for etcd as user {identity}",
        apply=("put them in the place of its own flags of the same names, one API server after the other",),
        undo=("the flags as they were, in the same way",),
    )
    return head(usage) + "".join(f"{line}\n" for line in (*flags, *reasons, last))


def _reasons_of_v2() -> Iterator[str]:
    yield "# The keys lie in etcd's v2 store, which has users and roles of its own. Kubernetes 1.13 and etcd 3.6 have"
    yield "# none of it any more."


def _reasons(identity: UserName, *, compacts: bool) -> Iterator[str]:
    """Kubernetes ``storage/etcd3/compact.go``: any interval above 0 uses ``compact_rev_key`` and the Compact call."""
    if compacts:
        yield "# The API server compacts the history of everybody's keys, and keeps its lock in compact_rev_key, which"
        yield "# lies outside of its prefix."
        yield f"# On etcd {GUARDED} only the role root may compact:"
        yield f"# {identity} must hold it there, and root reads and writes every key, those of the other clients and"
        yield "# all users and roles included. Rather set this to 0 and let etcd compact (auto-compaction-mode)."
    else:
        yield "# 0: etcd compacts by itself (auto-compaction-mode). Else the API server would write compact_rev_key,"
        yield f"# which lies outside of its prefix, and on etcd {GUARDED}"
        yield "# it would need the role root, which reads and writes every key."
