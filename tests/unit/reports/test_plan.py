"""A plan for people: a sentence and a command for each change, notes, and one line that counts."""

from __future__ import annotations

import pytest

from ringfence.changes.change import (
    AddRole,
    AddUser,
    Change,
    EnableAuth,
    GrantPermission,
    GrantRole,
    ReplacePermission,
    RevokePermission,
    RevokeRole,
)
from ringfence.changes.diff import Unmanaged
from ringfence.changes.plan import Plan
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Login
from ringfence.reports.plan import plan_text, summary_line

ROLE, USER = RoleName("calico"), UserName("calico")
KEYS = Permission.on_prefix(Access.READWRITE, b"/calico/")
READ = Permission.on_prefix(Access.READ, b"/calico/")


def plan(*changes: Change, unmanaged: Unmanaged | None = None) -> Plan:
    """A plan with these changes, a batch each."""
    return Plan(
        spec="",
        cluster_id=1,
        observed="",
        auth_revision=1,
        batches=tuple((change,) for change in changes),
        unmanaged=unmanaged or Unmanaged(),
    )


SENTENCES = [
    (AddRole(ROLE), "  + role calico"),
    (GrantPermission(ROLE, KEYS), "  + role calico may readwrite /calico/*"),
    (GrantPermission(ROLE, READ, Access.READWRITE), "  ~ role calico may read /calico/*, instead of readwrite"),
    (ReplacePermission(ROLE, READ, Access.READWRITE), "  ~ role calico may read /calico/*, instead of readwrite"),
    (RevokePermission(ROLE, KEYS), "  - role calico may no longer readwrite /calico/*"),
    (AddUser(USER, Login.CERTIFICATE), "  + user calico, by certificate"),
    (AddUser(USER, Login.PASSWORD), "  + user calico, by password"),
    (AddUser(USER, Login.KEPT), "  + user calico"),
    (GrantRole(USER, ROLE), "  + user calico holds role calico"),
    (RevokeRole(USER, ROLE), "  - user calico no longer holds role calico"),
    (EnableAuth(), "  ~ auth is switched on"),
]


@pytest.mark.parametrize(("change", "sentence"), SENTENCES)
def test_each_change_is_a_sentence_and_a_command(change: Change, sentence: str) -> None:
    """The sentence, and below it what an operator would type."""
    first, second, *_ = plan_text(plan(change)).splitlines()
    assert sentence == first
    assert second.startswith("      etcdctl ")


def test_nothing_to_do() -> None:
    """A plan without changes is one line."""
    assert "In sync: nothing to change." == plan_text(plan())


def test_the_summary_counts_writes() -> None:
    """A replacement is one change and two calls."""
    changes = (AddRole(ROLE), ReplacePermission(ROLE, READ, Access.READWRITE), RevokeRole(USER, ROLE))
    assert "Plan: 1 to add, 1 to change, 1 to take away (4 auth writes)." == summary_line(plan(*changes))
    assert "Plan: 1 to add, 0 to change, 0 to take away (1 auth write)." == summary_line(plan(AddRole(ROLE)))


def test_a_gap_is_said() -> None:
    """Where a key is out of reach for a moment, the plan says so before anybody says yes."""
    text = plan_text(plan(ReplacePermission(ROLE, READ, Access.READWRITE)))
    assert "  ! /calico/* of role calico is out of reach for one commit in between\n" in text
    assert "out of reach" not in plan_text(plan(GrantPermission(ROLE, READ, Access.READWRITE)))


def test_what_is_left_alone_is_said() -> None:
    """Users and roles that the spec does not name."""
    text = plan_text(plan(unmanaged=Unmanaged((UserName("old"), UserName("older")), (RoleName("legacy"),))))
    assert "  ! left alone, not in the spec: users old, older\n" in text
    assert "  ! left alone, not in the spec: roles legacy\n" in text
