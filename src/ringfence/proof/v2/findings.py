"""What to know of a cluster's v2 store beyond the proof: an API that nobody asked for, switches that differ, what lies
about. Pure.

Nothing here is a violation by itself: the proof (``proof.v2.verification``) says whether the fence holds.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringfence.model.v2 import GUEST_ROLE, Pattern, StateV2
from ringfence.rules.v2.overlaps import overlap, reaches


class KindV2(enum.Enum):
    """What was found; the values stand in JSON."""

    UNASKED = "v2-unasked"
    V2_OPEN = "v2-auth-off"
    V3_OPEN = "v3-auth-off"
    GUEST = "v2-guest"
    UNCLAIMED = "v2-unclaimed"
    STOPPABLE = "v2-writers-can-stop-members"


@dataclass(frozen=True, slots=True)
class FindingV2:
    """One thing to know, and what to do about it; without a full stop, as problems are written."""

    kind: KindV2
    what: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenV2:
    """What was seen of the v2 store.

    Args:
        auth: whether v2 auth is on at each member that serves v2, by the member's name.
        v3_auth: whether v3 auth is on.
        state: users and roles, None where they may not be read.
        data: keys and directories that no component of the spec claims.
    """

    auth: dict[str, bool]
    v3_auth: bool
    state: StateV2 | None = None
    data: tuple[str, ...] = ()


_MOST_NAMED = 8
_OFF = "start every member without enable-v2"
_STOP = (
    "no release of etcd mends it (seen on 3.4.23, 3.5.1 and 3.5.35): let only those write in v2 who may stop the"
    " cluster, and move them to v3"
)


def findings(seen: SeenV2, api: Sequence[str], writable: Iterable[Pattern] = ()) -> tuple[FindingV2, ...]:
    """What there is to tell, the most urgent first.

    Args:
        seen: what was seen; where no member serves v2, there is nothing to tell.
        api: the APIs that the spec is for.
        writable: the patterns by which somebody below root may write, by the spec.
    """
    return tuple(_findings(seen, api, tuple(writable))) if seen.auth else ()


def _findings(seen: SeenV2, api: Sequence[str], writable: tuple[Pattern, ...]) -> Iterator[FindingV2]:
    is_on = all(seen.auth.values())
    open_members = [name for name, auth in sorted(seen.auth.items()) if not auth]
    if "v2" not in api:
        yield _unasked(seen, is_on=is_on)
    elif not is_on and seen.v3_auth:
        where = ", ".join(open_members)
        what = f"v2 auth is off while that of v3 is on ({where}): whoever has a certificate may do everything in v2"
        yield FindingV2(KindV2.V2_OPEN, what, "ringfence apply switches it on")
    if is_on and not seen.v3_auth:
        what = "v3 auth is off while that of v2 is on: whoever has a certificate may do everything in v3"
        hint = "ringfence apply switches it on" if "v3" in api else "say cluster.api: [v2, v3], and ringfence apply"
        yield FindingV2(KindV2.V3_OPEN, what, hint)
    guest = None if seen.state is None else seen.state.roles.get(GUEST_ROLE)
    if guest is not None and (guest.read or guest.write):
        granted = _named(sorted({pattern.text for pattern in guest.read | guest.write}))
        what = f"the role guest has patterns, and so has whoever is no v2 user: {granted}"
        hint = "ringfence apply takes them away" if "v2" in api else f"etcdctl role revoke guest, or {_OFF}"
        yield FindingV2(KindV2.GUEST, what, hint)
    if "v2" in api and any(pattern.stem is not None for pattern in writable):
        what = (
            "whoever may write below some path in v2 can stop every member for good, by a path like one of etcd's own"
        )
        yield FindingV2(KindV2.STOPPABLE, what, _STOP)
    if "v2" in api and seen.data:
        what = f"v2 has data that no component of the spec claims: {_named(seen.data)}"
        yield FindingV2(KindV2.UNCLAIMED, what, "root alone can reach it: add whose it is to the spec, or delete it")


def _unasked(seen: SeenV2, *, is_on: bool) -> FindingV2:
    members = ", ".join(sorted(seen.auth))
    data = f"; it holds {_named(seen.data)}" if seen.data else ""
    if is_on:
        what = f"v2 is served ({members}) and no business of the spec, though its auth is on{data}"
        return FindingV2(KindV2.UNASKED, what, f"say cluster.api: [v2, v3] to have it fenced and proved, or {_OFF}")
    what = f"v2 is served ({members}) without auth: whoever has a certificate may write there, and stop members{data}"
    return FindingV2(KindV2.UNASKED, what, f"{_OFF}, or say cluster.api: [v2, v3] to have it fenced")


def is_claimed(path: str, patterns: Iterable[Pattern]) -> bool:
    """Whether a key or directory is within reach of one of the patterns."""
    return any(reaches(pattern, path) for pattern in patterns)


def may_hold_claimed(directory: str, patterns: Iterable[Pattern]) -> bool:
    """Whether something below a directory may be within reach of one of the patterns."""
    below = Pattern(f"{directory.rstrip('/')}/*")
    return any(overlap(below, pattern) for pattern in patterns)


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
