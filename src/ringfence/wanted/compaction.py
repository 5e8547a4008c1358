"""Which etcd lets a client compact its history: since three releases of March 2026 only the role root may."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.errors import Problem
from ringfence.model.version import Version
from ringfence.spec.shape import Compaction, KubeApiserver, Spec

_GUARDED_SINCE = {(3, 4): 42, (3, 5): 28, (3, 6): 9}
"""The first patch of each line that checks KV.Compact (CVE-2026-33413); 3.7 always did, 3.3 and older never."""


def may_guard(etcd: Version | None) -> bool:
    """Whether a release may refuse Compact to anyone but root; so may an unknown one, and a line that has one."""
    if etcd is None or etcd.line > max(_GUARDED_SINCE):
        return True
    since = _GUARDED_SINCE.get(etcd.line)
    return since is not None and (etcd.patch is None or etcd.patch >= since)


def compaction_problems(spec: Spec) -> Iterator[Problem]:
    """Each kube-apiserver that is to compact an etcd which would not let it."""
    etcd = spec.cluster.etcd
    if not may_guard(etcd):
        return
    release = "an etcd of unknown release" if etcd is None else f"etcd {etcd}"
    for component in spec.components:
        if isinstance(component, KubeApiserver) and component.compaction is Compaction.APISERVER:
            yield Problem(
                f"{component.identity} is to compact, and {release} may allow that to the role root alone, "
                "which reads and writes everything",
                component.place,
                "choose compaction: etcd; etcd then compacts by itself with --auto-compaction-retention",
            )
