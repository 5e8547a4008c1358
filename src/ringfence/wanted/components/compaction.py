"""Which etcd lets a client compact its history: since three releases of March 2026 only the role root may."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.errors import Problem
from ringfence.model.names import UserName
from ringfence.model.version import Version
from ringfence.spec.shape import Compaction, KubeApiserver, Spec, StorageBackend

COMPACTION_KEY = b"compact_rev_key"
"""The key by which kube-apiservers agree on who compacts (Kubernetes ``apiserver/pkg/storage/etcd3/compact.go``)."""

_GUARDED_SINCE = {(3, 4): 42, (3, 5): 28, (3, 6): 9}
"""The first patch of each line that checks KV.Compact (CVE-2026-33413); 3.7 always did, 3.3 and older never."""


def may_guard(etcd: Version | None) -> bool:
    """Whether a release may refuse Compact to anyone but root; so may an unknown one, and a line that has one."""
    if etcd is None or etcd.line > max(_GUARDED_SINCE):
        return True
    since = _GUARDED_SINCE.get(etcd.line)
    return since is not None and (etcd.patch is None or etcd.patch >= since)


def compactors(spec: Spec) -> tuple[UserName, ...]:
    """The identities that are to compact etcd's history, each once; none where etcd does it by itself."""
    named = (
        component.compactor if component.compaction is Compaction.BY else component.identity
        for component in spec.components
        if isinstance(component, KubeApiserver) and component.compaction is not Compaction.ETCD
    )
    return tuple(dict.fromkeys(name for name in named if name is not None))


def compaction_problems(spec: Spec) -> Iterator[Problem]:
    """Each kube-apiserver with a compacting client on an etcd of which nobody says whether that takes the role root."""
    if spec.cluster.etcd is not None:
        return
    for component in spec.components:
        if isinstance(component, KubeApiserver) and component.compaction is not Compaction.ETCD:
            who = component.compactor or component.identity
            yield Problem(
                f"{who} is to compact, and whether that takes the role root depends on the release of etcd",
                component.place,
                "give cluster.etcd, or choose compaction: etcd, where etcd compacts by itself",
            )


def compaction_notes(spec: Spec) -> Iterator[str]:
    """What each choice costs on the etcd in use, the loudest first."""
    etcd = spec.cluster.etcd
    for name in compactors(spec):
        if may_guard(etcd):
            exact = etcd is not None and etcd.patch is not None
            release = f"etcd {etcd} lets" if exact else f"some releases of etcd {etcd} let"
            yield (
                f"DANGER: {name} is given the role root, because {release} nobody else compact: it reads and writes "
                "every key, Calico's too, and can change every fence; compaction: etcd does without"
            )
        else:
            yield (
                f"{name} compacts etcd {etcd}, and with it everybody's history; it needs {COMPACTION_KEY.decode()} "
                "for that, and after an upgrade to 3.4.42, 3.5.28, 3.6.9 or 3.7 the role root"
            )
    apiservers = [
        component
        for component in spec.components
        if isinstance(component, KubeApiserver) and component.backend is StorageBackend.ETCD3
    ]
    if apiservers and all(component.compaction is Compaction.ETCD for component in apiservers):
        yield "etcd must compact by itself (--auto-compaction-retention); kube-apiserver must not: render sets both"
