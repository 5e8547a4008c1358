"""``check --prove``: who reaches a segment is invited by the spec, or it is an error, or the answer is no."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest

from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.ops import check
from ringfence.wanted.build import Wanted
from ringfence.wanted.proved.closed import Closure, close
from ringfence.wanted.proved.disjoint import Proof
from tests.integration.site import Ran, ringfence

SPEC = """\
version: 1
cluster:
  endpoints: [https://127.0.0.1:2379]
components:
  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}
  - {name: till, grants: [{prefix: /till/, access: readwrite}, {prefix: /shop/prices/, access: read SHARED}]}
roles:
  audit: [{prefix: /till/, access: read AUDITED}]
users:
  ann: {roles: [audit]}
"""


def checked(folder: Path, *, shared: str = ", shares-with: [shop]", audited: str = ", shares-with: [till]") -> Ran:
    """``check --prove`` as data, of a spec in which a component and a role reach into foreign segments."""
    (folder / "ringfence.yaml").write_text(SPEC.replace(" SHARED", shared).replace(" AUDITED", audited))
    return ringfence("-o", "json", "check", "--prove", folder=folder)


def test_who_says_shares_with_is_invited(tmp_path: Path) -> None:
    """Both say whose keys they reach into: the proof holds, and lists them as visitors."""
    ran = checked(tmp_path)
    assert (0, True, True) == (ran.code, ran.json["disjoint"], ran.json["closed"])
    assert {"shop": ["till"], "till": ["ann"]} == {
        plot["owner"]: [visit["identity"] for visit in plot["reached_by"]] for plot in ran.json["segments"]
    }


@pytest.mark.parametrize(
    ("unsaid", "problem"),
    [
        ("shared", "/shop/prices/* is in the segment of till and in that of shop"),
        ("audited", "/till/* belongs to till"),
    ],
)
def test_who_does_not_say_it_is_an_error_of_the_spec(tmp_path: Path, unsaid: str, problem: str) -> None:
    """A component or a role that reaches into a segment silently never gets as far as the proof."""
    ran = checked(tmp_path, **{unsaid: ""})
    assert (1, "") == (ran.code, ran.out)
    assert problem in ran.err
    assert "shares-with" in ran.err


def test_an_intruder_is_a_no(tmp_path: Path) -> None:
    """Somebody whom the evaluator finds in a segment, and nobody invited: the text names it, and the exit code is 2."""

    def close_with_a_spy(wanted: Wanted, proof: Proof) -> Closure:
        """As if a role and a user had come into the state past the checks of the spec."""
        spy = RoleName("spy")
        roles = [*wanted.state.roles.values(), Role(spy, (Permission(Access.READ, b"/shop/till"),))]
        users = [*wanted.state.users.values(), User(UserName("spy"), frozenset([spy]))]
        return close(replace(wanted, state=State.of(users, roles)), proof)

    with mock.patch.object(check, "close", close_with_a_spy):
        ran = checked(tmp_path)
        assert (2, False) == (ran.code, ran.json["closed"])
        text = ringfence("check", "--prove", folder=tmp_path)
    assert 2 == text.code
    assert "NOT closed: spy may read /shop/till of shop\n" in text.out
