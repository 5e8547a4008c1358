"""``check``: what the spec asks for, and the proof that its segments are disjoint; nothing is opened or dialled."""

from __future__ import annotations

from ringfence.reports.check import CheckResult
from ringfence.spec.shape import Spec
from ringfence.wanted.build import Wanted
from ringfence.wanted.disjoint import prove
from ringfence.wanted.notes import notes


def check(spec: Spec, wanted: Wanted) -> CheckResult:
    """The result for a spec without problems; one with problems does not get this far (``ringfence.ops.load``)."""
    return CheckResult(file=spec.file, identities=wanted.identities, proof=prove(wanted), notes=notes(spec, wanted))
