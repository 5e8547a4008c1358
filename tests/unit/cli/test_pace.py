"""How fast: what `--pace` takes, and what it refuses."""

from __future__ import annotations

import click
import pytest

from ringfence.cli.changing import pace
from ringfence.ops.reach.pace import Pace


@pytest.mark.parametrize(
    ("text", "expected"), [(None, None), ("2/s", Pace(2)), ("0.5", Pace(0.5)), ("0.001/s", Pace(0.001))]
)
def test_a_pace(text: str | None, expected: Pace | None) -> None:
    """Writes a second, with or without the unit; none is left to the cluster."""
    assert expected == pace(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        *((text, "is not a number of writes a second") for text in ("0", "-1", "nan", "inf", "abc", "5/m", "")),
        *((text, "is slower than 0.001/s, and would hardly end") for text in ("1e-320", "1e-300/s", "0.0009/s")),
    ],
)
def test_no_pace(text: str, why: str) -> None:
    """What is no number, and what would sleep for ever."""
    with pytest.raises(click.BadParameter) as refused:
        pace(text)
    assert f"{text!r} {why}" in refused.value.message
