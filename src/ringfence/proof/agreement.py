"""Whether the members of a cluster agree on users, roles and the switch, by what each said of itself. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class View:
    """What one member says.

    Args:
        auth_enabled: whether auth is on, for its clients.
        auth_revision: its count of auth writes, None where it does not tell, as a member before 3.5 among newer ones.
        users, roles: the names that it knows.
        grants: who holds what, a sentence each; None where the auth revision vouches for it.
    """

    auth_enabled: bool
    auth_revision: int | None
    users: frozenset[str]
    roles: frozenset[str]
    grants: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and what it says, or in a few words why it says nothing.

    Args:
        name: of the member.
        endpoint: where it was asked.
        view: what it says, or why nothing.
        knows_nobody: it answered that it does not know whom every other member knows.
    """

    name: str
    endpoint: str
    view: View | str
    knows_nobody: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """All members; ``differences`` are sentences by the name of the member, none where all agree."""

    members: tuple[MemberView, ...] = ()

    @property
    def differences(self) -> dict[str, tuple[str, ...]]:
        """What each member that stands apart says otherwise than most."""
        views = [member.view for member in self.members if isinstance(member.view, View)]
        most = _most(views) if views else None
        found = {member.name: tuple(_apart(member.view, most)) for member in self.members}
        return {name: sentences for name, sentences in found.items() if sentences}


def agree(views: Sequence[MemberView]) -> bool:
    """Whether nobody stands apart."""
    return not Agreement(tuple(views)).differences


def _most(views: Sequence[View]) -> View:
    """What most say; where those tell no auth revision, with the one that most of the others tell."""
    most = Counter(views).most_common(1)[0][0]
    told = Counter(view.auth_revision for view in views if view.auth_revision is not None)
    if most.auth_revision is None and told:
        return replace(most, auth_revision=told.most_common(1)[0][0])
    return most


def _apart(view: View | str, most: View | None) -> Iterator[str]:
    if isinstance(view, str):
        yield view
    elif most is not None and view != most:
        if view.auth_enabled != most.auth_enabled:
            yield f"auth is {_switch(view)} there, and {_switch(most)} elsewhere"
        yield from _names("user", view.users, most.users)
        yield from _names("role", view.roles, most.roles)
        if view.grants is not None and most.grants is not None:
            yield from _said(view.grants, most.grants)
        if view.auth_revision not in (None, most.auth_revision):
            yield f"its auth revision is {view.auth_revision}, that of the others {most.auth_revision}"


def _switch(view: View) -> str:
    return "on" if view.auth_enabled else "OFF"


def _names(kind: str, here: frozenset[str], there: frozenset[str]) -> Iterator[str]:
    for what, names in (("lacks", there - here), ("alone has", here - there)):
        if names:
            yield f"it {what} {kind}{'s' if len(names) > 1 else ''} {_some(sorted(names))}"


def _said(here: frozenset[str], there: frozenset[str]) -> Iterator[str]:
    for what, sentences in (("it lacks", there - here), ("it alone says", here - there)):
        if sentences:
            yield f"{what}: {_some(sorted(sentences))}"


def _some(names: Sequence[str]) -> str:
    shown: Iterable[str] = names[:5]
    more = len(names) - 5
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
