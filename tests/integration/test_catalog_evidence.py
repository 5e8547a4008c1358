"""What the catalog calls tested was run: each such line has a result in ``conformance/results`` that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.catalog.entry import Evidence, Line, Run
from ringfence.catalog.load import load

RESULTS = sorted((Path(__file__).parents[2] / "conformance" / "results").glob("*.json"))


def lines_with_runs() -> list[tuple[str, Line]]:
    """Every line of the catalog that names a run."""
    return [(name, line) for name, entry in load().entries.items() for line in entry.lines if line.tested]


def held_runs() -> set[Run]:
    """The runs of which a result is kept, and which showed what was expected."""
    results = [json.loads(path.read_text(encoding="utf-8")) for path in RESULTS]
    return {Run(each["program"], each["version"], each["etcd"]) for each in results if each["held"]}


def test_there_are_results() -> None:
    """An empty folder would prove everything."""
    assert len(RESULTS) >= 5
    assert lines_with_runs()


@pytest.mark.parametrize(
    ("name", "line"), lines_with_runs(), ids=lambda part: part if isinstance(part, str) else part.path
)
def test_a_tested_line_has_its_result(name: str, line: Line) -> None:
    """The program, its release and the etcd that the line names are those of a kept result."""
    assert set(line.tested) <= held_runs()
    assert Evidence.TESTED is line.evidence


def test_what_was_not_seen_is_not_called_tested() -> None:
    """A line that the exercise never came by stays as well known as it was."""
    unseen = {
        (result["program"], line["line"].split()[-1])
        for result in (json.loads(path.read_text(encoding="utf-8")) for path in RESULTS)
        for line in result["lines"]
        if not line["tested"]
    }
    assert unseen
    assert not {(name, line.path) for name, line in lines_with_runs()} & unseen
