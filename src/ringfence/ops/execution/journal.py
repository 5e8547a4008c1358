"""What was done to users, roles and auth: JSON lines in ``journal.jsonl`` in the spec's folder of state.

One line before anything is changed and one when it is over, so that work which was killed shows as a beginning without
an end, and a journal that cannot be written stops the work before it starts. The guard alone writes both when it is
done: nothing may keep it from switching auth off. Names and keys stand in it, secrets never: a change has none. Beside
people with ``jq`` only ``last_seen`` reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import socket
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ringfence.changes.change import Change
from ringfence.changes.encoding import Json, encoded_change
from ringfence.changes.v2.change import ChangeV2
from ringfence.changes.v2.encoding import encoded_change_v2
from ringfence.errors import FileError, Place, RingfenceError
from ringfence.ops.state_folder import make, state_folder

FILE = "journal.jsonl"
"""What it is called in the spec's folder of state (``ops.state_folder``)."""

_FORMAT = 1
_LOCK_SECONDS = 5.0
_TRY_EVERY = 0.05

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is about to be done.

    Args:
        verb: as typed: ``apply``, ``destroy``, ``auth disable``; or ``guard``.
        cluster_id: etcd's own id of the cluster, None where nobody could be asked.
        changes: all of them, in order.
        plan: the digest of the plan, None where there is none.
        auth_revision: etcd's count of auth writes before, None where it does not tell.
        revision: of the key space before.
    """

    verb: str
    cluster_id: int | None = None
    changes: tuple[Change | ChangeV2, ...] = ()
    plan: str | None = None
    auth_revision: int | None = None
    revision: int | None = None


@dataclass(slots=True)
class Outcome:
    """What came of it, filled in while it goes on; ``made`` is the number of changes that etcd acknowledged."""

    result: str = "done"
    made: int = 0
    auth_revision: int | None = None
    revision: int | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal of one spec."""

    path: Path
    clock: Clock = lambda: datetime.now(UTC)

    @classmethod
    def beside(cls, spec: Path) -> Journal:
        """The journal of the spec at this path."""
        return cls(state_folder(spec) / FILE)

    @contextmanager
    def recording(self, act: Act) -> Iterator[Outcome]:
        """Write the beginning, and at the end what came of it, whether it went well or not.

        Raises:
            FileError: the beginning cannot be written, so nothing must be changed; or the end cannot, which says so.
        """
        number = secrets.token_hex(8)
        self._append({"event": "begin", "id": number, **_begun(act)})
        outcome = Outcome()
        try:
            yield outcome
        except RingfenceError as error:
            outcome.result = "failed"
            outcome.problems += [str(problem) for problem in error.problems]
            self._end(number, act, outcome, error)
            raise
        except BaseException:  # Ctrl-C, or a bug of ours
            outcome.result = "interrupted"
            self._end(number, act, outcome, None)
            raise
        self._end(number, act, outcome, None)

    def _end(self, number: str, act: Act, outcome: Outcome, under_way: RingfenceError | None) -> None:
        entry = {
            "event": "end",
            "id": number,
            "verb": act.verb,
            "plan": act.plan,
            "result": outcome.result,
            "made": outcome.made,
            "of": len(act.changes),
            "auth_revision": outcome.auth_revision,
            "revision": outcome.revision,
            "problems": outcome.problems,
        }
        try:
            self._append(entry)
        except FileError as error:
            if under_way is not None:
                raise type(under_way)(*under_way.problems, *error.problems) from None
            what = f"{outcome.made} changes were made, and the end of it is missing in the journal: "
            first = error.problems[0]
            raise FileError.of(what + first.what, place=first.place, hint=first.hint) from None

    def _append(self, entry: Mapping[str, Json]) -> None:
        line = {"format": _FORMAT, "at": self.clock().isoformat(timespec="milliseconds"), "by": _who(), **entry}
        try:
            make(self.path.parent)
            _write(self.path, json.dumps(line).encode() + b"\n")
        except OSError as error:
            hint = "make the file or its folder writable for you; nothing is changed without a journal"
            what = f"the journal cannot be written: {error.strerror}"
            raise FileError.of(what, place=Place(str(self.path)), hint=hint) from None


def _begun(act: Act) -> dict[str, Json]:
    return {
        "verb": act.verb,
        "plan": act.plan,
        "cluster_id": None if act.cluster_id is None else f"{act.cluster_id:x}",
        "auth_revision": act.auth_revision,
        "revision": act.revision,
        "changes": [_encoded(change) for change in act.changes],
    }


def _encoded(change: Change | ChangeV2) -> dict[str, Json]:
    return encoded_change_v2(change) if isinstance(change, ChangeV2) else encoded_change(change)


def _write(path: Path, line: bytes) -> None:
    """Add a line, whole or not at all, after whoever is writing just now; synced to disk."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(path, flags, 0o600)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is no plain file")
        if stat.S_IMODE(found.st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
        _lock(descriptor)
        size = os.fstat(descriptor).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except BaseException:  # Ctrl-C too: half a line would spoil the journal
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Wait for whoever is writing, but not for one that was stopped in the middle of it."""
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(0, "somebody else keeps it locked") from None
            time.sleep(_TRY_EVERY)
        else:
            return


def _who() -> str:
    """The user and the machine; a user without a name is a number."""
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    return f"{user}@{socket.gethostname()}"
