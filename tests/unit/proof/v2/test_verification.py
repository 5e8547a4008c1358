"""What is read out of probes of v2."""

from __future__ import annotations

from ringfence.model.probe import Operation, Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2, ProbeV2
from ringfence.model.v2 import Pattern
from ringfence.proof.v2.verification import AskedV2, ProofV2
from ringfence.proof.violation import Violation

_CALICO = frozenset({Pattern("/calico"), Pattern("/calico/*")})
_TENANT = frozenset({Pattern("/tenant/*")})
_SEGMENTS = {"calico": _CALICO, "tenant": _TENANT}
_YES, _NO = Verdict.ALLOWED, Verdict.DENIED


def _outcome(operation: OperationV2, path: str, expected: Verdict, verdict: Verdict, detail: str = "") -> OutcomeV2:
    return OutcomeV2(ProbeV2(operation, path, expected), verdict, detail)


def test_answers_that_were_not_expected() -> None:
    """Each is a violation with what was asked; an error shows etcd's words; what is stored comes first."""
    stored = Violation("x", "(stored)", "read", "/calico/*", "denied", "allowed", "v2")
    asked = AskedV2(
        "calico",
        "m1",
        (
            _outcome(OperationV2.READ, "/calico", _YES, _YES),
            _outcome(OperationV2.READ_TREE, "/tenant/", _NO, _YES),
            _outcome(OperationV2.WRITE, "", _NO, Verdict.ERROR, "no leader"),
        ),
        raft_entries=2,
    )
    proof = ProofV2(asked=(asked,), segments=_SEGMENTS, beyond=(stored,))
    assert (
        stored,
        Violation("calico", "m1", "read the tree", "/tenant/", "denied", "allowed", "v2"),
        Violation("calico", "m1", "write", "(the root)", "denied", "error: no leader", "v2"),
    ) == proof.violations
    assert (False, 3, 2, ("calico",)) == (proof.holds, proof.probes, proof.raft_entries, proof.identities)
    good = ProofV2(asked=(AskedV2("calico", "m1", asked.outcomes[:1]),), segments=_SEGMENTS)
    assert (True, ()) == (good.holds, good.violations)


def test_the_matrix_is_by_owner() -> None:
    """A directory without its slash belongs to the pattern below it; what only begins alike does not."""
    asked = AskedV2(
        "calico",
        "m1",
        (
            _outcome(OperationV2.READ, "/calico", _YES, _YES),
            _outcome(OperationV2.DELETE_TREE, "/tenant", _NO, _YES),
            _outcome(OperationV2.READ, "/tenants", _NO, _YES),
        ),
    )
    door = AskedV2("(no certificate)", "m1", (_outcome(OperationV2.READ, "/x", _NO, Verdict.REFUSED_TLS),))
    assert {
        "calico": {"calico": frozenset({Operation.READ}), "tenant": frozenset({Operation.DELETE})},
        "(no certificate)": dict.fromkeys(_SEGMENTS, frozenset({Verdict.REFUSED_TLS})),
    } == ProofV2(asked=(asked, door), segments=_SEGMENTS).matrix()
