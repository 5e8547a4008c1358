"""Grants become the fewest permissions that allow exactly the same: tables, and properties against a slow model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import Place
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import RoleName, UserName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Role, State, User
from ringfence.spec.shape import Grant
from ringfence.wanted.components.needs import written
from ringfence.wanted.segments.grants import origin, permissions

R, W, RW = Access.READ, Access.WRITE, Access.READWRITE
PLACE = Place("ringfence.yaml", 1)


def grant(access: Access, span: Span, *exclude: Span, line: int = 1) -> Grant:
    """A grant of the spec."""
    return Grant(access=access, span=span, exclude=exclude, shares_with=(), place=Place("ringfence.yaml", line))


def prefix(text: str) -> Span:
    """A prefix's span."""
    return Span.of_prefix(text.encode())


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([grant(RW, prefix("/a/"))], [Permission(RW, b"/a/", b"/a0")]),
        ([grant(R, Span.of_key(b"k"))], [Permission(R, b"k")]),
        ([grant(R, Span(b"k", None))], [Permission(R, b"k", b"\x00")]),
        (
            [grant(RW, prefix("/a/"), prefix("/a/b/"))],
            [Permission(RW, b"/a/", b"/a/b/"), Permission(RW, b"/a/b0", b"/a0")],
        ),
        ([grant(RW, prefix("/a/"), prefix("/a/b/")), grant(RW, prefix("/a/b/"))], [Permission(RW, b"/a/", b"/a0")]),
        ([grant(R, prefix("/a/")), grant(W, prefix("/a/"))], [Permission(RW, b"/a/", b"/a0")]),
        ([grant(R, prefix("/a/")), grant(R, prefix("/a/b/"))], [Permission(R, b"/a/", b"/a0")]),
        ([grant(R, prefix("/a/")), grant(R, Span(b"/a0", b"/b"))], [Permission(R, b"/a/", b"/b")]),
        (
            [grant(R, prefix("/a/")), grant(RW, prefix("/a/b/"))],
            [Permission(R, b"/a/", b"/a0"), Permission(RW, b"/a/b/", b"/a/b0")],
        ),
        (
            [grant(W, prefix("/a/")), grant(R, prefix("/a/b/"))],
            [Permission(W, b"/a/", b"/a0"), Permission(R, b"/a/b/", b"/a/b0")],
        ),
        (
            [grant(R, Span(b"a", b"c")), grant(W, Span(b"b", b"d"))],
            [Permission(R, b"a", b"c"), Permission(W, b"b", b"d")],
        ),
        ([], []),
    ],
)
def test_permissions(grants: list[Grant], expected: list[Permission]) -> None:
    """What is excepted is cut out, what touches is joined, and reading and writing stay what they were."""
    assert tuple(expected) == permissions(written(grants))


KEYS = [b"\x00", b"a", b"a\x00", b"aa", b"ab", b"b", b"b\x00", b"bb", b"c", b"d", b"\xff"]
SPANS = st.sampled_from([span for start in KEYS for end in (*KEYS, None) if (span := Span(start, end))])
GRANTS = st.lists(
    st.builds(lambda access, span, out: grant(access, span, *out), st.sampled_from(Access), SPANS, st.lists(SPANS)),
    max_size=5,
)


def allowed(grants: list[Grant], key: bytes, *, writing: bool) -> bool:
    """The slow model: ask each grant."""
    return any(
        key in one.span
        and not any(key in out for out in one.exclude)
        and (one.access.writes if writing else one.access.reads)
        for one in grants
    )


@given(GRANTS)
def test_reach_is_what_was_granted(grants: list[Grant]) -> None:
    """etcd, given the permissions, allows each key exactly where a grant covers it and does not except it."""
    role = Role(RoleName("r"), permissions(written(grants)))
    reach = State.of([User(UserName("u"), frozenset({role.name}))], [role]).reach(UserName("u"))
    for key in KEYS:
        assert allowed(grants, key, writing=False) == (key in reach.read)
        assert allowed(grants, key, writing=True) == (key in reach.write)


@given(GRANTS)
def test_no_permission_could_go(grants: list[Grant]) -> None:
    """Leaving out any one permission would allow less, and none stands twice."""
    found = permissions(written(grants))
    assert len({permission.place for permission in found}) == len(found)

    def union(kept: list[Permission], *, writing: bool) -> SpanSet:
        return SpanSet(p.span for p in kept if (p.access.writes if writing else p.access.reads))

    everything = [union(list(found), writing=writing) for writing in (False, True)]
    for left_out in found:
        rest = [permission for permission in found if permission != left_out]
        assert everything != [union(rest, writing=writing) for writing in (False, True)]


@given(GRANTS)
def test_every_permission_has_an_origin(grants: list[Grant]) -> None:
    """For each permission there is a grant that asked for it."""
    asked = written(grants)
    assert all(origin(permission, asked).place == PLACE for permission in permissions(asked))


def test_origin_is_the_first_that_asked() -> None:
    """The origin of joined grants is the one written first among those that meet it."""
    grants = written(
        [grant(R, prefix("/z/"), line=1), grant(R, prefix("/a/"), line=2), grant(R, prefix("/a/b/"), line=3)]
    )
    assert 2 == origin(Permission(R, b"/a/", b"/a0"), grants).place.line
