"""When auth that is on counts as unconfirmed: by what its guard wrote down last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ringfence.model.auth_status import Kind
from ringfence.model.guard import GuardRecord, GuardState
from ringfence.proof.diagnosis import unconfirmed

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
LEFT = {GuardState.ARMED, GuardState.HOLDING, GuardState.FIRING, GuardState.FAILED}


def record(state: GuardState, stores: tuple[str, ...] = ("v3",), why: str | None = None) -> GuardRecord:
    """Of a guard in this state."""
    return GuardRecord(id="a", state=state, at=AT, stores=stores, why=why)


@pytest.mark.parametrize("state", GuardState)
def test_the_state(state: GuardState) -> None:
    """A guard that reached its end left nothing open; any other one did, unless it is at work or auth is off."""
    assert (state in LEFT) == bool(unconfirmed(record(state), lives=False, on=["v3"]))
    assert () == unconfirmed(record(state), lives=True, on=["v3"])
    assert () == unconfirmed(record(state), lives=False, on=[])
    assert (state not in LEFT) == record(state).is_settled


def test_without_a_guard() -> None:
    """Auth that somebody switched on by other means is not ours to doubt."""
    assert () == unconfirmed(None, lives=False, on=["v3"])


@pytest.mark.parametrize(
    ("stores", "on", "found"),
    [
        (("v3",), ["v2"], False),  # v2 was proved before, and v3 did not come on
        (("v2",), ["v3"], False),
        (("v3", "v2"), ["v2"], True),
        (("v2",), ["v2"], True),
    ],
)
def test_of_which_store(stores: tuple[str, ...], on: list[str], found: bool) -> None:
    """It counts for the stores that the guard was to switch off."""
    assert found == bool(unconfirmed(record(GuardState.ARMED, stores), lives=False, on=on))


def test_what_is_said() -> None:
    """How it came, when, and what to do."""
    (finding,) = unconfirmed(record(GuardState.FAILED, why="no member answers"), lives=False, on=["v3"])
    assert Kind.UNCONFIRMED is finding.kind
    expected = "auth is on, and nobody vouches for it: the guard could not switch auth off again: no member answers"
    assert f"{expected} (2026-01-02 03:04 UTC)" == finding.what
    assert finding.hint is not None
    assert finding.hint.startswith("`ringfence verify`; then `ringfence auth confirm` keeps it on, or `ringfence auth")
