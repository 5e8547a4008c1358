"""The flags that make a kube-apiserver use its own identity in etcd.

Only what concerns etcd; where the flags go (a static pod, a unit file, kubeadm) is the operator's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ringfence.model.names import UserName
from ringfence.render import target

GUARDED = "3.4.42, 3.5.28, 3.6.9, 3.7 and later"
"""The etcd releases that let nobody but the role root compact (CVE-2026-33413)."""


def kube_apiserver_flags(
    *, endpoints: Sequence[str], prefix: str, folder: PurePosixPath, identity: UserName, compacts: bool
) -> str:
    """The flags, one a line, with comments that give the reasons.

    Args:
        endpoints: etcd's client URLs.
        prefix: ``--etcd-prefix``, under which every key of this cluster lies.
        folder: where the pki files lie on the API server's machine.
        identity: the etcd user, which is also the name of its certificate file.
        compacts: whether the API server compacts etcd's history; else etcd does it by itself.
    """
    flags = (
        f"--etcd-servers={','.join(endpoints)}",
        f"--etcd-prefix={prefix}",
        f"--etcd-cafile={target.authority(folder)}",
        f"--etcd-certfile={target.certificate(folder, identity)}",
        f"--etcd-keyfile={target.private_key(folder, identity)}",
    )
    title = f"# Flags of kube-apiserver for etcd as user {identity}, written by ringfence."
    return "".join(f"{line}\n" for line in (title, *flags, *_compaction(identity, compacts=compacts)))


def _compaction(identity: UserName, *, compacts: bool) -> Iterator[str]:
    """Kubernetes ``storage/etcd3/compact.go``: any interval above 0 uses ``compact_rev_key`` and the Compact call."""
    if compacts:
        yield "# The API server compacts the history of everybody's keys, and keeps its lock in compact_rev_key, which"
        yield "# lies outside of its prefix."
        yield f"# On etcd {GUARDED} only the role root may compact:"
        yield f"# {identity} must hold it there, and root reads and writes every key, those of the other clients and"
        yield "# all users and roles included. Rather set this to 0 and let etcd compact (auto-compaction-mode)."
        yield "--etcd-compaction-interval=5m"
    else:
        yield "# 0: etcd compacts by itself (auto-compaction-mode). Else the API server would write compact_rev_key,"
        yield f"# which lies outside of its prefix, and on etcd {GUARDED}"
        yield "# it would need the role root, which reads and writes every key."
        yield "--etcd-compaction-interval=0"
