"""The proof in words and as data: what is wrong is never hidden by what is right."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ringfence.changes.plan import Plan
from ringfence.keyspace import Span, SpanSet
from ringfence.model.probe import Operation, Outcome, Probe, Verdict
from ringfence.proof.verification import Asked, Compaction, ServerHole, Verification
from ringfence.proof.violation import Revision, Unproven, Violation
from ringfence.reports.apply import SwitchTold, applied_json, applied_text
from ringfence.reports.verification import verification_json, verification_text

CALICO, REGISTRY = Span.of_prefix(b"/calico/"), Span.of_prefix(b"/registry/")
YES, NO, TLS = Verdict.ALLOWED, Verdict.DENIED, Verdict.REFUSED_TLS


def outcome(operation: Operation, span: Span, expected: Verdict, verdict: Verdict, detail: str = "") -> Outcome:
    """One answer."""
    return Outcome(Probe(operation, span, expected), verdict, detail)


GOOD = Verification(
    versions={"m1": "3.6.14", "m2": "3.6.14"},
    asked=(
        Asked(
            "calico",
            "m1",
            (
                outcome(Operation.READ, CALICO, YES, YES),
                outcome(Operation.WRITE, CALICO, YES, YES),
                outcome(Operation.READ, REGISTRY, NO, NO),
            ),
            2,
        ),
        Asked("reader", "m1", (outcome(Operation.LIST, CALICO, YES, YES),)),
        Asked("(no certificate)", "m2", (outcome(Operation.READ, CALICO, TLS, TLS),)),
    ),
    segments={"calico": SpanSet([CALICO]), "kube-apiserver": SpanSet([REGISTRY])},
    revision=Revision(7, 7),
)
HOLE = ServerHole("CVE-1", "m1", "by version", True, "calls without any check", "3.6.9")
BROKEN = replace(GOOD, asked=(*GOOD.asked, Asked("calico", "m2", (outcome(Operation.LIST, REGISTRY, NO, YES),))))


def test_a_fence_that_holds() -> None:
    """The matrix, the counts, and two lines of truth."""
    assert (
        "identity          calico          kube-apiserver\n"
        "calico            read+write      -\n"
        "reader            read            -\n"
        "(no certificate)  refused by TLS  refused by TLS\n"
        "\n"
        "Asked 5 probes as 3 identities on 2 members (etcd 3.6.14); "
        "2 entries in the raft log, no key, value or revision.\n"
        "Revision 7 before, 7 after.\n"
        "Compaction: by etcd itself; none was seen so far.\n"
        "The roles fence: every identity reaches its own keys and no others.\n"
        "The server keeps them: no known hole in this version."
    ) == verification_text(GOOD)


def test_a_violation_is_named_and_in_the_matrix() -> None:
    """One member that allows too much is enough, and the sentence of success is gone."""
    text = verification_text(BROKEN)
    assert "calico            read+write      read\n" in text
    assert "Violations:\n  calico: list /registry/* on m2: expected denied, was allowed\n" in text
    assert "The roles DO NOT FENCE: 1 violation.\n" in text
    assert "The roles fence" not in text


def test_an_error_is_a_violation_with_its_text() -> None:
    """Neither yes nor no proves nothing: it counts, and etcd's words are shown."""
    failing = outcome(Operation.READ, CALICO, YES, Verdict.ERROR, "etcdserver: no leader")
    text = verification_text(replace(GOOD, asked=(Asked("calico", "m1", (failing,)),)))
    assert "  calico: read /calico/* on m1: expected allowed, was error: etcdserver: no leader\n" in text


def test_many_violations_are_cut_and_counted() -> None:
    """The text names the first twenty; the JSON has all."""
    many = tuple(Violation("old", "(stored)", "read", f"/k{at}", "denied", "allowed") for at in range(25))
    result = replace(GOOD, beyond=many)
    text = verification_text(result)
    assert 20 == text.count("  old: read ")
    assert "  and 5 more (all of them with -o json)\n" in text
    violations = verification_json(result)["violations"]
    assert isinstance(violations, list)
    assert 25 == len(violations)


def test_a_compactor_that_may_not_is_a_violation() -> None:
    """Without compaction the database only grows, so the answer is no."""
    assert "Compaction: etcd-janitor may; history was compacted before.\n" in verification_text(
        replace(GOOD, compaction=Compaction({"etcd-janitor": True}, happened=True))
    )
    denied = replace(GOOD, compaction=Compaction({"kube-apiserver": False}))
    assert not denied.holds
    text = verification_text(denied)
    assert "Compaction: kube-apiserver MAY NOT; none was seen so far.\n" in text
    assert "  kube-apiserver: compact the history on (any): expected allowed, was denied\n" in text


def test_unproven_takes_the_whole_claim_away() -> None:
    """Who could not be tried is named, and the sentence says as far as they were tried."""
    text = verification_text(replace(GOOD, unproven=(Unproven("tenant", "there is no key for tenant"),)))
    assert "Unproven:\n  tenant: there is no key for tenant\n" in text
    assert "The roles fence as far as they were tried: 1 identity unproven.\n" in text
    assert "every identity reaches" not in text


def test_thousands_of_nodes_are_a_few_lines() -> None:
    """Rows that are the same but for the node, and those left out for one reason, are a line each; the JSON has all."""
    asked = tuple(Asked(f"calico-node.n{at}", "m1", (outcome(Operation.READ, CALICO, YES, YES),)) for at in range(1, 9))
    left = tuple(Unproven(f"calico-node.m{at}", "not probed") for at in range(4992))
    result = replace(GOOD, asked=(*GOOD.asked, *asked), unproven=left)
    text = verification_text(result)
    assert "\ncalico-node.n1 and 7 alike  read " in text
    assert "Unproven:\n  calico-node.m0 and 4,991 more: not probed\n" in text
    assert "as far as they were tried: 4,992 identities unproven.\n" in text
    unproven = verification_json(result)["unproven"]
    assert isinstance(unproven, list)
    assert 4992 == len(unproven)


def test_a_node_that_differs_has_a_row() -> None:
    """Whoever was allowed more than the others is not hidden among them."""
    asked = tuple(
        Asked(f"calico-node.n{at}", "m1", (outcome(Operation.READ, REGISTRY, NO, YES if at == 5 else NO),))
        for at in range(9)
    )
    text = verification_text(replace(GOOD, asked=asked))
    assert "\ncalico-node.n0 and 7 alike  - " in text
    assert re.search(r"\ncalico-node.n5 +- +read\n", text)


LISTED = "CVE-1 on m1, m2 ({}): calls without any check; fixed in 3.6.9\n"
DENIED = "not reproduced: denied when tried, in the one form that is harmless"


@pytest.mark.parametrize(
    ("accepted", "how", "listed", "truth"),
    [
        (
            True,
            "by version",
            "  accepted in the spec: " + LISTED.format("by version"),
            "The server DOES NOT KEEP THEM against an attacker: 1 known hole, accepted in the spec.",
        ),
        (
            False,
            "by version",
            "  NOT ACCEPTED: " + LISTED.format("by version"),
            "The server DOES NOT KEEP THEM: 1 known hole not accepted in the spec; upgrade etcd.",
        ),
        (
            False,
            "confirmed",
            "  NOT ACCEPTED: " + LISTED.format("confirmed"),
            "The server DOES NOT KEEP THEM: 1 known hole not accepted in the spec; upgrade etcd.",
        ),
        (
            True,
            "not reproduced",
            "  accepted in the spec: " + LISTED.format(DENIED),
            "The server MAY NOT KEEP THEM against an attacker: 1 known hole, accepted in the spec; denied when tried.",
        ),
        (
            False,
            "not reproduced",
            "  NOT ACCEPTED: " + LISTED.format(DENIED),
            (
                "The server MAY NOT KEEP THEM: 1 known hole not accepted in the spec; "
                "denied when tried: if its fix was backported, accept it by name."
            ),
        ),
    ],
)
def test_holes_are_loud_either_way(accepted: bool, how: str, listed: str, truth: str) -> None:
    """A fence that holds on a server that leaks is both, and the last line is the server's."""
    hole = replace(HOLE, accepted=accepted, how=how)
    result = replace(GOOD, holes=(hole, replace(hole, member="m2")))
    text = verification_text(result)
    assert listed in text
    assert truth == text.splitlines()[-1]
    assert accepted == result.sound
    assert "The roles fence: every identity" in text
    assert (True, accepted) == (result.holds, result.sound)


def test_others_are_counted() -> None:
    """A revision that moved is the work of others, because probes make none."""
    text = verification_text(replace(GOOD, revision=Revision(7, 9)))
    assert "Revision 7 before, 9 after, 2 writes by others meanwhile.\n" in text


def test_the_json_contract() -> None:
    """Names and values that programs depend on."""
    found = verification_json(replace(BROKEN, holes=(HOLE,), unproven=(Unproven("t", "why"),)))
    assert {
        "holds": False,
        "api": ["v3"],
        "etcd": ["3.6.14"],
        "members": 2,
        "identities": 3,
        "probes": 6,
        "raft_entries": 2,
        "violations": [
            {
                "api": "v3",
                "identity": "calico",
                "member": "m2",
                "operation": "list",
                "key": "/registry/*",
                "expected": "denied",
                "observed": "allowed",
            }
        ],
        "server": {"sound": True, "holes": [{"id": "CVE-1", "member": "m1", "how": "by version", "accepted": True}]},
        "unproven": [{"api": "v3", "identity": "t", "why": "why"}],
        "compaction": {"may": {}, "happened": False},
        "revision": {"before": 7, "after": 7, "others": 0},
        "alarms": [],
        "findings": [],
    } == json.loads(json.dumps(found))


PLAN = Plan(spec="", cluster_id=1, observed="", auth_revision=1, batches=())


def test_apply_says_what_became_of_auth() -> None:
    """Nothing to do, done, or switched off again: the last line tells, and so does the JSON."""
    assert "In sync: nothing to change." == applied_text(PLAN, None)
    assert applied_text(PLAN, GOOD).endswith("\n\nApplied: 0 changes.")
    assert "auth is SWITCHED OFF AGAIN" in applied_text(PLAN, BROKEN, SwitchTold(off_again=True)).splitlines()[-1]
    off_in_v2 = applied_text(PLAN, BROKEN, SwitchTold(v2_off_again=True)).splitlines()[-1]
    assert off_in_v2.startswith("The proof of v2 failed, so v2 auth is SWITCHED OFF AGAIN, and auth of v3 was left")
    assert applied_json(PLAN, None)["verification"] is None
    assert "v2_switched_off_again" not in applied_json(PLAN, None)
    assert applied_json(PLAN, BROKEN, SwitchTold(off_again=True))["switched_off_again"] is True
