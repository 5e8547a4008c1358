"""Members that disagree: who stands apart, and how."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.proof.agreement import Agreement, MemberView, View

ALL = View(True, 30, frozenset({"root", "a"}), frozenset({"root", "a"}))


def members(*views: View | str) -> Agreement:
    """Members m0, m1 and so on with these views."""
    return Agreement(tuple(MemberView(f"m{at}", f"https://m{at}:2379", view) for at, view in enumerate(views)))


def test_members_that_agree_differ_in_nothing() -> None:
    """Nobody stands apart, also where nobody was asked."""
    assert {} == members(ALL, ALL, ALL).differences
    assert {} == Agreement().differences


@pytest.mark.parametrize(
    ("view", "sentences"),
    [
        (View(False, 30, ALL.users, ALL.roles), ("auth is OFF there, and on elsewhere",)),
        (View(True, 29, ALL.users, ALL.roles), ("its auth revision is 29, that of the others 30",)),
        (View(True, 30, frozenset(), ALL.roles), ("it lacks users a, root",)),
        (View(True, 30, ALL.users, ALL.roles | {"x"}), ("it alone has role x",)),
        ("it does not answer: time is up", ("it does not answer: time is up",)),
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_member_stands_apart(view: View | str, sentences: tuple[str, ...], at: int) -> None:
    """It is the one that is named, wherever it stands in the list, with what is different."""
    views: list[View | str] = [ALL, ALL, ALL]
    views[at] = view
    assert {f"m{at}": sentences} == members(*views).differences


def test_many_names_are_counted() -> None:
    """Five are shown."""
    many = View(True, 30, ALL.users | {f"u{number}" for number in range(8)}, ALL.roles)
    assert {"m2": ("it alone has users u0, u1, u2, u3, u4 and 3 more",)} == members(ALL, ALL, many).differences


def test_nobody_answers() -> None:
    """Each says why."""
    assert {"m0": ("gone",), "m1": ("gone",)} == members("gone", "gone").differences


def test_a_member_that_tells_no_revision_does_not_differ_by_that() -> None:
    """In an upgrade from etcd 3.4 some tell the auth revision and some do not; those that do are still compared."""
    silent, behind = View(True, None, ALL.users, ALL.roles), View(True, 29, ALL.users, ALL.roles)
    for views in ((silent, ALL, ALL), (ALL, silent, silent), (silent, silent, silent)):
        assert {} == members(*views).differences
    assert {"m3": ("its auth revision is 29, that of the others 30",)} == members(silent, ALL, ALL, behind).differences
    assert {"m2": ("it lacks users a, root",)} == members(
        ALL, ALL, View(True, None, frozenset(), ALL.roles)
    ).differences


def test_grants_are_compared_where_they_were_read() -> None:
    """The same names, and another permission or membership: told, but not where only names and a revision are known."""
    read = replace(ALL, auth_revision=None, grants=frozenset({"role a may read /a/*", "user a holds role a"}))
    other = replace(read, grants=frozenset({"role a may readwrite /a/*", "user a holds role a"}))
    assert {"m1": ("it lacks: role a may read /a/*", "it alone says: role a may readwrite /a/*")} == members(
        read, other, read
    ).differences
    assert {} == members(read, read, read).differences
    assert {} == members(ALL, ALL, read).differences
