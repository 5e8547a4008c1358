"""The end of a member's log."""

from __future__ import annotations

import pytest

from ringfence.local.lastwords import last_words, taken_address

INFO = '{"level":"info","msg":"starting"}'
FATAL = '{"level":"fatal","msg":"discovery failed","error":"listen tcp 127.0.0.1:2380: bind: address already in use"}'


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", ()),
        (INFO, ("starting",)),
        (
            f"{INFO}\n{FATAL}\n{INFO}",
            ("discovery failed: listen tcp 127.0.0.1:2380: bind: address already in use",),
        ),
        ("one\n\ntwo  \n", ("one", "two")),
        ("[1]\n", ("[1]",)),
        ("\n".join("abcdefg"), ("c", "d", "e", "f", "g")),
    ],
)
def test_grave_lines_win_over_the_last_ones(log: str, expected: tuple[str, ...]) -> None:
    """Lines that tell of a failure are quoted without their JSON; else the last five as they are."""
    assert expected == last_words(log)


@pytest.mark.parametrize(("log", "expected"), [(FATAL, "127.0.0.1:2380"), (INFO, None), ("", None)])
def test_a_taken_port_is_found(log: str, expected: str | None) -> None:
    """The address that was in use is read from the log, where that was it."""
    assert expected == taken_address(log)
