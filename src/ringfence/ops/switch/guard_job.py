"""What ringfence and its guard say to each other, a line at a time, over two pipes.

The job goes first, with root's key in it: over a pipe, so that it is in no argument, no variable and no file. Then
ringfence sends orders, and the guard answers those that need an answer.
"""

from __future__ import annotations

import base64
import enum
import json
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.errors import InputError
from ringfence.model.credentials import Credentials, SpareKey
from ringfence.model.names import UserName


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardJob:
    """What a guard must know.

    Args:
        endpoints: client URLs of all members.
        credentials: root's.
        spare: the second way in; see ``ops.switch.spare_key``.
        folder: see ``GuardFolder``; absolute.
        stores: whose auth is to go off: ``v3``, ``v2`` or both.
        silence_seconds: without a word from ringfence for so long it counts as dead, also when it is only stopped.
        trying_seconds: how long it is tried to switch auth off when no member answers.
    """

    endpoints: tuple[str, ...]
    credentials: Credentials = field(repr=False)
    spare: SpareKey
    folder: Path
    stores: tuple[str, ...] = ("v3",)
    silence_seconds: float = 60.0
    trying_seconds: float = 900.0

    def to_line(self) -> bytes:
        """The job as its line. It holds a private key: for the pipe only."""
        shown = (self.credentials.ca, self.credentials.certificate or b"", self.credentials.key or b"")
        return _line(
            {
                "endpoints": self.endpoints,
                "credentials": [base64.b64encode(each).decode() for each in shown],
                "spare": [self.spare.user, self.spare.password],
                "folder": str(self.folder),
                "stores": self.stores,
                "silence_seconds": self.silence_seconds,
                "trying_seconds": self.trying_seconds,
            }
        )

    @classmethod
    def from_line(cls, line: bytes) -> GuardJob:
        """Read it back.

        Raises:
            InputError: it is no such line.
        """
        try:
            told = json.loads(line)
            ca, certificate, key = (base64.b64decode(each) for each in told["credentials"])
            return cls(
                endpoints=tuple(str(each) for each in told["endpoints"]),
                credentials=Credentials(ca, certificate, key),
                spare=SpareKey(UserName(str(told["spare"][0])), str(told["spare"][1])),
                folder=Path(told["folder"]),
                stores=tuple(str(each) for each in told["stores"]),
                silence_seconds=float(told["silence_seconds"]),
                trying_seconds=float(told["trying_seconds"]),
            )
        except (ValueError, KeyError, TypeError):
            raise InputError.of("this is no job for a guard", hint="`ringfence apply` starts it") from None


class Order(enum.Enum):
    """What ringfence sends after the job.

    ``ALIVE``: it still works. ``SWITCHED``: etcd has acknowledged that auth is on. ``CONFIRMED``: the task is over.
    ``HOLD``, with seconds: wait for ``auth confirm``.
    """

    ALIVE = "alive"
    SWITCHED = "switched"
    CONFIRMED = "confirmed"
    HOLD = "hold"

    def to_line(self, seconds: float | None = None) -> bytes:
        """The order as its line."""
        return _line([self.value, seconds])


def read_order(line: bytes) -> tuple[Order, float] | None:
    """An order and its seconds (0 where it has none); None for what is none, such as a line cut off."""
    if not line.endswith(b"\n"):
        return None
    try:
        word, seconds = json.loads(line)
        return Order(word), float(seconds or 0)
    except (ValueError, TypeError):
        return None


class Reply(enum.Enum):
    """What the guard answers: to the job ``ARMED`` or ``NOT_ARMED``, to an order that it follows ``DONE``.

    ``FIRED``: it had switched auth off before the order came.
    """

    ARMED = "armed"
    NOT_ARMED = "not-armed"
    DONE = "done"
    FIRED = "fired"

    def to_line(self, why: str = "") -> bytes:
        """The answer as its line."""
        return _line([self.value, why])


def read_reply(line: bytes) -> tuple[Reply, str] | None:
    """An answer and its reason; None where the guard is gone."""
    try:
        word, why = json.loads(line)
        return Reply(word), str(why)
    except (ValueError, TypeError):
        return None


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
