"""The spec's folder of state (``ops.state_folder``), in which guard and command line meet: for its owner alone.

``guard.lock`` is locked by the kernel for as long as a guard lives, ``guard.json`` says where it stands, and
``guard-confirm`` asks it to let auth stay on. ``guard.log`` keeps what guards did, a JSON object a line. No key and
no certificate is ever written here.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ringfence.errors import FileError, Place
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.ops.publish import publish
from ringfence.ops.state_folder import levels, make, state_folder

_TRY_EVERY = 0.1
_ANOTHER_HINT = "see `ringfence auth status`; it ends with its task"


@dataclass(frozen=True, slots=True)
class GuardFolder:
    """The folder; it need not exist before a guard is started.

    Every method raises FileError where the file system refuses.
    """

    path: Path

    @classmethod
    def beside(cls, spec: str | Path) -> GuardFolder:
        """The folder that belongs to a spec."""
        return cls(state_folder(spec))

    @property
    def log(self) -> Path:
        """What guards did."""
        return self.path / "guard.log"

    @contextmanager
    def held(self, patience: float = 1.0) -> Iterator[None]:
        """Be the only guard; the folder is made if need be.

        Args:
            patience: seconds to wait for another one to end; whoever looks whether one lives holds it for a moment.

        Raises:
            FileError: there is another guard, or others than the owner may write here.
        """
        with _naming(self.path):
            make(self.path)
        for each in levels(self.path):
            with _naming(each):
                status = each.stat()
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                hint = "whoever can write there can confirm: chown and chmod 700 it"
                raise FileError.of("others may write in this folder", place=Place(str(each)), hint=hint)
        descriptor = self._open_lock(os.O_CREAT)
        assert descriptor is not None
        try:
            deadline = time.monotonic() + patience
            while not _locked(descriptor, fcntl.LOCK_EX):
                if time.monotonic() >= deadline:
                    place = Place(str(self.path))
                    raise FileError.of("another guard is at work for this spec", place=place, hint=_ANOTHER_HINT)
                time.sleep(_TRY_EVERY)
            yield
        finally:
            os.close(descriptor)

    @property
    def is_held(self) -> bool:
        """Whether a guard lives."""
        descriptor = self._open_lock(0)
        if descriptor is None:
            return False
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def standing(self) -> tuple[GuardRecord | None, bool]:
        """What the last guard wrote down, and whether it lives, both of the same moment."""
        record, lives = self.read(), self.is_held
        return (record, True) if lives else (self.read(), self.is_held)  # what it wrote last, just before it ended

    def read(self) -> GuardRecord | None:
        """What the last guard wrote down; None where there was none."""
        text = self._read("guard.json")
        if text is None:
            return None
        try:
            told = json.loads(text)
            return GuardRecord(
                id=str(told["id"]),
                state=GuardState(told["state"]),
                at=datetime.fromisoformat(told["at"]),
                until=datetime.fromisoformat(told["until"]) if told["until"] else None,
                why=told["why"],
                stores=tuple(str(each) for each in told.get("stores", ["v3"])),
            )
        except (ValueError, KeyError, TypeError):
            return None

    def write(self, record: GuardRecord) -> None:
        """Write down where the guard stands, and add it to the log."""
        text = json.dumps(
            {
                "id": record.id,
                "state": record.state.value,
                "at": record.at.isoformat(timespec="milliseconds"),
                "until": record.until.isoformat(timespec="milliseconds") if record.until else None,
                "why": record.why,
                "stores": record.stores,
            }
        )
        publish({self.path / "guard.json": f"{text}\n"}, private=True)
        with _naming(self.log):
            descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, f"{text}\n".encode())
            finally:
                os.close(descriptor)

    def ask_to_confirm(self, guard: str) -> None:
        """Ask the guard with this id to let auth stay on."""
        publish({self.path / "guard-confirm": guard}, private=True)

    def let_go(self, why: str) -> None:
        """End a guard that waits, when auth is off: it would fire into a later try. One that is dead has ended, too."""
        record, lives = self.standing()
        if record is None or record.is_settled:
            return
        if not lives:
            self.settle(GuardState.OFF, why)
        elif record.state is GuardState.HOLDING:
            self.ask_to_confirm(record.id)

    def settle(self, state: GuardState, why: str) -> None:
        """Write down the end of a guard that died before it had one.

        Raises:
            FileError: a guard lives.
        """
        with self.held():
            record = self.read()
            if record is not None and not record.is_settled:
                self.write(replace(record, state=state, at=now(), until=None, why=why))

    def is_asked_to_confirm(self, guard: str) -> bool:
        """Whether somebody asked the guard with this id."""
        return self._read("guard-confirm") == guard

    def _read(self, name: str) -> str | None:
        with _naming(self.path / name):
            try:
                return (self.path / name).read_text(encoding="utf-8")
            except FileNotFoundError:
                return None

    def _open_lock(self, create: int) -> int | None:
        path = self.path / "guard.lock"
        with _naming(path):
            try:
                return os.open(path, os.O_RDWR | create | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:
                return None


def now() -> datetime:
    """This moment, as records have it."""
    return datetime.now(UTC)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError.of(f"cannot be used: {error.strerror}", place=Place(str(path))) from None
