"""Questions as they are typed: what they mean, and what is wrong with them."""

from __future__ import annotations

import pytest

from ringfence.errors import InputError
from ringfence.rules.calls import Call
from ringfence.rules.question import Words, read_request
from ringfence.rules.requests import DeleteRange, OfLease, Put, Range, RangeStream, Request, Service, UserGet, Watch

MEANT: list[tuple[Words, Request]] = [
    (Words(verb="get", key="/a"), Range(b"/a")),
    (Words(verb="read", key="/a", range_end="/b"), Range(b"/a", b"/b")),
    (Words(verb="get", key="/a", prefix=True), Range(b"/a", b"/b")),
    (Words(verb="get", key="", prefix=True), Range(b"\x00", b"\x00")),
    (Words(verb="get", key=r"\xff\xff", prefix=True), Range(b"\xff\xff", b"\x00")),
    (Words(verb="watch", key="/a", from_key=True), Watch(b"/a", b"\x00")),
    (Words(verb="range-stream", key="/a", prefix=True), RangeStream(b"/a", b"/b")),
    (Words(verb="del", key="/a", range_end=r"\x00"), DeleteRange(b"/a", b"\x00")),
    (Words(verb="put", key=r"a\x00\\b\n"), Put(b"a\x00\\b\n")),
    (Words(verb="put", key="00FF", is_hex=True, prev_kv=True), Put(b"\x00\xff", prev_kv=True)),
    (Words(verb="put", key="\udcff"), Put(b"\xff")),
    (Words(verb="compact"), Service(Call.COMPACT)),
    (Words(verb="member-add"), Service(Call.MEMBER_CHANGE)),
    (Words(verb="lease-revoke", key="/a"), OfLease(Call.LEASE_REVOKE, (b"/a",))),
    (Words(verb="user-get", key="ann"), UserGet("ann")),  # type: ignore[arg-type]  # a NewType of str
]


@pytest.mark.parametrize(("words", "meant"), MEANT)
def test_what_is_meant(words: Words, meant: Request) -> None:
    """Verbs, keys, escapes, hex, prefixes and ends."""
    assert meant == read_request(words)


WRONG = [
    (Words(verb="gett", key="/a"), "'gett' is no verb"),
    (Words(verb="get"), "get needs a key"),
    (Words(verb="get", key=""), "the empty key does not exist in etcd"),
    (Words(verb="get", key="/b", range_end="/a"), "the range ends before it starts: [/b, /a) holds no key"),
    (Words(verb="get", key="/a", range_end="/a"), "the range ends where it starts: [/a, /a) holds no key"),
    (Words(verb="get", key="/a", range_end=""), "the empty end is no end"),
    (Words(verb="get", key="abc", is_hex=True), "'abc' is not hex"),
    (Words(verb="get", key="a b", is_hex=True), "'a b' is not hex"),
    (Words(verb="get", key=r"\q"), r"\q is no escape"),
    (Words(verb="get", key="a\\"), "\\ is no escape"),
    (Words(verb="get", key=r"\x1"), r"\x1 is no escape"),
    (Words(verb="get", key=r"\xg1"), r"\x is no escape"),
    (Words(verb="put", key="/a", prefix=True), "put writes one key, not a range"),
    (Words(verb="get", key="/a", prefix=True, from_key=True), "RANGE_END, --prefix and --from-key exclude each other"),
    (Words(verb="compact", key="/a"), "compact takes no key"),
    (Words(verb="lease-revoke", key="/a", prefix=True), "lease-revoke takes one key that the lease holds, not a range"),
    (Words(verb="lease-revoke", key="/a", prev_kv=True), "lease-revoke has no old value to ask for"),
    (Words(verb="get", key="/a", prev_kv=True), "get has no old value to ask for"),
    (Words(verb="range-stream", key="/a", prev_kv=True), "range-stream has no old value to ask for"),
    (Words(verb="compact", prev_kv=True), "compact has no old value to ask for"),
    (Words(verb="compact", is_hex=True), "compact takes no key"),
    (Words(verb="user-get"), "user-get needs a name"),
    (Words(verb="user-get", key="ann", range_end="bob"), "user-get takes a name and nothing else"),
    (Words(verb="role-get", key="one", prefix=True), "role-get takes a name and nothing else"),
    (Words(verb="user-get", key="616e6e", is_hex=True), "user-get takes a name and nothing else"),
    (Words(verb="user-get", key="ann", prev_kv=True), "user-get has no old value to ask for"),
]


@pytest.mark.parametrize(("words", "problem"), WRONG)
def test_what_is_refused(words: Words, problem: str) -> None:
    """The problem is named exactly."""
    with pytest.raises(InputError) as caught:
        read_request(words)
    assert [problem] == [one.what for one in caught.value.problems]


def test_a_verb_is_met_halfway() -> None:
    """The nearest verb is offered."""
    with pytest.raises(InputError) as caught:
        read_request(Words(verb="gett", key="/a"))
    assert "did you mean get?" == caught.value.problems[0].hint


def test_all_problems_at_once() -> None:
    """Two mistakes in one question are two problems."""
    with pytest.raises(InputError) as caught:
        read_request(Words(verb="put", key=r"\q", prefix=True))
    assert 2 == len(caught.value.problems)
