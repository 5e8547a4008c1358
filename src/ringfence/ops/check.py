"""``check``: what the spec asks for, and the proof that its segments are disjoint; nothing is opened or dialled."""

from __future__ import annotations

from ringfence.reports.check import CheckResult
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.findings.notes import notes
from ringfence.wanted.findings.server import named_server
from ringfence.wanted.proved.closed import close
from ringfence.wanted.proved.closed_v2 import close_v2
from ringfence.wanted.proved.disjoint import prove


def check(spec: Spec, wanted: Wanted, *, closely: bool = False) -> CheckResult:
    """The result for a spec without problems; one with problems does not get this far (``ringfence.ops.load``).

    Args:
        spec: for notes.
        wanted: what it asks for.
        closely: put every span, and every pattern of v2, of every segment to etcd's own rules as well.
    """
    proof = prove(wanted)
    return CheckResult(
        file=spec.file,
        identities=wanted.identities,
        proof=proof,
        notes=notes(spec, wanted),
        closure=close(wanted, proof) if closely and spec.cluster.has_v3 else None,
        closure_v2=close_v2(wanted.v2) if closely and wanted.v2 is not None else None,
        costs=wanted.costs,
        v2=wanted.v2,
        has_v3=spec.cluster.has_v3,
        server=named_server(spec),
    )
