"""Changing a manifest in place: changes are planned on its structure, applied, and planned again on what came out.

Nothing may be left to do the second time: then the text was understood as it was written, and doing it again changes
nothing. What the changes are is not known here.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ringfence.errors import ManifestError, Place, Problem
from ringfence.model.version import Version
from ringfence.yamlio.edit import Splice, spliced

_BYTE_ORDER_MARK = "\ufeff"

_PASSES = 5
"""New entries at one and the same place go in one after the other; no manifest has so many of them."""


@dataclass(frozen=True, slots=True)
class Patched:
    """A manifest that was changed.

    Args:
        text: the whole of it; it may hold a private key, so it is not shown.
        changes: one line for each thing that is not as it was, without secrets; none where all was in place.
        version: the release that its images name, None where their tag is no version.
        notices: what the operator has to know about the result, each time.
    """

    text: str = field(repr=False)
    changes: tuple[str, ...]
    version: Version | None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a text, and how it is told; nothing is done where there are no splices."""

    what: str
    splices: tuple[Splice, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do to a text; the fields are as in ``Patched``."""

    changes: tuple[Change, ...]
    version: Version | None
    notices: tuple[str, ...] = ()


def patched(text: str, file: str, plan: Callable[[str], Work], *, with_keys: bool) -> Patched:
    """``text`` with everything done that ``plan`` finds to do.

    Args:
        text: the manifest, with its line endings as they are in the file.
        file: its name, for the places of problems.
        plan: from a text to what there is to do to it.
        with_keys: whether private keys may stand in the result.

    Raises:
        ManifestError: what ``plan`` raises; or the text cannot be changed in place, or holds a private key that would
            be kept although none should be in the result.
    """
    mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    here = text.removeprefix(mark)
    work = plan(here)
    splices, told = _together(work.changes)
    if not with_keys:
        _refuse_private_keys(here, splices, file)
    done: dict[str, None] = {}
    for _ in range(_PASSES):
        if not splices:
            return Patched(mark + here, tuple(done), work.version, work.notices)
        if any(what in done for what in told):
            break
        done.update(dict.fromkeys(told))
        here = spliced(here, splices)
        try:
            splices, told = _together(plan(here).changes)
        except ManifestError:
            break
    raise ManifestError.of(
        "the manifest cannot be changed in place", place=Place(file), hint="write it in plain block style"
    )


def _together(changes: Iterable[Change]) -> tuple[list[Splice], list[str]]:
    """The splices that can be applied at once, and what they do; a change that gets into their way has to wait."""
    splices: list[Splice] = []
    told: list[str] = []
    for change in changes:
        both = sorted((*splices, *change.splices))
        if change.splices and not any(_collide(one, other) for one, other in pairwise(both)):
            splices = both
            told.append(change.what)
    return splices, told


def _collide(one: Splice, other: Splice) -> bool:
    return other.start < one.end or (one.start, one.end) == (other.start, other.end)


_PEM_IN_BASE64 = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{34}")
"""The start of base64 of ``-----BEGIN ...``, 36 bytes of it."""


def _refuse_private_keys(text: str, splices: Sequence[Splice], file: str) -> None:
    """A key that would be kept, in a comment or in an annotation, does not get onto a screen either."""
    found = [one.start() for one in _PEM_IN_BASE64.finditer(text) if b"PRIVATE KEY" in base64.b64decode(one[0])]
    found += [one.start() for one in re.finditer("PRIVATE KEY-----", text)]
    kept = sorted(at for at in found if not any(splice.start <= at < splice.end for splice in splices))
    lines = dict.fromkeys(text.count("\n", 0, at) + 1 for at in kept)
    if lines:
        hint = "remove it, or have the result written to a file together with its keys"
        raise ManifestError(*(Problem("a private key stands here", Place(file, line), hint) for line in lines))
