"""An identity of a component, and all of them together: who there is, what each role is given, and whose that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence.catalog.entry import Entry
from ringfence.errors import Place, Problem
from ringfence.keyspace import Span, SpanSet
from ringfence.model.names import NodeName, RoleName, UserName
from ringfence.model.permission import Access
from ringfence.model.probe import Example
from ringfence.model.state import Login
from ringfence.model.version import Version
from ringfence.spec.shape import PasswordSource
from ringfence.wanted.segments.grants import Granted
from ringfence.wanted.segments.owner import Owner


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that an identity logs in with: its file name, and the node that it is for, if for one."""

    name: str
    node: NodeName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An identity of a component.

    Args:
        roles: those that it holds, without root.
        node: the node that it is of; None where it is of none, or of all.
        certificates: what it logs in with; empty stands for the one of its own name.
        in_family: whether the owner is a family.
        takes_root: whether etcd gives what it needs to the role root alone.
        examples: keys as the real program uses them.
        notes: what to know of the release that was taken.
        remarks: what the catalog says loudly of everybody who runs the component.
    """

    identity: UserName
    roles: tuple[RoleName, ...]
    owner: Owner
    label: str
    place: Place
    node: NodeName | None = None
    certificates: tuple[Certified, ...] = ()
    password: PasswordSource | None = None
    in_family: bool = False
    takes_root: bool = False
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def login(self) -> Login:
        """How it logs in."""
        return Login.CERTIFICATE if self.password is None else Login.PASSWORD


@dataclass(slots=True)
class Parts:
    """All identities of all components.

    Args:
        parts: the identities.
        roles: what each role of theirs is given.
        owners: what the roles of each owner are given, all together.
        commons: the keys that families own beyond what their parts are given.
        problems: what is wrong.
    """

    parts: list[Part] = field(default_factory=list)
    roles: dict[RoleName, tuple[Granted, ...]] = field(default_factory=dict)
    owners: dict[Owner, list[Granted]] = field(default_factory=dict)
    commons: dict[Owner, tuple[Granted, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def give(self, owner: Owner, role: RoleName, granted: Sequence[Granted]) -> RoleName:
        """Note what a role of the owner's is given; the role."""
        self.roles[role] = tuple(granted)
        self.owners.setdefault(owner, list(self.commons.get(owner, ()))).extend(granted)
        return role


def owned_by_family(entry: Entry, place: Place) -> tuple[Granted, ...]:
    """The keys of a family, given to nobody by this."""
    assert entry.commons is not None
    keys = SpanSet(Span.of_prefix(prefix.encode()) for prefix in entry.commons.prefixes)
    return (Granted(access=Access.READ, keys=keys, shares_with=(), place=place, reason="keys that cannot be moved"),)


def release_notes(entry: Entry, asked: Version | None, *, needed: bool = True) -> tuple[str, ...]:
    """What to know of the release whose lines were taken; ``needed`` tells whether one should have been given."""
    taken = entry.release(asked)
    if asked is None:
        if not (needed and entry.varies()):
            return ()
        return (f"no release of {entry.releases} is given, and releases differ in what they need: {taken} is taken",)
    if taken.line == asked.line:
        return ()
    where = "the nearest below" if taken.line < asked.line else "the oldest that is known"
    return (f"the catalog does not know {entry.releases} {asked}: the lines of {taken} are taken, {where}",)
