"""Whom verify tries out where many nodes hold the same roles."""

from __future__ import annotations

import pytest

from ringfence.ops.proving.selection import select
from ringfence.wanted.build import Wanted
from tests.unit.wanted.building import wanted


def on_nodes(way: str, number: int) -> Wanted:
    """A Calico and a tenant, on so many nodes."""
    names = ", ".join(f"n{each}" for each in range(number))
    return wanted(
        f"components: [{{use: calico, segmentation: node, identity: {way}}}, {{name: t, grants: "
        f"[{{prefix: /t/, access: readwrite}}]}}]\nnodes: [{names}]\n"
    )


@pytest.mark.parametrize(("way", "tried", "left"), [("shared", 4, 0), ("node", 18, 84), ("node-scoped", 102, 0)])
def test_who_is_left_out(way: str, tried: int, left: int) -> None:
    """Only those who hold just the same roles as eight others; a role of one's own is always tried."""
    found = select(on_nodes(way, 50))
    assert (tried, left) == (len(found.tried), len(found.left))


def test_those_who_stand_for_others_are_tried() -> None:
    """And they are of the same component."""
    found = select(on_nodes("node", 50))
    tried = {identity.user for identity in found.tried}
    assert tried.isdisjoint(found.left)
    for user, others in found.left.items():
        assert tried.issuperset(others)
        assert {user.partition(".")[0]} == {other.partition(".")[0] for other in others}
