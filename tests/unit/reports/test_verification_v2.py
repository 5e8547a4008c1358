"""The proof of both stores in words and as data: each line tells which store it is about."""

from __future__ import annotations

import json
from dataclasses import replace

from ringfence.model.probe import Operation, Verdict
from ringfence.model.probe_v2 import OperationV2, OutcomeV2, ProbeV2
from ringfence.model.v2 import Pattern
from ringfence.proof.v2.findings import FindingV2, KindV2
from ringfence.proof.v2.verification import AskedV2, ProofV2
from ringfence.proof.verification import Asked
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.reports.verification import verification_json, verification_text
from tests.unit.reports.test_verification import GOOD, REGISTRY, outcome

_YES, _NO = Verdict.ALLOWED, Verdict.DENIED
_V2 = ProofV2(
    asked=(
        AskedV2("calico", "m1", (OutcomeV2(ProbeV2(OperationV2.READ, "/calico/x", _YES), _YES),), 3),
        AskedV2("legacy", "m2", (OutcomeV2(ProbeV2(OperationV2.WRITE, "/calico/x", _NO), _NO),)),
    ),
    segments={"calico": frozenset({Pattern("/calico/*")})},
    index=Revision(11, 12),
)
_BOTH = replace(GOOD, v2=_V2)


def test_a_matrix_for_each_store() -> None:
    """One sum of both, and the count of changes of each."""
    assert (
        "in v3             calico          kube-apiserver\n"
        "calico            read+write      -\n"
        "reader            read            -\n"
        "(no certificate)  refused by TLS  refused by TLS\n"
        "\n"
        "in v2   calico\n"
        "calico  read\n"
        "legacy  -\n"
        "\n"
        "Asked 7 probes as 4 identities on 2 members (etcd 3.6.14); "
        "5 entries in the raft log, no key, value or revision.\n"
        "Revision 7 before, 7 after.\n"
        "Compaction: by etcd itself; none was seen so far.\n"
        "Index of v2 11 before, 12 after, 1 write by others meanwhile.\n"
        "The roles fence: every identity reaches its own keys and no others.\n"
        "The server keeps them: no known hole in this version."
    ) == verification_text(_BOTH)


def test_violations_of_each_store_are_told_apart() -> None:
    """The fence holds only if it does in both."""
    in_v2 = replace(_V2, beyond=(Violation("old", "(stored)", "read", "/calico/*", "denied", "allowed", "v2"),))
    found = replace(GOOD, v2=in_v2)
    assert (True, False) == (_BOTH.holds, found.holds)
    assert "  old in v2: read /calico/* on (stored): expected denied, was allowed\n" in verification_text(found)
    in_v3 = (*GOOD.asked, Asked("calico", "m2", (outcome(Operation.LIST, REGISTRY, _NO, _YES),)))
    text = verification_text(replace(found, asked=in_v3))
    assert "  calico in v3: list /registry/* on m2: expected denied, was allowed\n" in text
    assert "The roles DO NOT FENCE: 2 violations.\n" in text


def test_who_is_unproven_in_both_counts_once() -> None:
    """The reasons stand for each store, the number is of identities."""
    left = (Unproven("calico", "why"), Unproven("calico", "why", "v2"))
    text = verification_text(replace(_BOTH, unproven=left))
    assert "Unproven:\n  calico in v3: why\n  calico in v2: why\n" in text
    assert "1 identity unproven.\n" in text


def test_v2_alone() -> None:
    """Nothing is said of a store that was not asked, and nothing of holes that nobody looked for."""
    alone = replace(GOOD, asked=(), segments={}, revision=None, v2=_V2)
    text = verification_text(alone)
    assert text.startswith("in v2   calico\n")
    assert not any(word in text for word in ("Revision", "Compaction", "The server", "in v3"))
    assert text.endswith("\nKnown holes of etcd are those of v3, which the spec leaves alone: none was looked for.")
    found = json.loads(json.dumps(verification_json(alone)))
    assert (["v2"], None) == (found["api"], found["revision"])
    assert {"before": 11, "after": 12, "others": 1} == found["index"]
    assert {"sound": None, "holes": []} == found["server"]
    assert {"sound": True, "holes": []} == verification_json(_BOTH)["server"]


def test_the_json_contract_with_both() -> None:
    """One more name at the top; each violation and each gap says its store."""
    in_v2 = replace(_V2, beyond=(Violation("old", "(stored)", "read", "/calico/*", "denied", "allowed", "v2"),))
    found = verification_json(replace(GOOD, v2=in_v2, unproven=(Unproven("t", "why", "v2"),)))
    assert ["v2", "v3"] == found["api"]
    assert {*verification_json(GOOD), "index"} == set(found)
    assert [
        {
            "api": "v2",
            "identity": "old",
            "member": "(stored)",
            "operation": "read",
            "key": "/calico/*",
            "expected": "denied",
            "observed": "allowed",
        }
    ] == found["violations"]
    assert [{"api": "v2", "identity": "t", "why": "why"}] == found["unproven"]


def test_what_to_know_of_v2_is_told_with_a_hint() -> None:
    """It is no violation, and stands there also where the spec is for v3 alone."""
    finding = FindingV2(KindV2.UNASKED, "v2 is served (m1) without auth", "start it without enable-v2")
    found = replace(GOOD, findings=(finding,))
    assert "\n\nThe v2 store:\n  v2 is served (m1) without auth\n    hint: start it without enable-v2\n\n" in (
        verification_text(found)
    )
    assert [{"kind": "v2-unasked", "what": finding.what, "hint": finding.hint}] == verification_json(found)["findings"]
    assert found.holds
