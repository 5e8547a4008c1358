"""Putting a program to work under all of its lines, then without each one, whatever the program is.

An ``Exercise`` knows its program; this knows roles. What must come of it is the same for all: no denial with every
line, a denial without one. A line whose absence nobody notices is reported as that, and is not a failure of the run:
the exercise may simply not have come by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from conformance.harness.denials import denials, first_denial
from conformance.harness.fence import Fence, component
from conformance.harness.lines import Known, grants, read_is_still_granted, read_only, taken_away
from conformance.harness.record import Run, Verdict
from ringfence.model.permission import Access

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One go of an exercise: whether the program did all it should, everything that it wrote, and facts."""

    done: bool
    text: str
    seen: Mapping[str, object] = field(default_factory=dict)


class Exercise(Protocol):
    """A program's work on a fence."""

    def prepare(self) -> None:
        """Put the keys in place that are there before the program comes; what an earlier go left is gone."""

    def attempt(self, *, to_the_end: bool) -> Attempt:
        """Do the work; unless ``to_the_end``, it may stop at the first denial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An exercise on a fence.

    Args:
        fence: the cluster.
        exercise: the work.
        identity: who does it.
        others: the components of the spec that stay as they are.
        tell: told what is seen, a sentence a step.
    """

    fence: Fence
    exercise: Exercise
    identity: str
    others: str
    tell: Tell

    def runs(self, lines: Sequence[Known]) -> tuple[tuple[Run, ...], tuple[Verdict, ...]]:
        """With every line, then without each one, then with each one only for reading."""
        whole = self._run("every line", grants(lines), tuple(line.text for line in lines), expect_denial=False)
        runs, verdicts = [whole], []
        for line in lines:
            if not whole.held:
                verdicts.append(Verdict(line=line.text, tested=False, without="not tried: not all worked with it"))
                continue
            away = self._narrowed(f"without {line.text}", taken_away(lines, line))
            weak = None
            if line.need.access is Access.READWRITE and not read_is_still_granted(lines, line):
                weak = self._narrowed(f"read only: {line.text}", read_only(lines, line))
            runs.extend(run for run in (away, weak) if run is not None)
            verdicts.append(
                Verdict(
                    line=line.text,
                    tested=away.first_denial is not None,
                    without=away.first_denial or "no denial: the exercise does not come by it",
                    read_only=None if weak is None else weak.first_denial or "no denial: only read was used",
                )
            )
        return tuple(runs), tuple(verdicts)

    def _narrowed(self, name: str, given: Sequence[str]) -> Run:
        return self._run(name, given, tuple(given), expect_denial=True)

    def _run(self, name: str, given: Sequence[str], shown: tuple[str, ...], *, expect_denial: bool) -> Run:
        self.fence.give(self.others + component(self.identity, given))
        self.exercise.prepare()
        start = time.monotonic()
        attempt = self.exercise.attempt(to_the_end=not expect_denial)
        found = first_denial(attempt.text)
        held = True if expect_denial else attempt.done and found is None
        seen = dict(attempt.seen)
        self.tell(f"{self.identity}, {name}: {found or ('done' if attempt.done else 'NOT done, and no denial')}")
        return Run(
            name=name,
            grants=shown,
            expected="a denial, where the exercise comes by the line" if expect_denial else "no denial",
            held=held,
            denials=len(list(denials(attempt.text))),
            first_denial=found,
            seconds=round(time.monotonic() - start, 1),
            seen=seen,
        )
