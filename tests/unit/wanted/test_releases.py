"""One answer for members that run several releases."""

from __future__ import annotations

import pytest

from ringfence.errors import InputError
from ringfence.model.names import UserName
from ringfence.model.state import State
from ringfence.model.version import Version
from ringfence.reports.answers import can_json, can_text, list_json, list_text, who_json
from ringfence.rules.calls import Call
from ringfence.rules.requests import Range, Request, Service
from ringfence.wanted.answers.v3 import Source, calls, can, from_cluster, others_by_holes, who
from tests.unit.wanted.building import wanted

COMPONENTS = "components:\n  - {name: tenant, grants: [{prefix: /tenant/, access: readwrite}]}\n"
TENANT = UserName("tenant")
COMPACT = "CVE-2026-33413"


def cluster(*versions: str) -> Source:
    """A fenced cluster whose members run these releases."""
    made = wanted(COMPONENTS)
    state: State = made.state
    found = [Version.parse(text) for text in versions]
    return from_cluster(state, tuple(version for version in found if version is not None), made)


@pytest.mark.parametrize("versions", [("3.5.1", "3.5.35"), ("3.5.35", "3.5.1"), ("3.5.35", "3.5.35", "3.5.1")])
def test_the_worst_release_decides_what_a_hole_gives(versions: tuple[str, ...]) -> None:
    """Who asks chooses the member: one that lets everybody compact is enough, and it alone is named."""
    found = can(cluster(*versions), TENANT, Service(Call.COMPACT))
    assert (True, False) == (found.answer.allowed, found.answer.by_rules.allowed)
    assert [(COMPACT, ["3.5.1"])] == [(hole["id"], hole["etcd"]) for hole in can_json(found)["holes"]]  # type: ignore[union-attr,index,call-overload]  # JSON
    assert f"etcd 3.5.1 does not keep its rules here: {COMPACT}" in can_text(found)
    told = who_json(who(cluster(*versions), Service(Call.COMPACT)), cluster(*versions), ())
    assert ["root", "tenant"] == [one["user"] for one in told["users"]]  # type: ignore[union-attr,index,call-overload]  # JSON
    assert not can(cluster("3.5.35"), TENANT, Service(Call.COMPACT)).answer.allowed


def test_the_holes_of_all_members_are_ways_around() -> None:
    """Two releases with different holes: a denied read names each, on the members that have it."""
    found = can(cluster("3.6.8", "3.5.35"), TENANT, Range(b"/other"))
    assert not found.answer.allowed
    text = can_text(found)
    assert "etcd 3.6.8 has a way around this answer: CVE-2026-33343" in text
    assert "etcd 3.5.35 has a way around this answer: etcd-22386" in text
    others = others_by_holes(cluster("3.6.8", "3.5.35"), Range(b"/other"))
    assert {"CVE-2026-33343", "GHSA-xg4h-6gfc-h4m8", "CVE-2026-44283", "etcd-22386"} == {hole.id for hole in others}


AUTH_STATUS, STATUS = Service(Call.AUTH_STATUS), Service(Call.STATUS)


@pytest.mark.parametrize(
    ("versions", "request_", "what"),
    [
        (("3.6.16", "3.7.3"), AUTH_STATUS, "etcd 3.7.3 allows it, and etcd 3.6.16 does not"),
        (("3.7.3", "3.6.16"), AUTH_STATUS, "etcd 3.7.3 allows it, and etcd 3.6.16 does not"),
        (("3.6.8", "3.6.16", "3.7.3"), STATUS, "etcd 3.6.16, 3.7.3 allows it, and etcd 3.6.8 does not"),
        (("3.6.16", "3.6.16"), AUTH_STATUS, None),
        (("3.4.23", "3.5.35"), STATUS, None),
        (("3.4.23", "3.5.35"), Range(b"/tenant/a"), None),
    ],
)
def test_rules_that_differ_have_no_one_answer(versions: tuple[str, ...], request_: Request, what: str | None) -> None:
    """What a release allows by its rules and another denies is an error that names both; what is the same is none."""
    if what is None:
        can(cluster(*versions), TENANT, request_)
        return
    with pytest.raises(InputError) as caught:
        can(cluster(*versions), TENANT, request_)
    (problem,) = caught.value.problems
    assert (f"the members run several releases: {what}", "name one of them with --etcd VERSION") == (
        problem.what,
        problem.hint,
    )


def test_a_list_says_on_which_members() -> None:
    """A call that only some releases allow stands in the list with them, and stops nothing."""
    source = cluster("3.6.16", "3.7.3")
    found = calls(source, TENANT)
    assert "auth-status (on etcd 3.7.3 alone)" in list_text(TENANT, found, source, ())
    assert {"auth-status": ["3.7.3"]} == list_json(TENANT, found, source, ())["calls_on"]
    same = cluster("3.7.3")
    assert {} == list_json(TENANT, calls(same, TENANT), same, ())["calls_on"]
