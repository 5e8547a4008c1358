"""What is told of a v2 store beyond the proof."""

from __future__ import annotations

import pytest

from ringfence.model.v2 import GUEST_ROLE, Pattern, PatternRole, StateV2
from ringfence.proof.v2.findings import KindV2, SeenV2, findings, is_claimed, may_hold_claimed

ALL = frozenset({Pattern("/*")})
CLOSED = StateV2.of(roles=[PatternRole(GUEST_ROLE)])
OPEN = StateV2.of(roles=[PatternRole(GUEST_ROLE, ALL, ALL)])
BOTH, V2, V3 = ("v2", "v3"), ("v2",), ("v3",)


def seen(*auth: bool, v3: bool = True, state: StateV2 | None = CLOSED, data: tuple[str, ...] = ()) -> SeenV2:
    """What was seen of members with v2 auth on or off."""
    return SeenV2(auth={f"m{at}": on for at, on in enumerate(auth)}, v3_auth=v3, state=state, data=data)


CASES = [
    (seen(), V3, []),
    (seen(), BOTH, []),
    (seen(True, True), BOTH, []),
    (seen(True, True, state=None), BOTH, []),
    (seen(False, False), V3, [KindV2.UNASKED]),
    (seen(True, True), V3, [KindV2.UNASKED]),
    (seen(False), BOTH, [KindV2.V2_OPEN]),
    (seen(True, False), BOTH, [KindV2.V2_OPEN]),
    (seen(False, v3=False), BOTH, []),
    (seen(True, v3=False), BOTH, [KindV2.V3_OPEN]),
    (seen(True, v3=False), V2, [KindV2.V3_OPEN]),
    (seen(True, state=OPEN), BOTH, [KindV2.GUEST]),
    (seen(False, state=OPEN), V3, [KindV2.UNASKED, KindV2.GUEST]),
    (seen(True, data=("/old",)), BOTH, [KindV2.UNCLAIMED]),
    (seen(False, data=("/old",)), V3, [KindV2.UNASKED]),
]


@pytest.mark.parametrize(("what", "api", "kinds"), CASES)
def test_kinds(what: SeenV2, api: tuple[str, ...], kinds: list[KindV2]) -> None:
    """What each situation comes to; every finding says what to do."""
    found = findings(what, api)
    assert kinds == [each.kind for each in found]
    assert all(each.hint for each in found)


def test_texts() -> None:
    """Members, data and patterns are named, and of many only some."""
    (unasked,) = findings(seen(False, False, data=tuple(f"/d{at}" for at in range(10))), V3)
    assert "m0, m1" in unasked.what
    assert "/d0, /d1" in unasked.what
    assert "/d7 and 2 more" in unasked.what
    (guest,) = findings(seen(True, state=OPEN), BOTH)
    assert "/*" in guest.what
    (half,) = findings(seen(True, False), BOTH)
    assert "(m1)" in half.what


def test_writers_can_stop_members() -> None:
    """Told where somebody may write below a path, and not where only single keys may be written."""
    assert () == findings(seen(True), BOTH, [Pattern("/a")])
    (found,) = findings(seen(True), BOTH, [Pattern("/a"), Pattern("/b/*")])
    assert KindV2.STOPPABLE is found.kind


@pytest.mark.parametrize(
    ("path", "claimed", "below"),
    [
        ("/calico", True, True),
        ("/calico/a", True, True),
        ("/a", False, True),
        ("/a/b", True, True),
        ("/z", False, False),
    ],
)
def test_claims(path: str, claimed: bool, below: bool) -> None:
    """A directory is claimed by the pattern of what is in it, and one above it may hold what is claimed."""
    patterns = (Pattern("/calico/*"), Pattern("/a/b/*"))
    assert claimed is is_claimed(path, patterns)
    assert below is may_hold_claimed(path, patterns)
