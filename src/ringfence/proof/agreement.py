"""Whether the members of a cluster agree on users, roles and the switch, by what each said of itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """What one member says.

    Args:
        auth_enabled: whether auth is on, for its clients.
        auth_revision: its count of auth writes, None where it does not tell.
        users, roles: the names that it knows.
    """

    auth_enabled: bool
    auth_revision: int | None
    users: frozenset[str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and what it says, or in a few words why it says nothing."""

    name: str
    endpoint: str
    view: View | str


@dataclass(frozen=True, slots=True)
class Agreement:
    """All members; ``differences`` are sentences by the name of the member, none where all agree."""

    members: tuple[MemberView, ...] = ()

    @property
    def differences(self) -> dict[str, tuple[str, ...]]:
        """What each member that stands apart says otherwise than most."""
        views = [member.view for member in self.members if isinstance(member.view, View)]
        most = Counter(views).most_common(1)[0][0] if views else None
        found = {member.name: tuple(_apart(member.view, most)) for member in self.members}
        return {name: sentences for name, sentences in found.items() if sentences}


def agree(views: Sequence[MemberView]) -> bool:
    """Whether nobody stands apart."""
    return not Agreement(tuple(views)).differences


def _apart(view: View | str, most: View | None) -> Iterator[str]:
    if isinstance(view, str):
        yield view
    elif most is not None and view != most:
        if view.auth_enabled != most.auth_enabled:
            yield f"auth is {_switch(view)} there, and {_switch(most)} elsewhere"
        yield from _names("user", view.users, most.users)
        yield from _names("role", view.roles, most.roles)
        if view.auth_revision != most.auth_revision:
            yield f"its auth revision is {view.auth_revision}, that of the others {most.auth_revision}"


def _switch(view: View) -> str:
    return "on" if view.auth_enabled else "OFF"


def _names(kind: str, here: frozenset[str], there: frozenset[str]) -> Iterator[str]:
    for what, names in (("lacks", there - here), ("alone has", here - there)):
        if names:
            yield f"it {what} {kind}{'s' if len(names) > 1 else ''} {_some(sorted(names))}"


def _some(names: Sequence[str]) -> str:
    shown: Iterable[str] = names[:5]
    more = len(names) - 5
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
