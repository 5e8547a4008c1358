"""Which patterns let their holders meet, and which never match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.v2 import Pattern
from ringfence.rules.v2.overlaps import overlap, reaches

OVERLAPS = [
    ("/calico/*", "/registry/*", False),
    ("/calico/*", "/calico2/*", False),
    ("/calico*", "/calico2/*", True),
    ("/calico/*", "/calico/v1/*", True),
    ("/calico", "/calico/*", True),
    ("/calico/", "/calico", True),
    ("/calico", "/calico/v1/a", True),
    ("/calico", "/calico/v1/*", True),
    ("/calico", "/calico2", False),
    ("/calico/a", "/calico/b", False),
    ("/calico/a*", "/calico/b*", False),
    ("/", "/calico/a", True),
    ("*", "/calico", True),
    ("/*", "/calico", True),
    ("/cal*co", "/calico", False),
]


@pytest.mark.parametrize(("one", "other", "expected"), OVERLAPS)
def test_overlap(one: str, other: str, expected: bool) -> None:
    """A path that both match, or a directory of which one is above what the other matches; in either order."""
    assert expected is overlap(Pattern(one), Pattern(other))
    assert expected is overlap(Pattern(other), Pattern(one))


REACHES = [
    ("/calico/*", "/calico", True),
    ("/calico/*", "/calico/a", True),
    ("/calico/*", "/calico2", False),
    ("/calico", "/calico/a/b", True),
    ("/calico", "/calico", True),
    ("/calico", "/calico2", False),
    ("/cal*", "/calico2", True),
]


@pytest.mark.parametrize(("pattern", "key", "expected"), REACHES)
def test_reaches(pattern: str, key: str, expected: bool) -> None:
    """A directory is reached by the pattern of what is in it, and with a directory all below it."""
    assert expected is reaches(Pattern(pattern), key)


PARTS = st.sampled_from(["a", "b", "ab", "c"])
PATHS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "".join(f"/{part}" for part in parts))
TEXTS = st.one_of(
    PATHS, PATHS.map(lambda path: f"{path}/"), PATHS.map(lambda path: f"{path}/*"), PATHS.map("{}*".format)
)


@given(TEXTS.map(Pattern), TEXTS.map(Pattern), PATHS)
def test_patterns_that_match_a_path_together_overlap(one: Pattern, other: Pattern, path: str) -> None:
    """Whatever both match, with or without a slash at its end, is where their holders meet."""
    for text in (path, f"{path}/"):
        if one.matches(text) and other.matches(text):
            assert overlap(one, other)
        if one.matches(text):
            assert reaches(one, path)
