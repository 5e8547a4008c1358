"""The JSON Patch (RFC 6902) that makes one value out of another, for kustomize and for kubeadm's ``--patches``.

Lists are walked by position, so a patch that was made for another release could hit the wrong item. Therefore each item
that is entered or replaced is tested first: a patch that does not fit is refused by whoever applies it, whole.
Made for manifests that were patched: items are changed and added there, rarely moved. A list whose items were moved or
taken out is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from ringfence.yamlio.dump import Plain

Operation = dict[str, Plain]
"""``op`` and ``path``, and a ``value`` unless it removes."""

_IDENTITIES = ("mountPath", "name", "key")
"""What tells the items of Kubernetes' lists apart, the first that an item has."""


def json_patch(before: Plain, after: Plain) -> tuple[Operation, ...]:
    """The operations, in the order in which they have to be applied; none where nothing differs.

    Args:
        before: the value to change.
        after: what it is to be.
    """
    return tuple(_changes("", before, after))


def _changes(path: str, before: Plain, after: Plain) -> Iterator[Operation]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(path, before, after)
    elif _is_list(before) and _is_list(after):
        yield from _items(path, before, after)
    elif type(before) is not type(after) or before != after:
        yield {"op": "replace", "path": path, "value": after}


def _members(path: str, before: Mapping[str, Plain], after: Mapping[str, Plain]) -> Iterator[Operation]:
    for name in before:
        if name not in after:
            yield {"op": "remove", "path": _below(path, name)}
    for name, value in after.items():
        if before.get(name) is None and value is not None:
            # Also where there is a null: readers drop it or keep it, and `replace` would miss a member that is gone.
            yield {"op": "add", "path": _below(path, name), "value": value}
        elif name in before:
            yield from _changes(_below(path, name), before[name], value)


def _items(path: str, before: Sequence[Plain], after: Sequence[Plain]) -> Iterator[Operation]:
    if repr(before) == repr(after):  # by ==, true and 1 would be the same
        return
    places = _places(before, after)
    if places is None:
        yield {"op": "test", "path": path, "value": before}
        yield {"op": "replace", "path": path, "value": after}
        return
    for new, (value, old) in enumerate(zip(after, places, strict=True)):
        here = f"{path}/{new}"
        if old is None:
            at_end = all(later is None for later in places[new:])
            yield {"op": "add", "path": f"{path}/-" if at_end else here, "value": value}
            continue
        changes = list(_changes(here, before[old], value))
        if changes:
            yield _test(here, before[old])
            yield from changes


def _test(path: str, item: Plain) -> Operation:
    """What holds only for this item: its identity, or all of it where it has none."""
    if isinstance(item, Mapping):
        for name in _IDENTITIES:
            if isinstance(item.get(name), str):
                return {"op": "test", "path": _below(path, name), "value": item[name]}
    return {"op": "test", "path": path, "value": item}


def _places(before: Sequence[Plain], after: Sequence[Plain]) -> list[int | None] | None:
    """For each item of ``after`` its place in ``before``, None for a new one; None where items moved or are gone."""
    known = [_identity(item) for item in before]
    if len(set(known)) != len(known):
        return None
    places: list[int | None] = [known.index(_identity(item)) if _identity(item) in known else None for item in after]
    return places if [place for place in places if place is not None] == list(range(len(before))) else None


def _identity(item: Plain) -> str:
    """What stays the same when an item is changed: its name, a flag's name, or else all of it."""
    if isinstance(item, Mapping):
        for name in _IDENTITIES:
            if isinstance(item.get(name), str):
                return f"{name} {item[name]}"
    if isinstance(item, str) and item.startswith("--"):
        return f"flag {item.partition('=')[0]}"
    return repr(item)


def _below(path: str, name: str) -> str:
    return f"{path}/{name.replace('~', '~0').replace('/', '~1')}"


def _is_list(value: Plain) -> TypeGuard[Sequence[Plain]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
