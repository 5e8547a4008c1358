"""How everything here is measured: several ways to do one job, in rounds that take turns, compared within a round.

A machine that is shared changes its speed within minutes. So the ways alternate, a ratio is taken inside each round,
and what is reported is the median of the rounds with the smallest and the largest.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

Tell = Callable[[str], None]
"""Told what is being measured."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the job; ``run`` does it once and returns its figure, a rate or a time."""

    name: str
    run: Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one way reached in each round."""

    name: str
    values: tuple[float, ...]

    def over(self, other: Figure) -> tuple[float, ...]:
        """This figure as a multiple of another one, round by round."""
        return tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True))


@dataclass(frozen=True, slots=True)
class Aim:
    """The range that a ratio should be in; what is left out is no bound."""

    at_least: float = 0.0
    at_most: float = math.inf

    def reached(self, value: float) -> bool:
        """Whether the value is in it."""
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True, slots=True)
class Ratio:
    """A comparison of two ways, one value a round; its median is held against the aim, where there is one."""

    name: str
    values: tuple[float, ...]
    aim: Aim | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the median is as it should be; None without an aim."""
        return None if self.aim is None else self.aim.reached(median(self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The results of one job.

    Args:
        job: what was done.
        setting: what was done exactly, and on what.
        unit: of the figures.
        notes: what a reader must know to read them rightly.
    """

    job: str
    setting: str
    unit: str
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...] = ()


async def in_turns(ways: Sequence[Way], rounds: int, tell: Tell) -> tuple[Figure, ...]:
    """Run every way once a round; every second round goes backwards, so that nobody always runs in another's wake."""
    values: dict[str, list[float]] = {way.name: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            gc.collect()
            value = await way.run()
            values[way.name].append(value)
            tell(f"round {number + 1} of {rounds}: {way.name}: {value:,.1f}")
    return tuple(Figure(way.name, tuple(values[way.name])) for way in ways)
