"""The splice engine: everything at once, nothing else touched, nothing ambiguous."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.yamlio.edit import Splice, spliced


@st.composite
def _texts_with_splices(draw: st.DrawFn) -> tuple[list[str], list[str], list[str]]:
    """Pieces of a text that stay, between them pieces to replace, and what replaces them."""
    count = draw(st.integers(0, 5))
    stay = draw(st.lists(st.text(min_size=1, max_size=4), min_size=count + 1, max_size=count + 1))
    old = draw(st.lists(st.text(max_size=4), min_size=count, max_size=count))
    new = draw(st.lists(st.text(max_size=4), min_size=count, max_size=count))
    return stay, old, new


def _joined(stay: list[str], between: list[str]) -> str:
    return "".join(piece for pair in zip(stay, [*between, ""], strict=True) for piece in pair)


@given(_texts_with_splices(), st.randoms())
def test_pieces_are_replaced_and_the_rest_stays(
    pieces: tuple[list[str], list[str], list[str]],
    random: Random,
) -> None:
    """Whatever the order of the splices, the text is the kept pieces with the new ones between them."""
    stay, old, new = pieces
    splices = []
    start = 0
    for kept, gone, put in zip(stay, old, new, strict=False):
        start += len(kept)
        splices.append(Splice(start, start + len(gone), put))
        start += len(gone)
    random.shuffle(splices)
    assert _joined(stay, new) == spliced(_joined(stay, old), splices)


def test_neighbours_do_not_overlap() -> None:
    """A splice may start where another ends, and an insertion may stand at either side of it."""
    splices = [Splice(1, 2, "B"), Splice(2, 3, "C"), Splice(1, 1, "<"), Splice(3, 3, ">")]
    assert "a<BC>d" == spliced("abcd", splices)


@pytest.mark.parametrize(
    "splices",
    [
        [Splice(0, 2, "x"), Splice(1, 3, "y")],
        [Splice(0, 3, "x"), Splice(1, 1, "y")],
        [Splice(0, 3, "x"), Splice(1, 2, "y")],
        [Splice(1, 2, "x"), Splice(1, 2, "x")],
        [Splice(1, 1, "x"), Splice(1, 1, "y")],
        [Splice(-1, 1, "x")],
        [Splice(2, 1, "x")],
        [Splice(3, 5, "x")],
    ],
)
def test_what_is_ambiguous_is_refused(splices: list[Splice]) -> None:
    """Overlaps, two insertions at one place, and offsets outside of the text have no one meaning."""
    with pytest.raises(ValueError, match=r"overlap|not inside"):
        spliced("abcd", splices)


def test_the_text_of_a_splice_is_not_shown() -> None:
    """It may be a private key, so neither its representation nor an error holds it."""
    splice = Splice(0, 9, "hush")
    assert "hush" not in repr(splice)
    with pytest.raises(ValueError, match="not inside") as raised:
        spliced("abcd", [splice])
    assert "hush" not in str(raised.value)
