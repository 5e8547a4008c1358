"""Which condition it is, from what the members say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import Place, Problem
from ringfence.model.auth_status import Finding, Kind, LastSeen, MemberAuth
from ringfence.model.names import UserName
from ringfence.proof.diagnosis import diagnose

GOOD = MemberAuth(
    name="a",
    version="3.5.33",
    cluster_id=7,
    enabled=True,
    revision=9,
    users=4,
    roles=4,
    root_user=True,
    root_role=True,
    knows_root=True,
)
EMPTY = replace(GOOD, enabled=False, revision=1, users=0, roles=0, root_user=False, root_role=False)
OFF = replace(GOOD, enabled=False)
ROLES_ONLY = replace(OFF, users=0, root_user=False, root_role=False)
LAST = LastSeen(cluster_id=7, auth_revision=9, has_users=True, at=datetime(2026, 1, 1, tzinfo=UTC))
SPARE = UserName("ringfence-spare-0badf00d")
SILENCE = Problem("its certificate is not trusted", Place("https://a:1"), "is the CA file the one of this cluster?")


def three(*members: MemberAuth) -> list[MemberAuth]:
    """Three members: those given, and the last of them again."""
    return [
        replace(member, name=name) for name, member in zip("abc", (*members, members[-1], members[-1]), strict=False)
    ]


@pytest.mark.parametrize(
    ("members", "last", "kinds"),
    [
        (three(GOOD), LAST, [Kind.HEALTHY]),
        (three(GOOD), None, [Kind.HEALTHY]),
        (three(replace(GOOD, revision=None)), LAST, [Kind.HEALTHY]),  # etcd 3.4 tells none
        (three(EMPTY), None, [Kind.NOTHING_YET]),
        (three(EMPTY), replace(LAST, has_users=False, auth_revision=1), [Kind.NOTHING_YET]),  # after destroy
        (three(EMPTY), replace(LAST, auth_revision=1), [Kind.STORE_LOST]),
        (three(EMPTY), LAST, [Kind.STORE_LOST, Kind.RESTORED]),
        (three(OFF), LAST, [Kind.OFF]),
        (three(OFF, GOOD), LAST, [Kind.OFF_ON_MEMBER]),
        (three(EMPTY, GOOD), LAST, [Kind.STORE_LOST, Kind.OFF_ON_MEMBER, Kind.MEMBERS_DIFFER]),
        (three(replace(GOOD, revision=10), GOOD), LAST, [Kind.MEMBERS_DIFFER]),
        (three(replace(GOOD, revision=8)), LAST, [Kind.RESTORED]),
        (three(replace(GOOD, cluster_id=8)), LAST, [Kind.OTHER_CLUSTER]),
        (three(replace(OFF, root_user=False, root_role=False)), LAST, [Kind.ROOT_USER_MISSING, Kind.OFF]),
        (three(replace(GOOD, root_role=False)), LAST, [Kind.ROOT_ROLE_MISSING]),
        (three(ROLES_ONLY), LAST, [Kind.ROOT_USER_MISSING, Kind.OFF]),
        (three(ROLES_ONLY), None, [Kind.ROOT_USER_MISSING, Kind.OFF]),
        (three(replace(GOOD, revision=None), GOOD), LAST, [Kind.HEALTHY]),  # in an upgrade from 3.4
        (three(MemberAuth(name="a", enabled=True, knows_root=False)), LAST, [Kind.ROOT_USER_MISSING]),
        (three(MemberAuth(name="a", problem=SILENCE), GOOD), LAST, [Kind.SILENT_MEMBER]),
        (three(replace(GOOD, spare_keys=(SPARE,))), LAST, [Kind.SPARE_KEY]),
        (three(replace(OFF, spare_keys=(SPARE,)), OFF), LAST, [Kind.OFF, Kind.SPARE_KEY]),
    ],
)
def test_conditions(members: list[MemberAuth], last: LastSeen | None, kinds: list[Kind]) -> None:
    """Each by its name, the gravest first."""
    assert kinds == [finding.kind for finding in diagnose(members, last)]


def test_roots_certificate() -> None:
    """What is wrong with it is told, also where nobody could be asked."""
    (finding,) = diagnose((), None, [Problem("there is no certificate for root")])
    assert Kind.ROOT_CERTIFICATE is finding.kind
    assert "root's certificate cannot be used: there is no certificate for root" == finding.what


def test_a_member_that_cannot_be_asked_brings_its_own_hint() -> None:
    """It may well run: to start it is no answer to a certificate that is not trusted."""
    found = diagnose(three(MemberAuth(name="a", problem=SILENCE), GOOD), LAST)
    what = "member a cannot be asked: https://a:1: its certificate is not trusted"
    assert (Finding(Kind.SILENT_MEMBER, what, "is the CA file the one of this cluster?"),) == found


@pytest.mark.parametrize(("version", "known"), [("3.5.4", True), ("3.5.5", False), ("3.4.20", True), ("3.6.1", False)])
def test_the_releases_that_lose_their_store(version: str, known: bool) -> None:
    """Below 3.4.21 and 3.5.5 the release itself is named as a reason."""
    finding, *_ = diagnose(three(replace(EMPTY, version=version)), LAST)
    assert known == ("is of a release that is known for losing it after a restart" in finding.what)


def test_an_alarm_is_not_healthy() -> None:
    """Whatever else is as it should be."""
    (found,) = diagnose(three(GOOD), LAST, alarms=[Problem("the alarm NOSPACE is raised", hint="disarm it")])
    assert (Kind.ALARM, "the alarm NOSPACE is raised", "disarm it") == (found.kind, found.what, found.hint)


@given(
    members=st.lists(
        st.builds(
            replace,
            st.just(GOOD),
            enabled=st.sampled_from([True, False, None]),
            users=st.sampled_from([None, 0, 4]),
            roles=st.sampled_from([None, 0, 4]),
            root_user=st.booleans(),
            root_role=st.booleans(),
            knows_root=st.booleans(),
            problem=st.sampled_from([None, SILENCE]),
        ),
        min_size=1,
        max_size=3,
    ),
    last=st.sampled_from([None, LAST]),
)
def test_nothing_is_healthy_with_auth_off_somewhere(members: list[MemberAuth], last: LastSeen | None) -> None:
    """However the stores are half-written: one member with auth off, or one that is silent, and something is found."""
    kinds = {finding.kind for finding in diagnose(members, last)}
    if any(member.enabled is False or member.problem is not None for member in members):
        assert Kind.HEALTHY not in kinds
