"""Each condition of v2 auth is told from what the members say, and both stores make one answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.errors import Place, Problem
from ringfence.model.auth_status import Finding, Kind, MemberAuthV2
from ringfence.model.names import UserName
from ringfence.proof.v2.diagnosis import about_members, both, diagnose_v2

GOOD = MemberAuthV2(
    name="a", serves=True, enabled=True, users=3, roles=3, root_user=True, guest_open=False, knows_root=True
)
SILENCE = Problem("no answer", Place("https://b:1"), "is the member frozen?")


def member(name: str, **changed: bool | int | None) -> MemberAuthV2:
    """A good member, but for what is changed."""
    told = {each: getattr(GOOD, each) for each in MemberAuthV2.__slots__}
    return MemberAuthV2(**{**told, "name": name, **changed})


ROWS: dict[str, tuple[list[MemberAuthV2], list[Kind]]] = {
    "healthy": ([GOOD, member("b")], [Kind.HEALTHY]),
    "not served by one": ([GOOD, MemberAuthV2(name="b", serves=False)], [Kind.V2_NOT_SERVED]),
    "off": ([member("a", enabled=False), member("b", enabled=False)], [Kind.V2_OFF]),
    "nothing yet": ([member("a", enabled=False, users=0, roles=0, root_user=False)], [Kind.V2_NOTHING_YET]),
    "off on one": ([GOOD, member("b", enabled=False)], [Kind.V2_OFF_ON_MEMBER]),
    "an open guest": ([member("a", guest_open=True)], [Kind.V2_GUEST_OPEN]),
    "an open guest with auth off": ([member("a", guest_open=True, enabled=False)], [Kind.V2_OFF]),
    "no root": ([member("a", root_user=False)], [Kind.V2_ROOT_MISSING]),
    "root is nobody": (
        [MemberAuthV2(name="a", serves=True, enabled=True, knows_root=False)],
        [Kind.V2_ROOT_MISSING],
    ),
    "not the same": ([GOOD, member("b", users=2)], [Kind.V2_MEMBERS_DIFFER]),
    "a spare key was left": (
        [replace(GOOD, spare_keys=(UserName("ringfence-spare-0badf00d"),)), member("b")],
        [Kind.SPARE_KEY],
    ),
    "one is silent": ([GOOD, MemberAuthV2(name="b", problem=SILENCE)], [Kind.SILENT_MEMBER]),
    "all are silent": ([MemberAuthV2(name="b", problem=SILENCE)], [Kind.SILENT_MEMBER]),
}


@pytest.mark.parametrize(("members", "expected"), ROWS.values(), ids=ROWS)
def test_conditions(members: list[MemberAuthV2], expected: list[Kind]) -> None:
    """What the members say leads to one condition, which has a hint unless it is good."""
    found = diagnose_v2(members)
    assert expected == [finding.kind for finding in found]
    assert all(finding.hint for finding in found if finding.kind is not Kind.HEALTHY)


def test_a_silent_member_is_told_of_once() -> None:
    """With its own hint; and not again where it is silent about v3, too."""
    members = [GOOD, MemberAuthV2(name="b", problem=SILENCE)]
    what = "v2 of member b cannot be asked: https://b:1: no answer"
    assert (Finding(Kind.SILENT_MEMBER, what, "is the member frozen?"),) == diagnose_v2(members)
    assert [Kind.HEALTHY] == [finding.kind for finding in diagnose_v2(members, {"b"})]


def test_both_stores() -> None:
    """They are healthy together, or not at all."""
    good, bad = Finding(Kind.HEALTHY, "x"), Finding(Kind.V2_OFF, "y", "z")
    assert (Finding(Kind.HEALTHY, "x; x"),) == both([good], [good])
    assert (bad,) == both([good], [bad])
    assert (Finding(Kind.HEALTHY, "x"),) == both([], [good])


def test_v2_alone() -> None:
    """Of v3 only what is about the members themselves is left."""
    silent, off = Finding(Kind.SILENT_MEMBER, "x"), Finding(Kind.OFF, "y")
    assert (silent,) == about_members([silent, off])
