"""Which questions prove a fence of v2, and what they must come back with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.probe import Verdict
from ringfence.model.probe_v2 import OperationV2, ProbeV2
from ringfence.model.state import User
from ringfence.model.v2 import EVERY_PATH, GUEST_ROLE, Pattern, PatternRole, ReachV2, StateV2
from ringfence.proof.v2.probes import ABSENT, NOTHING_V2, probes_v2, refused_at_the_door_v2
from ringfence.proof.v2.stored import uncovered
from ringfence.rules.v2.decisions import allowed
from ringfence.rules.v2.requests import Request2, clean

READ, READ_TREE, WRITE, DELETE_TREE = OperationV2
CALICO = frozenset({Pattern("/calico"), Pattern("/calico/*")})
REGISTRY = frozenset({Pattern("/registry"), Pattern("/registry/*")})


def verdict(probes: tuple[ProbeV2, ...], operation: OperationV2, path: str) -> Verdict:
    """What must come back to one of them."""
    (found,) = (probe for probe in probes if probe.operation is operation and probe.path == path)
    return found.expected


EXPECTED = [
    ("/calico", (True, False, False, False)),
    ("/calico/", (None, None, True, True)),
    (f"/calico/{ABSENT}", (True, True, True, True)),
    (f"/calico-{ABSENT}", (False, False, False, False)),
    (f"/calic/{ABSENT}", (False, False, False, False)),
    ("/registry", (False, False, False, False)),
    ("/registry/", (False, False, False, False)),
    (f"/registry/{ABSENT}", (False, False, False, False)),
    ("/", (False, False, False, False)),
    ("", (False, False, False, False)),
]


@pytest.mark.parametrize(("path", "expected"), EXPECTED)
def test_a_pair_of_patterns(path: str, expected: tuple[bool | None, ...]) -> None:
    """The directory plainly, by the star what is below it, nothing beside it or of the others; None: not asked."""
    probes = probes_v2(ReachV2(CALICO, frozenset({Pattern("/calico/*")})), [CALICO, REGISTRY])
    found = {probe.operation: probe.expected is Verdict.ALLOWED for probe in probes if probe.path == path}
    assert expected == tuple(found.get(kind) for kind in OperationV2)


def test_nobody_may_nothing() -> None:
    """The guest and an unknown name are asked for everything that belongs to somebody, and denied all of it."""
    for guest in (False, True):
        probes = probes_v2(NOTHING_V2, [CALICO, REGISTRY], guest=guest)
        assert {Verdict.DENIED} == {probe.expected for probe in probes}
        assert {"/calico", "/calico/", "/registry", "/registry/"} < {probe.path for probe in probes}


def test_a_shared_pattern_is_expected_to_be_open() -> None:
    """Who may use a pattern of another owner is not told off for it."""
    probes = probes_v2(ReachV2(CALICO | {Pattern("/registry/*")}), [CALICO, REGISTRY])
    assert Verdict.ALLOWED is verdict(probes, READ_TREE, f"/registry/{ABSENT}")
    assert Verdict.DENIED is verdict(probes, READ, "/registry")
    assert Verdict.DENIED is verdict(probes, WRITE, "/registry/")


def test_the_guest_deletes_trees_by_a_plain_pattern() -> None:
    """As etcd has it: its recursive requests are looked up as plain ones."""
    reach = ReachV2(write=frozenset({Pattern("/open")}))
    assert Verdict.ALLOWED is verdict(probes_v2(reach, [], guest=True), DELETE_TREE, "/open")
    assert Verdict.DENIED is verdict(probes_v2(reach, []), DELETE_TREE, "/open")


def test_the_door() -> None:
    """One question, and TLS answers it."""
    assert [Verdict.REFUSED_TLS] == [probe.expected for probe in refused_at_the_door_v2()]


PARTS = st.sampled_from(["a", "b", "ab", "calico"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
ENDS = st.sampled_from(["", "/", "/*", "*"])
TEXTS = st.builds("{}{}".format, PATHS, ENDS)
SETS = st.frozensets(st.one_of(TEXTS, st.sampled_from(["*", "/*", "/"])).map(Pattern), max_size=3)


@given(SETS, SETS, st.lists(SETS, max_size=3), st.booleans())
def test_the_rules_say_the_same(
    read: frozenset[Pattern], write: frozenset[Pattern], segments: list[frozenset[Pattern]], guest: bool
) -> None:
    """Every expectation is the evaluator's, every question is asked once, and every path comes to the rules."""
    ann, role = UserName("ann"), RoleName("guest" if guest else "role")
    state = StateV2.of([] if guest else [User(ann, frozenset({role}))], [PatternRole(role, read, write)])
    probes = probes_v2(ReachV2(read, write), segments, guest=guest)
    assert len(set(probes)) == len(probes)
    for probe in probes:
        access = Access.WRITE if probe.operation.writes else Access.READ
        request = Request2(probe.path, access, probe.operation.recursive)
        assert (probe.expected is Verdict.ALLOWED) is allowed(state, ann, request), probe
        assert probe.path == clean(probe.path)
    assert guest is (role == GUEST_ROLE)


@given(SETS, SETS, st.lists(SETS, max_size=3), st.booleans())
def test_what_is_allowed_reads_nothing(
    read: frozenset[Pattern], write: frozenset[Pattern], segments: list[frozenset[Pattern]], guest: bool
) -> None:
    """No tree is read that may be there, for etcd puts all of it together; and a directory only without a star."""
    for probe in probes_v2(ReachV2(read, write), segments, guest=guest):
        if probe.expected is Verdict.ALLOWED and not probe.path.endswith(ABSENT):
            assert probe.operation is not READ_TREE
            assert probe.operation is not READ or Pattern(probe.path) in read


@given(SETS.filter(bool), st.lists(SETS, max_size=2))
def test_a_pattern_that_etcd_lacks_shows(patterns: frozenset[Pattern], segments: list[frozenset[Pattern]]) -> None:
    """Where one is missing of those that no other stands for, some read and some write come back denied."""
    probes = probes_v2(ReachV2(patterns, patterns), segments)
    for lacking in patterns - {EVERY_PATH}:  # of that one only root's user is, whom nobody asks as
        left = patterns - {lacking}
        if uncovered((lacking,), left) and any(lacking.matches(probe.path) for probe in probes):
            there = ReachV2(left, left)
            denied = {probe.operation.writes for probe in probes if _differs(probe, there)}
            assert {False, True} == denied, (lacking, probes)


def _differs(probe: ProbeV2, reach: ReachV2) -> bool:
    patterns = reach.write if probe.operation.writes else reach.read
    match = Pattern.matches_tree if probe.operation.recursive else Pattern.matches
    return probe.expected is Verdict.ALLOWED and not any(match(pattern, probe.path) for pattern in patterns)


@given(SETS.filter(bool))
def test_every_pattern_is_used(patterns: frozenset[Pattern]) -> None:
    """Of each pattern that an identity has, and each that another has, at least one question is about it."""
    own = probes_v2(ReachV2(patterns, patterns), [])
    others = probes_v2(NOTHING_V2, [patterns])
    for pattern in patterns:
        for probes in (own, others):
            assert any(pattern.matches(probe.path) for probe in probes)
