"""v2 in a plan: each change as JSON and back, as commands, and nothing of it in a plan that is about v3 alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from ringfence.changes.change import AddRole, EnableAuth
from ringfence.changes.diff import Unmanaged
from ringfence.changes.plan import Plan, PlanV2, Summary, read_plan, state_digest_v2
from ringfence.changes.v2.change import (
    AddRoleV2,
    AddUserV2,
    ChangeV2,
    DeleteRoleV2,
    DeleteUserV2,
    DisableAuthV2,
    EnableAuthV2,
    GrantPatterns,
    GrantRolesV2,
    RevokePatterns,
    RevokeRolesV2,
)
from ringfence.changes.v2.diff import diff_v2
from ringfence.changes.v2.encoding import decoded_change_v2, encoded_change_v2
from ringfence.changes.v2.etcdctl import commands_v2
from ringfence.errors import PlanError
from ringfence.model.names import ROOT_ROLE, ROOT_USER, RoleName, UserName
from ringfence.model.v2 import Pattern, StateV2
from ringfence.reports.plan import plan_text
from tests.unit.changes.v2.states import observed_states, wanted_states

R, U = RoleName("r"), UserName("u")
A, B = Pattern("/a"), Pattern("/a/*")

COMMANDS: dict[str, tuple[ChangeV2, list[str]]] = {
    "a role": (AddRoleV2(R), ["role add r"]),
    "a role with patterns": (
        AddRoleV2(R, (A, B), (B,)),
        ["role add r", "role grant r --path /a --read", "role grant r --path '/a/*' --readwrite"],
    ),
    "more patterns": (GrantPatterns(R, (), (A,)), ["role grant r --path /a --write"]),
    "fewer patterns": (RevokePatterns(R, (B,), (B,)), ["role revoke r --path '/a/*' --readwrite"]),
    "root": (AddUserV2(ROOT_USER, (ROOT_ROLE,)), ["user add root"]),
    "a user": (AddUserV2(U, (R, RoleName("s"))), ["user add u", "user grant u --roles r,s"]),
    "a user without roles": (AddUserV2(U), ["user add u"]),
    "more roles": (GrantRolesV2(U, (R,)), ["user grant u --roles r"]),
    "fewer roles": (RevokeRolesV2(U, (R,)), ["user revoke u --roles r"]),
    "no user": (DeleteUserV2(U), ["user remove u"]),
    "no role": (DeleteRoleV2(R), ["role remove r"]),
    "a name for a shell": (DeleteRoleV2(RoleName("a b;c")), ["role remove 'a b;c'"]),
    "on": (EnableAuthV2(), ["auth enable"]),
    "off": (DisableAuthV2(), ["auth disable"]),
}


def plan(*batches: tuple[ChangeV2, ...], v3: tuple[tuple[AddRole | EnableAuth, ...], ...] = ()) -> Plan:
    """A plan of both stores."""
    v2 = PlanV2("of v2", batches, Unmanaged((U,), (R,)))
    return Plan(spec="s", cluster_id=7, observed="o", auth_revision=1, batches=v3, v2=v2)


@pytest.mark.parametrize(("change", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_commands(change: ChangeV2, expected: list[str]) -> None:
    """Each change is what an operator would type, with etcdctl's API 2."""
    assert [f"ETCDCTL_API=2 etcdctl {line}" for line in expected] == list(commands_v2(change))


@pytest.mark.parametrize(("change", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_there_and_back(change: ChangeV2, expected: list[str]) -> None:
    """A change is read back as it was written, and says that it is one of v2."""
    encoded = json.loads(json.dumps(encoded_change_v2(change)))
    assert "v2" == encoded["api"]
    assert change == decoded_change_v2(encoded)
    assert len(expected) == len(encoded["etcdctl"].split(" && "))


@given(observed_states(), wanted_states())
def test_plans_there_and_back(observed: StateV2, wanted: StateV2) -> None:
    """Whatever a plan is about, its JSON is read back as the same plan, batches and all."""
    made = plan(*diff_v2(wanted, observed), v3=((AddRole(R),), (EnableAuth(),)))
    assert made == read_plan(json.dumps(made.to_json()), "plan.json")


def test_an_edited_plan() -> None:
    """What was changed by hand in v2's part is refused, too."""
    text = json.dumps(plan((AddRoleV2(R, (A,)),)).to_json())
    with pytest.raises(PlanError, match="edited"):
        read_plan(text.replace('"/a"', '"/b"'), "plan.json")
    with pytest.raises(PlanError, match="edited"):
        read_plan(text.replace('"of v2"', '"of then"'), "plan.json")


def test_a_plan_of_v3_alone() -> None:
    """It says nothing of v2, so that its digest is what it always was."""
    made = Plan(spec="s", cluster_id=7, observed="o", auth_revision=1, batches=((AddRole(R),),))
    assert "v2" not in made.to_json()
    assert "46ab7cd46b6ad95c4f0443d1d1c74fed5956d170588cb09defd17bc1c9ea8d0f" == made.digest


def test_the_order_over_the_stores() -> None:
    """Users and roles of both come first, then v2's switch, then v3's; what people read is in that order."""
    made = plan((AddRoleV2(R),), (EnableAuthV2(),), v3=((AddRole(R),), (EnableAuth(),)))
    assert (AddRole(R), AddRoleV2(R), EnableAuthV2(), EnableAuth()) == made.changes
    text = plan_text(made).splitlines()
    assert [
        "  + role r",
        "  + v2 role r, with nothing in it",
        "  ~ v2 auth is switched on",
        "  ~ auth is switched on",
    ] == [line for line in text if line.startswith(("  +", "  ~"))]
    assert "  ! left alone in v2, not in the spec: users u" in text


def test_kept_or_thrown_away() -> None:
    """What becomes of passwords: root's may be kept, and no other's ever is."""
    text = plan_text(plan((AddUserV2(ROOT_USER, (R,)), AddUserV2(U))), kept="root.pw")
    assert "  + v2 user root, who holds role r; its password is random and kept in root.pw\n" in text
    assert "  + v2 user u; its password is random and thrown away\n" in text
    assert "kept" not in plan_text(plan((AddUserV2(ROOT_USER, (R,)),)))


def test_summary() -> None:
    """Changes of both stores are counted together."""
    made = plan((AddRoleV2(R), DeleteRoleV2(R)), (RevokePatterns(R, (A,)), DisableAuthV2()), v3=((AddRole(R),),))
    assert Summary(add=2, change=1, destroy=2) == made.summary


def test_digests_of_states() -> None:
    """Equal states have equal digests, and a pattern more makes another."""
    assert state_digest_v2(StateV2.of()) == state_digest_v2(StateV2.of([], []))
    assert state_digest_v2(StateV2.of(auth_enabled=False)) != state_digest_v2(StateV2.of())
