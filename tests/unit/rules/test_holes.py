"""The known holes, on both sides of each border."""

from __future__ import annotations

import pytest

from ringfence.model.version import Version
from ringfence.rules.holes import REVIEWED, holes, is_reviewed

NESTED, UNCHECKED, WATCH, PUT = "CVE-2026-33343", "CVE-2026-33413", "GHSA-xg4h-6gfc-h4m8", "CVE-2026-44283"
FULL, LEASE, EMPTY, GATEWAY = "etcd-22386", "CVE-2023-32082", "etcd-empty-ranges", "CVE-2018-16886"


def ids(version: str) -> set[str]:
    """The ids of a release's holes."""
    parsed = Version.parse(version)
    assert parsed is not None
    return {hole.id for hole in holes(parsed)}


BORDERS = [
    (NESTED, "3.4.41", "3.4.42"),
    (NESTED, "3.5.27", "3.5.28"),
    (NESTED, "3.6.8", "3.6.9"),
    (UNCHECKED, "3.4.41", "3.4.42"),
    (UNCHECKED, "3.5.27", "3.5.28"),
    (UNCHECKED, "3.6.8", "3.6.9"),
    (WATCH, "3.5.32", "3.5.33"),
    (WATCH, "3.6.13", "3.6.14"),
    (WATCH, "3.7.0", "3.7.1"),
    (PUT, "3.4.43", "3.4.44"),
    (PUT, "3.5.29", "3.5.30"),
    (PUT, "3.6.10", "3.6.11"),
    (FULL, "3.5.33", "3.6.0"),
    (LEASE, "3.4.25", "3.4.26"),
    (LEASE, "3.5.8", "3.5.9"),
    (EMPTY, "3.4.24", "3.4.25"),
    (EMPTY, "3.5.7", "3.5.8"),
    (GATEWAY, "3.2.25", "3.2.26"),
    (GATEWAY, "3.3.10", "3.3.11"),
]


@pytest.mark.parametrize(("hole", "last", "first_fixed"), BORDERS)
def test_a_hole_ends_with_the_release_that_fixes_it(hole: str, last: str, first_fixed: str) -> None:
    """The last release with a hole has it, the next one has not."""
    assert hole in ids(last)
    assert hole not in ids(first_fixed)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("3.6.14", set()),
        ("3.7.1", set()),
        ("3.8.0", set()),
        ("4.0", set()),
        ("3.5.33", {FULL}),
        ("3.4.45", {WATCH, FULL}),
        ("3.5.1", {NESTED, UNCHECKED, WATCH, PUT, FULL, LEASE, EMPTY}),
        ("3.4.23", {NESTED, UNCHECKED, WATCH, PUT, FULL, LEASE, EMPTY}),
        ("3.3.27", {NESTED, UNCHECKED, WATCH, PUT, FULL, LEASE, EMPTY}),
        ("3.2.32", {UNCHECKED, WATCH, PUT, FULL, LEASE, EMPTY}),
    ],
)
def test_the_holes_of_a_release(version: str, expected: set[str]) -> None:
    """Whole sets: the newest of each line, those the tests run on, and lines nobody has reviewed."""
    assert expected == ids(version)


@pytest.mark.parametrize("line", ["3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8"])
def test_a_whole_line_is_its_worst_release(line: str) -> None:
    """A line without patch number has the holes of its first release."""
    assert ids(f"{line}.0") == ids(line)


def test_a_hole_names_the_releases_that_fix_it_in_order() -> None:
    """What to upgrade to is listed line by line, only releases that exist, and empty where there is none."""
    found = {hole.id: [str(version) for version in hole.fixed_in] for hole in holes(Version(3, 5, 1))}
    assert ["3.4.42", "3.5.28", "3.6.9", "3.7.0"] == found[NESTED]
    assert ["3.5.33", "3.6.14", "3.7.1"] == found[WATCH]
    assert ["3.6.0"] == found[FULL]


def test_a_hole_says_what_it_means_and_how_it_was_found() -> None:
    """Every hole has a title, a consequence and a source, and is found by version."""
    for hole in (*holes(Version(3, 2, 0)), *holes(Version(3, 5, 1))):
        assert hole.title
        assert hole.consequence
        assert hole.source.startswith("https://")
        assert "by version" == hole.how


@pytest.mark.parametrize(
    ("last", "next_"),
    [("3.2.32", "3.2.33"), ("3.4.45", "3.4.46"), ("3.5.35", "3.5.36"), ("3.6.16", "3.6.17"), ("3.7.3", "3.7.4")],
)
def test_what_came_after_the_review_is_told_apart(last: str, next_: str) -> None:
    """The newest release of a line that was reviewed, and the one after it."""
    reviewed, unknown = Version.parse(last), Version.parse(next_)
    assert reviewed is not None
    assert unknown is not None
    assert (True, False) == (is_reviewed(reviewed), is_reviewed(unknown))
    assert REVIEWED.year >= 2026


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3.5", True), ("3.7", True), ("3.8", False), ("3.8.0", False), ("4.0", False), ("3.3.0", True)],
)
def test_whole_lines_are_reviewed_or_not(version: str, expected: bool) -> None:
    """A line counts as what was reviewed of it; a newer line was not."""
    parsed = Version.parse(version)
    assert parsed is not None
    assert expected == is_reviewed(parsed)


def test_sources_are_advisories_where_there_is_one() -> None:
    """What has a number has a page of its own."""
    advisories = {hole.id: hole.source for hole in holes(Version(3, 5, 1)) if hole.id.startswith(("CVE", "GHSA"))}
    assert all("/security/advisories/GHSA-" in source for source in advisories.values()), advisories
    assert advisories[PUT].endswith("GHSA-x35m-3gp4-4fh5")
