"""What a scenario saw, as values, and the JSON file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The program at work under one role.

    Args:
        name: which role and which choice.
        grants: the role, line by line.
        expected: ``no denial`` or ``a denial``.
        held: whether that is what was seen.
        denials: how many lines of its output tell of a denial.
        first_denial: the first of them.
        seconds: how long it worked.
        seen: figures and facts of the run, by name.
    """

    name: str
    grants: tuple[str, ...]
    expected: str
    held: bool
    denials: int
    first_denial: str | None
    seconds: float
    seen: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the runs say of one line of the catalog.

    Args:
        line: the line, as a person reads it.
        tested: the program worked with all lines, and etcd denied it something without this one.
        without: what was seen without the line.
        read_only: what was seen when a line of ``readwrite`` gave only ``read``; None where that was not tried.
    """

    line: str
    tested: bool
    without: str
    read_only: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A scenario from start to end, or why it was not run."""

    scenario: str
    program: str
    version: str | None
    etcd: str
    date: str
    not_run: str | None = None
    runs: tuple[Run, ...] = ()
    lines: tuple[Verdict, ...] = ()

    @property
    def held(self) -> bool:
        """Whether every run showed what was expected of it; True where nothing ran."""
        return all(run.held for run in self.runs)


def write(record: Record, folder: Path) -> Path:
    """Keep a record as ``SCENARIO-VERSION-etcd-VERSION.json``; one that did not run is not kept."""
    path = folder / f"{record.scenario}-{record.version}-etcd-{record.etcd}.json"
    path.write_text(json.dumps({"held": record.held} | asdict(record), indent=2, ensure_ascii=False) + "\n")
    return path
