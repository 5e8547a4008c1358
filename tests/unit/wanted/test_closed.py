"""The proof by etcd's own rules: nobody but the invited reaches a segment, and whoever does is named."""

from __future__ import annotations

from dataclasses import replace

from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.wanted.proved.closed import Intruder, close
from ringfence.wanted.proved.disjoint import prove
from ringfence.wanted.segments.owner import Owner
from tests.unit.wanted.building import wanted

SPEC = """\
components:
  - {name: shop, grants: [{prefix: /shop/, access: readwrite}]}
  - name: till
    grants: [{prefix: /till/, access: readwrite}, {prefix: /shop/prices/, access: read, shares-with: [shop]}]
"""


def test_owners_and_visitors_are_invited() -> None:
    """A grant that says whose keys it shares is no intrusion."""
    found = wanted(SPEC)
    closure = close(found, prove(found))
    assert (4, ()) == (closure.questions, closure.intruders)


def test_a_user_that_the_proof_does_not_know_is_named() -> None:
    """The same segments, and one more user in etcd who reads a part of one."""
    found = wanted(SPEC)
    spy, role = UserName("spy"), RoleName("spy")
    roles = [*found.state.roles.values(), Role(role, (Permission.on_prefix(Access.READ, b"/shop/a"),))]
    state = State.of([*found.state.users.values(), User(spy, frozenset([role]))], roles)
    closure = close(replace(found, state=state), prove(found))
    keys = SpanSet([Span(b"/shop/a", b"/shop/b")])
    assert (Intruder(spy, Owner("shop"), Access.READ, keys),) == closure.intruders
