"""What the guard process tells of itself: a value that is written beside the spec and shown."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class GuardState(enum.Enum):
    """Where a guard stands.

    ``ARMED``: it watches over a proof. ``HOLDING``: the proof passed, and somebody has to confirm. ``FIRING``: it
    switches auth off. The others are ends: ``OFF`` it did; ``FAILED`` it could not; ``STOOD_DOWN`` ringfence ended
    its task itself; ``CONFIRMED`` somebody confirmed.
    """

    ARMED = "armed"
    HOLDING = "holding"
    FIRING = "firing"
    OFF = "switched-off"
    FAILED = "failed"
    STOOD_DOWN = "stood-down"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRecord:
    """The last thing that a guard wrote down.

    Args:
        id: tells one guard from another.
        state: where it stands.
        at: since when, UTC.
        until: while ``HOLDING``: when it switches auth off unless somebody confirms.
        why: what made it fire, or why it failed.
        stores: whose auth it is to switch off: ``v3``, ``v2`` or both.
    """

    id: str
    state: GuardState
    at: datetime
    until: datetime | None = None
    why: str | None = None
    stores: tuple[str, ...] = ("v3",)

    @property
    def is_settled(self) -> bool:
        """Whether its task is over and done: auth is off, or was proved or confirmed."""
        return self.state in {GuardState.OFF, GuardState.STOOD_DOWN, GuardState.CONFIRMED}
