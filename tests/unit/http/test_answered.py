"""What is read out of an HTTP answer."""

from __future__ import annotations

import pytest

from ringfence.http.answered import Answered


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'{"keys": ["a"]}', {"keys": ["a"]}),
        (b"{}", {}),
        (b"", None),
        (b"null", None),
        (b"[1]", None),
        (b'{"keys":', None),
        (b'{"keys": "\xff\xfe"}', None),
        (b"[" * 200_000, None),
        (b"<html>", None),
    ],
)
def test_only_an_object_is_content(body: bytes, content: dict[str, object] | None) -> None:
    """Whatever else there is, is none: not JSON, not an object, not UTF-8, or too deep."""
    assert content == Answered(200, {}, body).content


def test_a_body_is_shown_nowhere() -> None:
    """It may hold a token; the text of it is for who asks."""
    answer = Answered(200, {}, b'{"client_token": "SECRET"} \xff')
    assert "SECRET" not in repr(answer)
    assert '{"client_token": "SECRET"} \N{REPLACEMENT CHARACTER}' == answer.text


@pytest.mark.parametrize(("status", "success"), [(199, False), (200, True), (204, True), (299, True), (301, False)])
def test_a_yes(status: int, success: bool) -> None:
    """The two hundreds alone."""
    assert success is Answered(status, {}, b"").is_success
