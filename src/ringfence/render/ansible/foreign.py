"""An inventory of the operator's, compared with the spec: which hosts only one of the two has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ringfence.errors import InputError, Place, Problem

_MOST = 20
"""More than these in one group, and another inventory is meant; the rest is counted."""

_HINT = "write it with ansible-inventory --list"


def inventory_problems(text: bytes, file: str, expected: Mapping[str, Sequence[str]]) -> tuple[Problem, ...]:
    """What is wrong with the inventory.

    Args:
        text: what ``ansible-inventory --list`` writes.
        file: its name, for the places of problems.
        expected: the hosts of each group that the spec knows.

    Raises:
        InputError: it is no such text.
    """
    try:
        inventory = json.loads(text)
    except (ValueError, RecursionError):
        inventory = None
    if not isinstance(inventory, dict):
        raise InputError.of("is no inventory as JSON", place=Place(file), hint=_HINT)
    problems: list[Problem] = []
    for group, names in expected.items():
        found = dict.fromkeys(_members(inventory, group, frozenset()))
        known = frozenset(names)
        place = Place(file, path=group)
        hint = "add it to the spec, or take it out of the group"
        problems += _some([f"{name} is not in the spec" for name in found if name not in known], place, hint)
        hint = "add it to the group, or take it out of the spec"
        problems += _some([f"{name} of the spec is missing" for name in names if name not in found], place, hint)
    return tuple(problems)


def _members(inventory: dict[str, object], group: str, above: frozenset[str]) -> Iterator[str]:
    """The hosts of a group and of the groups in it."""
    entry = inventory.get(group)
    if not isinstance(entry, dict) or group in above:
        return
    yield from _texts(entry.get("hosts"))
    for child in _texts(entry.get("children")):
        yield from _members(inventory, child, above | {group})


def _texts(value: object) -> Iterator[str]:
    yield from (item for item in (value if isinstance(value, list) else ()) if isinstance(item, str))


def _some(found: Sequence[str], place: Place, hint: str) -> Iterator[Problem]:
    yield from (Problem(what, place, hint) for what in found[:_MOST])
    if len(found) > _MOST:
        yield Problem(f"and {len(found) - _MOST} more like the last one", place, hint)
