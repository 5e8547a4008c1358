"""What who-can and can-i --list do not count is said, in a block of their own and in the data."""

from __future__ import annotations

import pytest

from ringfence.model.names import UserName
from ringfence.model.state import State
from ringfence.model.version import Version
from ringfence.reports.answers import can_json, can_text, list_json, list_text, who_json, who_text
from ringfence.rules.holes import REVIEWED
from ringfence.rules.requests import Range, Request
from ringfence.wanted.answers.v3 import Source, calls, can, from_cluster, more_by_holes, others_by_holes, who
from tests.unit.wanted.building import wanted

COMPONENTS = "components:\n  - {name: tenant, grants: [{prefix: /tenant/, access: readwrite}]}\n"
TENANT, ROOT = UserName("tenant"), UserName("root")
SECRETS = Range(b"/registry/secrets/", b"/registry/secrets0")
KEYS = {"CVE-2026-33343", "GHSA-xg4h-6gfc-h4m8", "CVE-2026-44283", "etcd-22386"}
CALLS, LEASES = "CVE-2026-33413", "CVE-2023-32082"


def source(*versions: str, auth_enabled: bool = True) -> Source:
    """A fenced cluster whose members run these releases."""
    made = wanted(COMPONENTS)
    state = State.of(made.state.users.values(), made.state.roles.values(), auth_enabled=auth_enabled)
    return from_cluster(state, tuple(found for text in versions if (found := Version.parse(text))), made)


def told_of_who(where: Source, request: Request = SECRETS) -> tuple[str, set[str]]:
    """The text of who-can, and the holes that its data does not count."""
    found, others = who(where, request), others_by_holes(where, request)
    data = who_json(found, where, others)["not_counted"]
    assert isinstance(data, list)
    return who_text(found, where, others), {str(hole["id"]) for hole in data if isinstance(hole, dict)}


def told_of_list(where: Source, user: UserName) -> tuple[str, set[str], set[str]]:
    """The text of can-i --list, the holes that give calls, and those that are not counted."""
    found = calls(where, user)
    more = more_by_holes(where, user, found)
    data = list_json(user, found, where, more)
    counted, rest = (
        {str(hole["id"]) for hole in holes if isinstance(hole, dict)}
        for holes in (data["holes"], data["not_counted"])
        if isinstance(holes, list)
    )
    return list_text(user, found, where, more), counted, rest


def test_who_can_says_what_it_does_not_count() -> None:
    """Who can read the Secrets: by the rules root alone, and on 3.5.1 whoever has a certificate; 3.7.3 has no block."""
    text, ids = told_of_who(source("3.5.1"))
    assert KEYS == ids
    table, _, block = text.partition("\n\nnot counted: on this etcd others can have it all the same, by\n")
    assert "tenant" not in table
    assert "1 user may, 0 users in part" in table
    first, *_ = block.splitlines()
    assert first.startswith("  CVE-2026-33343 of etcd 3.5.1: anybody with a certificate of the client CA reads")
    assert len(KEYS) == len(block.splitlines())
    text, ids = told_of_who(source("3.7.3"))
    assert ("not counted" in text, ids) == (False, set())


def test_nobody_is_no_end_of_the_answer() -> None:
    """Where no user may, a hole still gives it."""
    where = source("3.5.35")
    text = who_text((), where, others_by_holes(where, SECRETS))
    assert text.startswith("nobody\n\nnot counted: ")
    assert "etcd-22386 of etcd 3.5.35" in text
    assert "nobody\n" == who_text((), source("3.7.3"), ())


def test_members_of_several_releases_are_named_with_their_holes() -> None:
    """Each hole once, with the members that have it."""
    text, ids = told_of_who(source("3.5.1", "3.5.35"))
    assert KEYS == ids
    assert "  etcd-22386 of etcd 3.5.1, 3.5.35: " in text
    assert "  CVE-2026-33343 of etcd 3.5.1: " in text


def test_a_list_says_what_it_does_not_count() -> None:
    """Calls by a hole are counted and named as such; all other holes are in the block. Root has nothing more to get."""
    text, counted, rest = told_of_list(source("3.5.1"), TENANT)
    assert ({CALLS}, KEYS | {LEASES}) == (counted, rest)
    assert "\nnot counted: on this etcd tenant can have more than this, by\n" in text
    text, counted, rest = told_of_list(source("3.5.1"), ROOT)
    assert ("not counted" in text, rest) == (False, set())
    text, counted, rest = told_of_list(source("3.7.3"), TENANT)
    assert ("not counted" in text, counted, rest) == (False, set(), set())


def test_nothing_is_left_to_count_while_auth_is_off() -> None:
    """Everybody may do everything by the rules."""
    where = source("3.5.1", auth_enabled=False)
    assert set() == told_of_who(where)[1]
    assert set() == told_of_list(where, TENANT)[2]


@pytest.mark.parametrize(("version", "is_new"), [("3.8", True), ("4.0", True), ("3.7.4", True), ("3.7.3", False)])
def test_a_release_that_nobody_reviewed_is_told(version: str, is_new: bool) -> None:
    """In each answer, with the day of the review; a release that was reviewed needs no word."""
    where = source(version)
    line = f"etcd {version} is newer than what was reviewed ({REVIEWED}): its rules and holes may be others"
    found = can(where, TENANT, SECRETS)
    texts = (can_text(found), told_of_who(where)[0], told_of_list(where, TENANT)[0])
    assert [is_new] * 3 == [line in text for text in texts]
    assert ([version] if is_new else []) == can_json(found)["unreviewed"]


def test_rules_alone_are_called_so() -> None:
    """Where no release is named, each answer says that it knows of no server."""
    where = source()
    line = "by the rules alone: the spec does not name the release of etcd (cluster.etcd, or --etcd VERSION)"
    texts = (can_text(can(where, TENANT, SECRETS)), told_of_who(where)[0], told_of_list(where, TENANT)[0])
    assert [1] * 3 == [text.count(line) for text in texts]
